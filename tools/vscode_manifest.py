"""Write into the manifest of the VS Code extension what stands elsewhere: the server's settings, version, site.

`--check` writes nothing and fails where the manifest is not what it would write; a test runs it.
"""

import argparse
import json
import re
import sys
import types
import typing
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from tpkg_server.settings import SECTION, Described, described

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "editors" / "vscode" / "package.json"
GROUP = "Analysis"
NOT_SET_BY_PEOPLE = ("trusted",)
"""What the extension knows better than any setting."""
CHOICES = {
    "openFilesOnly": "Findings in the files that are open, and in the configuration.",
    "workspace": "Findings in all files of the workspace.",
    "off": "No findings; hovers, lenses and hints stay.",
    "onType": "While you type, when your hands rest.",
    "onSave": "When a file is saved.",
}
_TYPES = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
_URL = re.compile(r'^Documentation = "([^"]+)"$', re.MULTILINE)
_VERSION = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


def main() -> int:
    """Write or check the manifest and return the exit status."""
    parser = argparse.ArgumentParser(description="Write the generated part of the VS Code extension's manifest.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the manifest is not current")
    before = MANIFEST.read_text("utf-8")
    after = manifest(before)
    if parser.parse_args().check and before != after:
        print(f"{MANIFEST.relative_to(ROOT)} is not current; run:  make generate", file=sys.stderr)
        return 1
    if before != after:
        MANIFEST.write_text(after, encoding="utf-8")
        print(f"wrote {MANIFEST.relative_to(ROOT)}")
    return 0


def manifest(text: str) -> str:
    """Return the manifest with the settings, the version and the site as they are elsewhere in the project."""
    found = json.loads(text)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    found["version"] = _only(_VERSION, project)
    found["homepage"] = f"{_only(_URL, project)}/editors/vscode/"
    [group] = [item for item in found["contributes"]["configuration"] if item["title"] == GROUP]
    group["properties"] = {
        f"{SECTION}.{item.name}": _property(item, order)
        for order, item in enumerate(described(), 1)
        if item.name not in NOT_SET_BY_PEOPLE
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _property(item: Described, order: int) -> dict[str, Any]:
    made = {**_schema(item.type), "default": msgspec.to_builtins(item.default), "order": order}
    if "enum" in made:
        made["enumDescriptions"] = [CHOICES[choice] for choice in made["enum"]]
    if item.type is int:
        made["minimum"] = 0
    return {**made, "markdownDescription": item.meaning}


def _schema(kind: Any) -> dict[str, Any]:
    origin = get_origin(kind)
    if kind in _TYPES:
        return {"type": _TYPES[kind]}
    if origin is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if origin is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0])}
    if origin in (Union, types.UnionType):
        every = [_schema(each) for each in get_args(kind)]
        merged = {key: value for each in every for key, value in each.items() if key != "type"}
        return {"type": [each["type"] for each in every], **merged}
    raise TypeError(f"no schema for {typing.cast(Any, kind)}")


def _only(pattern: "re.Pattern[str]", text: str) -> str:
    found = pattern.search(text)
    assert found is not None, pattern.pattern
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
