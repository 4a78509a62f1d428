both = "attribute"
from fr2.good import thing
