"""Where modules come from: the interpreter's own import system and other importers, alone or in a row. No torch."""
