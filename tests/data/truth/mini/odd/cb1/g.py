import sys
match sys.platform:
    case "win32": import nothere_a
    case "linux" | "darwin": import json
    case _: import nothere_b
