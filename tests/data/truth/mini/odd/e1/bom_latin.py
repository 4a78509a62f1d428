# coding: latin-1
import json
