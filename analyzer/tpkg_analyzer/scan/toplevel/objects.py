"""Objects of classes: what their constructors do and set, and their methods."""

from functools import partial
from types import ModuleType
from typing import Any

from tpkg_analyzer.scan.toplevel.binding import Binding
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Bound,
    Class,
    Function,
    Instance,
    Members,
    Method,
    Native,
    Row,
    Super,
    Table,
    Value,
    ancestors,
    classes_of,
    forget,
)

_MADE_ELSEWHERE = ("__new__", "__getattribute__", "__setattr__", "__slots__")
"""Methods with which an object is not what its constructor sets."""
_ABSTRACT = frozenset({"_collections_abc", "abc", "importlib._abc", "importlib.abc"})
"""Modules whose classes say what methods there are, and nothing of how objects are made."""
_ENUMERATIONS = "enum"
_IGNORED = "_ignore_"
"""The name under which an enumeration lists what is no member of it."""
MODULE_TYPE = Class("ModuleType", is_plain=True)
"""`types.ModuleType`, of which lazy modules are made: its constructor sets the name."""


class Objects(Binding):
    """The part of the machine that makes objects. Only classes with one base each, all of them read, are followed.

    Bases that only say what methods there are end the line.
    """

    def members_of(self, cls: Class) -> dict[str, Value]:
        """Return the names in a class's body; the process knows where to read them."""
        raise NotImplementedError

    def call_function(self, function: Function, arguments: list[Value], named: dict[str, Value], frame: Frame) -> Value:
        """Call a function and return its result, UNKNOWN where it is not followed."""
        raise NotImplementedError

    def may_change_by(self, cls: Value) -> None:
        """Note that any method of a class may be called."""
        raise NotImplementedError

    def may_run(self, *values: Value, depth: int = 0) -> None:
        """Note that functions may be called by what is not followed."""
        raise NotImplementedError

    def is_made_otherwise(self, cls: Class) -> bool:
        """Tell whether calling a class may give anything: its metaclass has a `__call__`."""
        return any("__call__" in self.members_of(item) for item in classes_of(cls.metaclass))

    def is_member(self, cls: Class, name: str) -> bool:
        """Tell whether an enumeration certainly has a member of a name: nobody can take one away again."""
        if not (cls.is_plain and cls.is_certain and any(_is_enumeration(item) for item in ancestors(cls))):
            return False
        body = self.members_of(cls)
        return name in body and not name.startswith("_") and _IGNORED not in body

    def made(self, cls: Class, arguments: list[Value], named: dict[str, Value], frame: Frame) -> Instance:
        """Return a new object of a class. Raises RaisedError where its constructor certainly does."""
        is_text = str in cls.bases and len(arguments) == 1 and isinstance(arguments[0], str)
        made = Instance(cls, tuple(arguments), arguments[0] if is_text else None, certain_at=self.uncertain)
        line = self._line_of(cls)
        if line is None or any(name in self.members_of(item) for item in line for name in _MADE_ELSEWHERE):
            return made
        constructors = [found for item in line if (found := self.members_of(item).get("__init__")) is not None]
        if not constructors:
            made.is_open = False
            if line[-1] is MODULE_TYPE:
                made.attributes["__name__"] = arguments[0] if arguments else UNKNOWN
        elif isinstance(constructors[0], Function) and not constructors[0].decorators:
            made.is_open = False
            if line[-1] is MODULE_TYPE:
                self.fruitless.pop(constructors[0], None)  # a package of lazy packages makes one for each of them
            try:
                self.call_function(constructors[0], [made, *arguments], named, frame)
            except BaseException:
                made.is_open = True
                raise
        return made

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Set an attribute as the machine does; nobody knows what a property makes of it."""
        if isinstance(owner, Instance) and isinstance(owner.of, Class):
            members = (self.members_of(cls).get(name) for cls in self._line_of(owner.of) or ())
            found = next((item for item in members if item is not None), None)
            if isinstance(found, Function) and found.decorators:
                owner.is_open = True
                self.may_run(Bound(found, owner))
            owner.is_open |= self._is_ambiguous(owner, name)
        super().set_attribute(owner, name, value)

    def attribute_of_object(self, owner: Instance, name: str) -> Value:
        """Return an attribute of an object, UNKNOWN where it cannot be told; nothing is certainly missing."""
        if owner.text is not None and hasattr(str, name):
            return Method(owner.text, name)
        if owner.is_open or not isinstance(owner.of, Class):
            self.may_change_by(owner.of)  # what it inherits may call its methods
            return UNKNOWN
        if self._is_ambiguous(owner, name):
            owner.is_open = True
            self.may_change_by(owner.of)
            return UNKNOWN
        if name in owner.attributes:
            return owner.attributes[name]
        for cls in self._line_of(owner.of) or ():
            found = self.members_of(cls).get(name)
            if isinstance(found, Function) and not found.decorators:
                return Bound(found, owner)
            if found is not None:
                owner.may_have_more = True  # a property may set others
                self.lend(owner)
                if isinstance(found, Function):
                    self.may_run(Bound(found, owner))
                return found if isinstance(found, Class) else UNKNOWN
        owner.is_open |= name == "__dict__"  # through which anything may be set
        self.may_change_by(owner.of)
        return UNKNOWN

    def line_behind(self, owner: Instance, named: Value) -> tuple[Class, ...] | None:
        """Return the bases of an object that are asked behind a class, or behind that of a method, None if unknown."""
        line = self._line_of(owner.of) if isinstance(owner.of, Class) else None
        for place, cls in enumerate(line or ()):
            if cls is named or any(item is named for item in self.members_of(cls).values()):
                return tuple(line[place + 1 :]) if line is not None else None
        return None

    def inherited(self, asked: Super, name: str) -> Value:
        """Return what the bases behind a class have by a name; the object is open behind what is not followed."""
        owner = asked.owner
        found = next((item for cls in asked.line if (item := self.members_of(cls).get(name)) is not None), None)
        if isinstance(found, Function) and not found.decorators:
            return Bound(found, owner)
        if found is None and name == "__init__":
            return Native("__init__", partial(_initialize, owner, is_module=asked.line[-1:] == (MODULE_TYPE,)))
        owner.is_open = True
        self.may_change_by(owner.of)
        return UNKNOWN

    def lend(self, owner: Instance) -> None:
        """Note that an object has given what nobody has looked at: one of its containers, maybe, to be changed."""
        for value in owner.attributes.values():
            if isinstance(value, (Row, Table, Members)):
                forget(value)

    def lacks(self, owner: Value, name: str) -> bool:
        """Tell whether an object of a class without bases certainly has no attribute of a name."""
        if not isinstance(owner, Instance) or not isinstance(owner.of, Class) or not owner.of.is_plain:
            return False
        if owner.is_open or owner.may_have_more or owner.of.bases or name in owner.attributes or hasattr(object, name):
            return False
        return self.members_of(owner.of).keys().isdisjoint((name, "__getattr__")) and owner.of.is_plain

    def certainly_lacks(self, owner: Instance, name: str) -> bool:
        """Tell whether an object, of a module's class maybe, has no attribute of a name but what its hook may give."""
        return self._line_without(owner, name) is not None

    def hook_of(self, owner: Value) -> Bound | None:
        """Return the `__getattr__` of an object that is a module by its class, where all of the object can be seen."""
        if not isinstance(owner, Instance) or owner.is_open or not isinstance(owner.of, Class):
            return None
        line = self._line_of(owner.of)
        if line is None or line[-1] is not MODULE_TYPE:
            return None
        return self._hook_in(line, owner)

    def hook_for(self, owner: Instance, name: str) -> Bound | None:
        """Return the `__getattr__` that an object is asked for an attribute which it certainly has not by itself."""
        line = self._line_without(owner, name)
        if line is None or line[-1].bases:
            return None
        own = [cls for cls in line if cls is not MODULE_TYPE]  # which have all been read by now
        if not all(cls.is_listed and cls.is_certain for cls in own) or any(cls.has_hook for cls in own[1:]):
            return None
        return self._hook_in(line, owner)

    def _line_without(self, owner: Instance, name: str) -> list[Class] | None:
        """Return the classes of an object that has no attribute of a name, nor have they; None for any other."""
        if owner.is_open or owner.may_have_more or name in owner.attributes or not isinstance(owner.of, Class):
            return None
        if hasattr(ModuleType, name) or (name.startswith("_") and "__" in name and not name.startswith("__")):
            return None  # every object has it, or it may be a private one of a class
        line = self._line_of(owner.of)
        return line if line is not None and all(name not in self.members_of(cls) for cls in line) else None

    def _hook_in(self, line: list[Class], owner: Instance) -> Bound | None:
        found = next((item for cls in line if (item := self.members_of(cls).get("__getattr__")) is not None), None)
        return Bound(found, owner) if isinstance(found, Function) and not found.decorators else None

    def _is_ambiguous(self, owner: Instance, name: str) -> bool:
        """Tell whether a name is private to the class whose method says it, and several of the object's may do so."""
        if not name.startswith("__") or name.endswith("__") or not isinstance(owner.of, Class):
            return False
        line = self._line_of(owner.of) or ()
        return len([cls for cls in line if cls is not MODULE_TYPE]) > 1

    def _line_of(self, cls: Class) -> list[Class] | None:
        """Return a class and its bases in the order in which they are asked, None where that is not all."""
        line: list[Class] = []
        while cls.is_plain and cls not in line:
            line.append(cls)
            if not cls.bases or _is_abstract(cls.bases):
                return line
            if len(cls.bases) > 1 or not isinstance(cls.bases[0], Class):
                return None
            cls = cls.bases[0]
        return None


def _initialize(
    owner: Instance, _machine: Any, _frame: Frame, arguments: list[Value], _named: dict[str, Value], *, is_module: bool
) -> None:
    """Do what `object` does, or `types.ModuleType`, for a new object."""
    if is_module:
        owner.attributes["__name__"] = arguments[0] if arguments else UNKNOWN


def _is_abstract(bases: tuple[Value, ...]) -> bool:
    return all(isinstance(base, Class) and base.module is not None and base.module.name in _ABSTRACT for base in bases)


def _is_enumeration(cls: Value) -> bool:
    return isinstance(cls, Class) and cls.module is not None and cls.module.name == _ENUMERATIONS
