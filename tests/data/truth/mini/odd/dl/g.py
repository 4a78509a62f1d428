try:
    import json
finally:
    del json
json
