"""All that the analyzer reads from outside: files, an editor's buffers, an interpreter's description of itself."""
