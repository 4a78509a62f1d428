import csv
import json
