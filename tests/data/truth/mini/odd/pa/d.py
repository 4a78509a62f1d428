import site
site.addsitedir(__file__.replace("d.py", "vendor2"))
import vend_s
