from .sub import value
from . import late
import fr.sub2 as sub2
both = "attribute"
