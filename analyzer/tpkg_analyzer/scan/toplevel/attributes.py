"""What modules and modelled objects have as attributes, asked for in the way that Python asks."""

from pathlib import PurePath
from types import ModuleType

from tpkg_analyzer.scan.toplevel.mappings import Mappings
from tpkg_analyzer.scan.toplevel.paths import attribute_of_path
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.requirements import Specifiers
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Function,
    Instance,
    Method,
    Module,
    Namespace,
    RaisedError,
    Super,
    Value,
)
from tpkg_analyzer.scan.toplevel.versions import Version

_VERSION_ATTRIBUTES = frozenset({"major", "minor", "micro", "release", "base_version"})


class Attributes(Mappings):
    """The part of a process that asks for attributes."""

    _modelled: frozenset[str]
    """The modules of which something is modelled."""

    def module_attribute(self, module: Module, name: str) -> Value:
        """Return an attribute of a module, asking its `__getattr__` (PEP 562) where it has one."""
        if module.name in self._modelled and (native := self.natives.get(f"{module.name}.{name}")) is not None:
            return native
        if name in module.names:
            if name in module.perhaps:
                self.may_raise(AttributeError)
            return module.names[name]
        if name == "__dict__":
            return Namespace("globals", module)
        hook = module.names.get("__getattr__")
        if isinstance(hook, Function) and name != "__path__":
            return self.ask_hook(module, name)
        is_special = name not in {"__path__", "__file__"} and hasattr(ModuleType, name)
        if hook is not None or is_special or module.may_have(name):
            return UNKNOWN
        raise RaisedError(AttributeError, f"module {module.name} has no attribute {name}", name=name)

    def ask_hook(self, module: Module, name: str) -> Value:
        """Return what a module's own `__getattr__` gives for a name. Raises what that raises."""
        try:
            return self._answer_of_hook(module.names["__getattr__"], name, module)
        except RaisedError:
            if module.is_open:
                return UNKNOWN
            raise

    def known_attribute(self, owner: Value, name: str) -> Value:
        """Return an attribute of a modelled value."""
        if isinstance(owner, Version):
            return getattr(owner, name) if name in _VERSION_ATTRIBUTES else UNKNOWN
        if isinstance(owner, PurePath):
            return attribute_of_path(owner, name, self.files)
        if isinstance(owner, Specifiers):
            return Method(owner, name) if name == "contains" else UNKNOWN
        if isinstance(owner, Record):
            return owner.attributes.get(name, UNKNOWN)
        if isinstance(owner, Super):
            return self.inherited(owner, name)
        if not isinstance(owner, Instance):
            return UNKNOWN
        if (hook := self.hook_for(owner, name)) is not None:
            return self._answer_of_hook(hook, name, hook.function.module)
        return self.attribute_of_object(owner, name)
