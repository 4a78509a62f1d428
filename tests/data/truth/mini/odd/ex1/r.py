try:
    with open(__file__ + ".nothing") as fh: text = fh.read()
except FileNotFoundError:
    text = ""
text.upper()
