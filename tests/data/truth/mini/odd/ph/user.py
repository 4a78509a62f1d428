import ph.answers
import ph.raises
