from .base import register
@register("one")
class A: pass
