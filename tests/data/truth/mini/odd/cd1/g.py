from . import _impl
_impl.x
