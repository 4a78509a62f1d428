import subprocess
try:
    subprocess.check_output(["/no/such/binary"])
except FileNotFoundError:
    pass
