"""One module for each request or idea of LSP. Each has `register(server)`; none imports another."""
