import sys
sys.path.append("/no/such/folder")
import vend_nothing
