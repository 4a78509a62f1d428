raise NotImplementedError if __name__ != "x" else ImportError
