"""Where in the configuration of a project stands what only shows to be wrong when it is used."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import Config, load_config, own_places
from tpkg_analyzer.config.places import KeyPath
from tpkg_analyzer.sources.files import Files, exact_text
from tpkg_runtime.spec.source import Span, split_lines

_NAMING_RULES = ("select", "extend-select", "ignore", "per-file-ignores", "severity")


def blamed_on_key(error: ConfigError, config: Config, files: Files, key: str) -> ConfigError:
    """Return the error with the place of a key, in the file that gives its value."""
    for path, _, places in _read(config, files):
        if (key,) in places:
            return replace(error, path=path, span=places[(key,)])
    return error


def blamed_on_word(error: ConfigError, config: Config, files: Files) -> ConfigError:
    """Return an error about a word that names a rule with its place; as it is where no file has the word."""
    for path, text, places in _read(config, files):
        for keys, span in places.items():
            if keys[:1] and keys[0] in _NAMING_RULES and error.word in (keys[-1], _value(text, span)):
                return replace(error, path=path, span=span)
    return error


def _read(config: Config, files: Files) -> Iterator[tuple[Path, str, dict[KeyPath, Span]]]:
    """Yield the files of a configuration, each with its text and the places of its keys: first what wins."""
    path, seen = config.path, set[Path]()
    while path is not None and path not in seen:
        seen.add(path)
        text = exact_text(files, path)
        read = load_config(path, text) if text is not None else None
        if text is None or read is None:
            return
        yield path, text, own_places(path, text)
        below = read.settings.extend
        path = Path(os.path.normpath(path.parent / Path(below).expanduser())) if below else None


def _value(text: str, span: Span) -> str | None:
    if span.line != span.end_line:
        return None
    return split_lines(text)[span.line - 1][span.column - 1 : span.end_column - 1].strip("\"'")
