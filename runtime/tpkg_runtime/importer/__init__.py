"""Loading packages: modules of their own world, pickled objects, resources."""
