"""Exit statuses, as linters have them."""

CLEAN = 0
FINDINGS = 1
UNUSABLE = 2
INTERRUPTED = 130
"""As shells count an end by Ctrl-C."""
