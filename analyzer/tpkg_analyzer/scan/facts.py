"""What a file says by itself. Facts depend on the bytes and the target version alone, so they are kept by digest."""

import ast
import re
import symtable
import warnings
from dataclasses import dataclass
from typing import Any

import msgspec

from tpkg_analyzer.scan.depth import too_deep
from tpkg_analyzer.scan.skeleton import Part, Skeleton, skeleton_of
from tpkg_analyzer.scan.toplevel.outline import Outline, outline_of
from tpkg_analyzer.sources.files import digest_of
from tpkg_analyzer.sources.notebooks import NO_NOTEBOOK
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import Import, imports_of_tree
from tpkg_runtime.spec.source import START, Span

SCANNER_VERSION = 22
"""Raised whenever the same bytes give other facts: it is part of the key under which they are kept."""

_FILE = re.compile(rb"\b__file__\b")
_SHORTEST_SKELETON = 1_000
_LARGEST_PART = 0.8


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be read as Python, or why the exporter cannot scan it although Python imports it."""

    message: str
    span: Span
    is_syntax: bool
    stops_import: bool = True
    error: str = SyntaxError.__name__
    """The class of what importing the file raises."""


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
    data: bytes, version: tuple[int, int] = (3, 11), *, is_compiled: bool = False, digest: str = ""
) -> ModuleFacts:
    """Scan one file for a Python of `version`. Never raises: what cannot be read is the problem of the facts.

    `is_compiled` says that this Python, or the one of `version`, is known to compile the file; the facts are the same,
    and are found faster.
    `digest` is that of the data, where it is known already.
    """
    digest = digest or digest_of(data)
    source = text_of(data)
    if isinstance(source, Problem):
        return ModuleFacts(digest, source)
    encoded = source.encode("utf-8", "surrogatepass")
    size, mentions_file = len(encoded), b"__file__" in encoded and _FILE.search(encoded) is not None
    parsed = _outlined(source, Part.ALL, version, is_compiled=is_compiled)
    if isinstance(parsed, Problem):
        return ModuleFacts(digest, parsed, size=size, mentions_file=mentions_file)
    tree, text, outline = parsed
    return ModuleFacts(digest, _depth_problem(tree), outline, size, imports_of_tree(tree, text), mentions_file)


def read_top_level(
    data: bytes, version: tuple[int, int] = (3, 11), *, is_compiled: bool = False, digest: str = ""
) -> TopLevel:
    """Scan one file as `read_facts` does, for what importing it does and nothing else: about twice as fast.

    That its imports or expressions are too deep for the exporter's scan is no problem of a module that is not packed.
    """
    digest = digest or digest_of(data)
    source = text_of(data)
    if isinstance(source, Problem):
        return TopLevel(digest, source)
    parsed = _outlined(source, Part.TOP_LEVEL, version, is_compiled=is_compiled)
    return TopLevel(digest, parsed) if isinstance(parsed, Problem) else TopLevel(digest, None, parsed[-1])


def text_of(data: bytes) -> str | Problem:
    """Return the source text of a file, or why it has none."""
    if data.startswith(NO_NOTEBOOK):
        return Problem(data.decode().rstrip(), START, is_syntax=True)
    try:
        return decode_source(data)
    except (SyntaxError, ValueError, LookupError) as error:
        return Problem(f"cannot be decoded: {error}", START, is_syntax=False)


def _outlined(
    source: str, part: Part, version: tuple[int, int], *, is_compiled: bool
) -> tuple[ast.Module, str, bytes] | Problem:
    """Return what was parsed of a source, as a tree and as a text, and the packed outline."""
    try:
        tree, skeleton = _parsed(source, part, is_compiled=is_compiled)
        return tree, skeleton.text, _ENCODER.encode(outline_of(tree, skeleton, version))
    except SyntaxError as error:
        return _syntax_problem(error)
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(str(error), START, is_syntax=True, error=type(error).__name__)


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


def _syntax_problem(error: SyntaxError) -> Problem:
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    end_line, end_column = max(error.end_lineno or line, line), error.end_offset or 0
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    place = Span(line, column, end_line, end_column)
    return Problem(error.msg, place, is_syntax=True, error=type(error).__name__)


def _depth_problem(tree: ast.Module) -> Problem | None:
    statement = too_deep(tree)
    if statement is None:
        return None
    place = Span(statement.lineno, 1, statement.lineno, 1)
    return Problem("maximum recursion depth exceeded", place, is_syntax=False, stops_import=False)
