for name in ("nothere_q", "json"):
    try:
        __import__(name)
    except ImportError:
        continue
    else:
        break
else:
    raise ImportError("none")
