import platform
if platform.system() == "Windows":
    import nothere_a
