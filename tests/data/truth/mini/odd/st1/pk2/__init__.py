__all__ = ["sub", "nosub"]
