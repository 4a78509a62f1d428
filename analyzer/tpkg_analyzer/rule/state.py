"""What a module holds that can be changed, and what it changes, its own and that of others: the summary of one file."""

from dataclasses import dataclass

from tpkg_runtime.spec.source import Span


@dataclass(frozen=True, slots=True)
class Holder:
    """A name that the top level of a module or the body of a class binds; `name` is dotted below a class."""

    name: str
    span: Span
    is_container: bool
    bindings: int
    """How many statements bind it outside of functions."""
    made_by: str | None = None
    """The full dotted name of what is called to make its value."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of what `target`, a full dotted name, stands for.

    A rebinding gives the name another value; any other change is one of the object's content.
    """

    target: str
    is_rebinding: bool
    span: Span
    function: str
    """The qualified name of the function around it; empty at the top level and in class bodies."""
    owner: str = ""
    """The dotted class whose method changes its own instance's or class's attribute."""
    through_instance: bool = False
    value: str | None = None
    """The full dotted name that is assigned, where it is one."""
    is_constant: bool = False
    """Whether what is assigned is a number, a text, None, True or False."""
    adds_parameter: bool = False
    """Whether what it puts in is a parameter of the outermost function: it registers what others hand over."""
    adds_derived: bool = False
    """Whether what it puts in was at least made from such a parameter."""
    is_exposed: bool = True
    """Whether it can happen once the import is over: not at the top level, nor in what only the top level calls."""
    condition: str = ""
    """What has to hold for it at the top level: the test of the innermost `if` around it, on one line."""


@dataclass(frozen=True, slots=True)
class ImportCall:
    """A call or decorator that runs while the module is imported; `function` is the full dotted name called."""

    function: str
    span: Span
    decorated: str = ""
    """The qualified name of the function or class that a decorator is for; empty for any other call."""


@dataclass(frozen=True, slots=True)
class ModuleState:
    """The summary of one file; depends on its text, its dotted name and the platform."""

    module: str
    holders: tuple[Holder, ...] = ()
    changes: tuple[Change, ...] = ()
    import_calls: tuple[ImportCall, ...] = ()
    imports: tuple[tuple[str, str], ...] = ()
    """Each name that an import at the top level binds, with the full dotted name of what it imports."""
    stars: tuple[str, ...] = ()
    """The modules of which the top level imports everything."""
    names: frozenset[str] = frozenset()
    """What the top level binds, imports aside."""
    classes: frozenset[str] = frozenset()
    """The classes of the top level and the classes in them, by dotted name."""
    instance_attributes: frozenset[str] = frozenset()
    """`Class.attribute` for each attribute that a method gives to its own instance."""
    given_attributes: frozenset[str] = frozenset()
    """The attributes that are assigned on objects of which the file does not tell what they are."""
    defined: tuple[tuple[str, Span], ...] = ()
    """Each of these classes and of their methods, by dotted name, with the place of its name."""
    loggers: tuple[Span, ...] = ()
    """The calls of `logging.getLogger(__name__)`, at import or not."""

    def import_of(self, name: str) -> str | None:
        """Return what an import binds to `name`."""
        return next((target for bound, target in self.imports if bound == name), None)
