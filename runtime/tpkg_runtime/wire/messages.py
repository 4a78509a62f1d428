"""The request to a probe and what it answers, a line each.

A probe is a child process in the user's interpreter that exports and imports for real.
"""

from dataclasses import dataclass
from enum import Enum


class ExperimentKind(Enum):
    """What a probe can try. Unless said otherwise the experiment's `module` is one that the package interns."""

    EXPORT_ERROR = "export-error"
    """The export names `symbol` as broken; `expression` is the reason's name, where only one will do."""
    EXPORT_RAISES = "export-raises"
    """The export raises the exception whose class is called `symbol`."""
    NO_ACTION_BELOW = "no-action-below"
    """The export names `symbol`, or a module below it, as one without an action."""
    PATTERN_UNUSED = "pattern-unused"
    """The action with the index `symbol`, or its pattern with the index `expression`, is given to no module."""
    MAIN_OBJECT = "main-object"
    """The object called `symbol` is pickled as one of the script that is run."""
    DROPPED = "dropped"
    """The host cannot import `symbol`, and the package neither holds it nor names it as extern."""
    LOAD_RAISES = "load-raises"
    """The exported archive cannot be opened."""
    IMPORT_RAISES = "import-raises"
    """Importing `module` from the package raises, in the statement with the line `expression` if one is given.

    Importing the host's does not.
    """
    LOAD_TWICE_RAISES = "load-twice-raises"
    """Importing `module` from a second importer raises."""
    NAME_MISSING = "name-missing"
    """`symbol` is there in the host's `module` and not in the package's."""
    SUBMODULE_MISSING = "submodule-missing"
    """The package does not hold the module `symbol`, and `expression` raises in the packaged `module` for it."""
    RAISES_INSIDE = "raises-inside"
    """`expression` raises with the globals of the packaged `module`, or does where the project is not installed."""
    DIFFERS_INSIDE = "differs-inside"
    """`expression` gives another value in the packaged `module` than in the host's, or where the host has none."""
    GIVES_LOADER = "gives-loader"
    """`expression` gives a loader of the host, which knows nothing of the package."""
    DISTRIBUTION = "distribution"
    """`expression` tells of an installed distribution, `symbol`, whose modules the package holds."""
    GARBLED = "garbled"
    """The texts in `module` are others in the package."""
    MANGLED_NAME = "mangled-name"
    """A module of the package that is called `symbol`, or is below it, has another `__name__` there."""
    LAZY_NAMES = "lazy-names"
    """What `__getattr__` of `module` gives in the host, it does not give of the package's own."""
    REPLACED_MODULE = "replaced-module"
    """`module` is another kind of object in the package than in the host."""
    PAST_PACKAGE = "past-package"
    """Lines of `module` import past the package by the function `symbol`.

    `expression` is "3-4 net.": the lines, and the text that the name begins with.
    """
    HOST_IMPORT = "host-import"
    """The import that `expression` makes in the packaged `module` does not give the package's own `symbol`."""
    OWN_STATE = "own-state"
    """`symbol` of `module` is another object in each package and in the host."""
    OWN_BINDING = "own-binding"
    """What is assigned to `symbol` in one copy of `module` is not seen in the others."""
    REGISTERS = "registers"
    """The statement of `module` with the line `expression` calls `symbol`, a function of the process, at each load.

    Or it raises at one.
    """
    OWN_CLASS = "own-class"
    """The class `symbol` of the package and that of the host do not know each other's instances."""
    PATCHED = "patched"
    """Importing `module` from the package leaves something of the package in the host's `symbol`."""
    FILLS_TABLE = "fills-table"
    """Importing `module` from the package adds something of the package to the host's table `symbol`."""
    UNPICKLABLE = "unpicklable"
    """The attribute `symbol`, module, class and name, of an object cannot be pickled; or a `torch.jit.ScriptModule`."""
    REDUCED = "reduced"
    """An object of the class `symbol`, pickled by its `__reduce_package__`, cannot be saved or loaded."""
    PROTOCOL = "protocol"
    """The class `symbol`, or anything where there is none, is refused with the protocol `expression`, or not loaded."""
    TEMPORARY = "temporary"
    """A temporary of the class `symbol` is gone after it was saved, and the exporter still goes by its address."""
    REEXPORTED = "reexported"
    """What was loaded from the package is refused by an exporter that does not know its importer."""
    ESCAPES = "escapes"
    """Pickle refuses the class `symbol` of the package, or those of its `module`, or any that it holds."""
    RESOURCE_MISSING = "resource-missing"
    """The package has nothing to load under the record `symbol`, the folders of a package and a name."""
    RESOURCE_LOST = "resource-lost"
    """What was saved under the package name `symbol` cannot be loaded."""
    IMPORTABLE = "importable"
    """The resource `symbol`, written as a module, can be imported from the package."""


class Verdict(Enum):
    """How an experiment ended."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One prediction to try; `id` comes back with the verdict."""

    id: int
    kind: ExperimentKind
    module: str
    symbol: str
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Save:
    """One call of the exporter that saves something.

    `how` is module, object, globals, source, resource or dependency; `name` the module, or the package of a resource;
    `detail` the class of an object, the text of a source, or the name of a resource, also of a pickle whose `globals`
    are known: what it refers to, pairs of module and name.
    """

    how: str
    name: str
    detail: str | None = None
    globals: tuple[tuple[str, str], ...] = ()
    is_package: bool = False
    dependencies: bool = True


@dataclass(frozen=True, slots=True)
class Declaration:
    """One call of intern, extern, mock or deny."""

    action: str
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    allow_empty: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the exporter: exactly one of the two is given."""

    save: Save | None = None
    declaration: Declaration | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A package to export, in the order of its calls, or an `archive` to open, and what to try with it.

    `paths` are the folders that the project's modules are imported from, `runtime` whose behaviour decides, `smoke`
    the function of the project, `module:name`, that is called with the loaded package, `memory` the limit in bytes, and
    `main` the script that exports, where what it pickles is its own. `read_only` are the folders that nothing may be
    written to.
    """

    package: str
    steps: tuple[Step, ...]
    paths: tuple[str, ...]
    runtime: str
    experiments: tuple[Experiment, ...]
    smoke: str | None = None
    memory: int | None = None
    main: str | None = None
    read_only: tuple[str, ...] = ()
    archive: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one experiment, with one line of evidence."""

    id: int
    verdict: Verdict
    evidence: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What the real exporter held after the calls; `raised` is the name of the exception that ended it.

    `substituted` names the objects whose class had to stand for them, because it could not be called without arguments.
    """

    runtime: str
    interned: tuple[str, ...]
    externed: tuple[str, ...]
    mocked: tuple[str, ...]
    denied: tuple[str, ...]
    broken: dict[str, str]
    raised: str | None
    substituted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenImport:
    """A packaged module asked the host's import system for `target`, past the package."""

    module: str
    line: int
    target: str
    is_in_package: bool
    while_running: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the run itself that a person should know."""

    text: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files of all modules that were imported: as long as they stay as they are, the answers do."""

    files: tuple[str, ...]


ANSWERS = (Answer, Exported, SeenImport, Note, Loaded)
