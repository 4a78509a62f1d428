"""Models of regular expressions over known texts, as far as a search for them cannot take long."""

import re
import warnings
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Model, Named, registering_in
from tpkg_analyzer.scan.toplevel.record import Match, Record
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Native, Value, is_known

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

REGEXES: dict[str, Value] = {}
native = registering_in(REGEXES)

_METHODS = ("match", "search", "fullmatch", "findall", "split", "sub")
_OF_MATCH = ("group", "groups", "groupdict", "start", "end", "span")
_LONGEST = 2_000
_MOST_WORK = 10_000_000
_REPEATS = re.compile(r"[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")


@native("re.compile")
def _compile(_process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    if len(arguments) != 1 or named or not isinstance(arguments[0], str):
        return UNKNOWN
    methods = {name: Native(f"re.Pattern.{name}", partial(_apply, name, arguments[0])) for name in _METHODS}
    return Record(pattern=arguments[0], **methods)


@native("re.escape")
def _escape(_process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    return re.escape(arguments[0]) if len(arguments) == 1 and isinstance(arguments[0], str) else UNKNOWN


def _register_functions() -> None:
    for name in _METHODS:
        REGEXES[f"re.{name}"] = Native(f"re.{name}", _function(name))


def _function(name: str) -> Model:
    def model(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
        if not arguments or not isinstance(arguments[0], str):
            return UNKNOWN
        return _apply(name, arguments[0], process, frame, arguments[1:], named)

    return model


def _apply(name: str, pattern: str, process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    """Return what a method of a pattern gives for texts; flags, counts and places are not followed."""
    is_told = not named and len(arguments) == (2 if name == "sub" else 1)
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if not is_told or len(texts) < len(arguments) or not _is_quick(pattern, texts[-1]):
        return UNKNOWN
    compiled = _compiled(pattern)
    if compiled is None:
        return UNKNOWN
    found = process.compute(getattr(compiled, name), *texts)
    return _match(found) if isinstance(found, re.Match) else found


def _match(found: re.Match[str]) -> Match:
    return Match(found, {name: Native(f"re.Match.{name}", partial(_ask, found, name)) for name in _OF_MATCH})


def _ask(
    found: re.Match[str], name: str, process: "Process", _frame: Frame, arguments: Arguments, named: Named
) -> Value:
    return process.compute(getattr(found, name), *arguments) if is_known(arguments) and not named else UNKNOWN


@lru_cache(500)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern, None for one that this Python does not take: the target's may."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            return None


def _is_quick(pattern: str, text: str) -> bool:
    """Tell whether a search cannot take long, however unluckily the pattern is written."""
    if len(pattern) > _LONGEST or len(text) > _LONGEST:
        return False
    n_repeats = len(_REPEATS.findall(pattern))
    is_nested = _REPEATED_GROUP.search(pattern) is not None and (n_repeats > 1 or "|" in pattern)
    n_steps: int = 2 ** len(text) if is_nested else (len(text) + 2) ** (n_repeats + 1)
    return n_steps <= _MOST_WORK


_register_functions()
