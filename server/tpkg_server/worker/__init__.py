"""The process that analyses, so that the one that talks to the editor always has time to answer."""
