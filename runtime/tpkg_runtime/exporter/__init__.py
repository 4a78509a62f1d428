"""Writing packages: modules with what they depend on, pickled objects, resources."""
