import json

