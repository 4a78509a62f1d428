"""A look at the TorchScript of a package before torch's C++ reads it."""
