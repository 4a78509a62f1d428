"""Runs in the user's interpreter, as a child of the analyzer: exports and imports for real and says what it saw."""
