# coding: no-such-codec
import json
