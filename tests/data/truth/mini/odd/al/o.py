import os.path.join
