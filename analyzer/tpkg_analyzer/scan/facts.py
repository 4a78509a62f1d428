"""What a file says by itself.

Facts depend on the bytes, on the version of the target, and on that of the Python that runs this tool and parses them,
so they are kept by digest.
"""

import ast
import re
import symtable
import warnings
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from tpkg_analyzer.scan.depth import too_deep
from tpkg_analyzer.scan.skeleton import Part, Skeleton, skeleton_of
from tpkg_analyzer.scan.toplevel.outline import Outline, outline_of
from tpkg_analyzer.sources.compiler import RUNNING, Compiler, UnansweredError
from tpkg_analyzer.sources.files import digest_of
from tpkg_analyzer.sources.notebooks import NO_NOTEBOOK
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import Import, imports_of_tree
from tpkg_runtime.spec.source import START, Span

SCANNER_VERSION = 27
"""Raised whenever the same bytes give other facts: it is part of the key under which they are kept."""

_FILE = re.compile(rb"\b__file__\b")
_SHORTEST_SKELETON = 1_000
_LARGEST_PART = 0.8


class Stops(Enum):
    """What a problem stops."""

    IMPORT = "import"
    """The file cannot be imported."""
    SCAN = "scan"
    """Python imports the file, and the exporter cannot scan it."""
    READING = "reading"
    """Python may import the file, and the one that runs this tool cannot parse it: of what it does nothing is known."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be read as Python, or why the exporter cannot scan it although Python imports it."""

    message: str
    span: Span
    stops: Stops = Stops.IMPORT
    error: str = SyntaxError.__name__
    """The class of what importing the file raises."""

    @property
    def stops_import(self) -> bool:
        """Whether the file certainly cannot be imported."""
        return self.stops is Stops.IMPORT


@dataclass(frozen=True)
class TopLevel:
    """What importing one file does: the facts of a module that nobody packs."""

    digest: str
    problem: Problem | None = None
    packed_outline: bytes = b""

    @property
    def outline(self) -> Outline:
        """What happens when the module is imported; read anew each time, for it takes room and is asked for once."""
        steps: Any = msgspec.msgpack.decode(self.packed_outline) if self.packed_outline else []
        return list(steps)

    @property
    def is_parsed(self) -> bool:
        """Whether the file is Python that this tool can read."""
        return self.problem is None or self.problem.stops is Stops.SCAN


@dataclass(frozen=True)
class ModuleFacts(TopLevel):
    """All facts of one file."""

    size: int = 0
    """The length of the source text in UTF-8 bytes, as an archive stores it."""
    imports: tuple[Import, ...] = ()
    mentions_file: bool = False
    """Whether the name `__file__` occurs in it, at all."""


_ENCODER = msgspec.msgpack.Encoder()


def read_facts(
    data: bytes,
    version: tuple[int, int] = RUNNING,
    *,
    is_compiled: bool = False,
    compiler: Compiler | None = None,
    digest: str = "",
) -> ModuleFacts:
    """Scan one file for a Python of `version`. Never raises: what cannot be read is the problem of the facts.

    `is_compiled` says that the Python of `version` is known to compile the file; `compiler` is the one of that Python,
    where another one runs this tool. `digest` is that of the data, where it is known already.
    """
    digest = digest or digest_of(data)
    source = text_of(data)
    if isinstance(source, Problem):
        return ModuleFacts(digest, source)
    encoded = source.encode("utf-8", "surrogatepass")
    size, mentions_file = len(encoded), b"__file__" in encoded and _FILE.search(encoded) is not None
    parsed = _outlined(source, Part.ALL, version, compiler, is_compiled=is_compiled)
    if isinstance(parsed, Problem):
        imports = compiler.imports(source) if compiler is not None and parsed.stops is Stops.READING else ()
        return ModuleFacts(digest, parsed, size=size, imports=imports, mentions_file=mentions_file)
    tree, text, outline = parsed
    return ModuleFacts(digest, _depth_problem(tree), outline, size, imports_of_tree(tree, text), mentions_file)


def read_top_level(
    data: bytes,
    version: tuple[int, int] = RUNNING,
    *,
    is_compiled: bool = False,
    compiler: Compiler | None = None,
    digest: str = "",
) -> TopLevel:
    """Scan one file as `read_facts` does, for what importing it does and nothing else: about twice as fast.

    That its imports or expressions are too deep for the exporter's scan is no problem of a module that is not packed.
    """
    digest = digest or digest_of(data)
    source = text_of(data)
    if isinstance(source, Problem):
        return TopLevel(digest, source)
    parsed = _outlined(source, Part.TOP_LEVEL, version, compiler, is_compiled=is_compiled)
    return TopLevel(digest, parsed) if isinstance(parsed, Problem) else TopLevel(digest, None, parsed[-1])


def text_of(data: bytes) -> str | Problem:
    """Return the source text of a file, or why it has none."""
    if data.startswith(NO_NOTEBOOK):
        return Problem(data.decode().rstrip(), START)
    try:
        return decode_source(data)
    except (SyntaxError, ValueError, LookupError) as error:
        return Problem(f"cannot be decoded: {error}", START)


def _outlined(
    source: str, part: Part, version: tuple[int, int], compiler: Compiler | None, *, is_compiled: bool
) -> tuple[ast.Module, str, bytes] | Problem:
    """Return what was parsed of a source, as a tree and as a text, and the packed outline."""
    if compiler is not None and not is_compiled:
        try:
            refusal = compiler.refusal(source)
        except UnansweredError:
            pass
        else:
            if refusal is not None:
                return Problem(refusal.message, _span(*refusal.place), error=refusal.error)
            is_compiled = True
    try:
        tree, skeleton = _parsed(source, part, is_compiled=is_compiled)
        return tree, skeleton.text, _ENCODER.encode(outline_of(tree, skeleton, version))
    except SyntaxError as error:
        place = _span(error.lineno or 0, error.offset or 0, error.end_lineno or 0, error.end_offset or 0)
        problem = Problem(error.msg, place, error=type(error).__name__)
        is_final = version == RUNNING or (version < RUNNING and not is_compiled)
        return problem if is_final else _unread(problem, version, is_compiled=is_compiled)
    except (ValueError, RecursionError, MemoryError) as error:
        problem = Problem(str(error), START, error=type(error).__name__)
        # How deep code may be nested differs from Python to Python, and from one call of the parser to another one.
        is_final = isinstance(error, ValueError) or (version == RUNNING and not is_compiled)
        return problem if is_final else Problem(f"not checked, it is nested too deep: {error}", START, Stops.READING)


def _unread(problem: Problem, version: tuple[int, int], *, is_compiled: bool) -> Problem:
    """Return why this Python cannot read what the Python of `version` may compile, or does."""
    running, target = (f"Python {'.'.join(map(str, item))}" for item in (RUNNING, version))
    knows = f"{target} compiles it, and" if is_compiled else f"it may be as {target} wants it:"
    message = f"not checked, {knows} tpkg-lint runs under {running}, which says: {problem.message}"
    return Problem(message, problem.span, Stops.READING)


def _parsed(source: str, part: Part, *, is_compiled: bool) -> tuple[ast.Module, Skeleton]:
    """Parse a source, without what cannot matter where that is worth it; return what was parsed as well."""
    if not is_compiled and part is Part.ALL:  # what is packed is somebody's own, and may be half written
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "source", "exec", dont_inherit=True)
        is_compiled = True
    skeleton = skeleton_of(source, part) if len(source) > _SHORTEST_SKELETON else None
    if skeleton is not None and (is_compiled or len(skeleton.text) < _LARGEST_PART * len(source)):
        try:
            if not is_compiled:
                symtable.symtable(source, "source", "exec")  # parses all of it, and makes no objects of it
            return ast.parse(skeleton.text), skeleton
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # whatever it is, the whole source has it, or is cut in the wrong place
    return ast.parse(source), Skeleton(source)


def _span(line: int, column: int, end_line: int, end_column: int) -> Span:
    """Return the place of an error; what is not said of it is 0."""
    line, column = max(line, 1), max(column, 1)
    end_line = max(end_line or line, line)
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    return Span(line, column, end_line, end_column)


def _depth_problem(tree: ast.Module) -> Problem | None:
    statement = too_deep(tree)
    if statement is None:
        return None
    place = Span(statement.lineno, 1, statement.lineno, 1)
    return Problem("maximum recursion depth exceeded", place, Stops.SCAN)
