"""What the analyzer and its probe say to each other. Standard library only: both sides load it."""
