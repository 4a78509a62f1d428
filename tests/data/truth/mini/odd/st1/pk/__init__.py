__all__ = ["sub", "other"]
