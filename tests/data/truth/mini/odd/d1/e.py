import json
class B(json.NoSuchThing): pass
