import os
if os.environ.get("ODD_NOT_SET", "0") == "1": import nothere_a
x = os.environ["ODD_NOT_SET"]
