"""Configuration: where it is found, what it may say, and what its packages mean."""
