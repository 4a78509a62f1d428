"""Exit statuses, as linters have them."""

CLEAN = 0
FINDINGS = 1
UNUSABLE = 2
