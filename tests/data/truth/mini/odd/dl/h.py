import json as j
json
