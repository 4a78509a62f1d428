"""Predicts what an export contains and finds what breaks inside the package; never runs user code."""
