import os
if os.name == "nt":
    import msvcrt_q
if os.name == "posix":
    import posix
