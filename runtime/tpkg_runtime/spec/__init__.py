"""The executable specification of an export: patterns, imports, actions, errors, graph. Needs no torch, does no I/O."""
