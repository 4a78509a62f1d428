import platform
major, minor, *_ = platform.python_version_tuple()
if int(major) < 3 or int(minor) < 5:
    raise RuntimeError
