"""What a module's top level does when it is imported: written down small, then acted out without running it."""
