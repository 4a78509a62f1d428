"""Exports that are written in code: found and evaluated without running anything."""
