"""Runs the rules over files and closures, and says which findings a person wants to see."""
