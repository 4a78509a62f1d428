"""The analyzer as one object: what the command line and the language server both ask."""
