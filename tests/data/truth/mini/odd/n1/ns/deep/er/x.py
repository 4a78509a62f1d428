from ... import leaf
