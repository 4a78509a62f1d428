from .base import register, registry
@register("three")
class A: pass
registry["two"]
