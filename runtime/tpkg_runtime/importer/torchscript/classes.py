"""The classes that TorchScript code declares, and how deeply its definitions refer to each other."""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from tpkg_runtime.importer.torchscript.errors import ScriptError

_DEEPEST = 600

_DEFINITION = re.compile(r"^(class|def) (\w+)(?:\((\w+)\):|\(|:)?", re.MULTILINE)
_MEMBER = re.compile(r"^  (\w+) = (.+)$", re.MULTILINE)
_REFERENCE = re.compile(r"__torch__(?:\s*\.\s*\w+)+")


@dataclass(frozen=True, slots=True)
class ScriptClass:
    """A class of the code: the name of its base, an empty text for none, and the members of an enum."""

    name: str
    base: str
    members: Mapping[str, str] = field(default_factory=dict)

    def has_value(self, value: Any) -> bool:
        """Tell whether an enum has a member of that value."""
        return any(_literal(written) == (type(value), value) for written in self.members.values())


def classes_of(prefix: str, text: str) -> Iterable[ScriptClass]:
    """Yield the classes that the code of a file declares; `prefix` is its qualified name."""
    for kind, name, base, body in _definitions(text):
        if kind == "class":
            yield ScriptClass(f"{prefix}.{name}", base, dict(_MEMBER.findall(body)) if base == "Enum" else {})


def check_references(files: Mapping[str, str]) -> None:
    """Raise ScriptError where definitions refer to each other in a chain that is too long for the compiler's stack.

    `files` maps qualified names to code. Each definition is compiled when the first one that mentions it is.
    """
    references = {
        f"{prefix}.{name}": {re.sub(r"\s", "", each) for each in _REFERENCE.findall(body)}
        for prefix, text in files.items()
        for _, name, _, body in _definitions(text)
    }
    if len(references) > _DEEPEST and _deepest(references) > _DEEPEST:
        raise ScriptError(f"its definitions refer to each other in a chain of more than {_DEEPEST}")


def _definitions(text: str) -> Iterable[tuple[str, str, str, str]]:
    found = list(_DEFINITION.finditer(text))
    for match, following in zip_longest(found, found[1:]):
        end = following.start() if following else len(text)
        yield match[1], match[2], match[3] or "", text[match.end() : end]


def _literal(written: str) -> tuple[type, Any]:
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        value = float(written) if written.strip("-") in {"inf", "nan"} else None
    return type(value), value


def _deepest(references: Mapping[str, set[str]]) -> int:
    """Return the length of the longest chain. What is compiled already, or just now, is not compiled again."""
    depth: dict[str, int] = {}
    for start in references:
        stack = [(start, iter(references[start]))]
        depth.setdefault(start, 1)
        while stack:
            name, left = stack[-1]
            known = None
            for each in left:
                known = each if each in references else each.rpartition(".")[0]
                if known in references and known not in depth:
                    break
                depth[name] = max(depth[name], 1 + depth.get(known, 0))
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    depth[above] = max(depth[above], 1 + depth[name])
                continue
            depth[known] = 1
            stack.append((known, iter(references[known])))
            if len(stack) > _DEEPEST:
                return len(stack)
    return max(depth.values(), default=0)
