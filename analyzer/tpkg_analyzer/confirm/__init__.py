"""Turns predictions into facts: asks a probe in the user's interpreter to do the real thing."""
