"""Results as text for people and programs. Pure functions: no file is read or written here."""
