import fa.ok
import fa.fails
