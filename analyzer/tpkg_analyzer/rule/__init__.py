"""What a rule is and what it may ask; rules themselves are in `rules`, one file each."""
