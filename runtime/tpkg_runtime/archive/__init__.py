"""Archives: records by name in a zip file, a buffer or a folder.

Knows nothing of modules and pickles, and needs no torch.
"""
