"""The closer look at a file, with libcst, reads the imports that the scan reads: the same names at the same places."""

from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from tests.conformance.test_import_scan import files_of_libraries
from tpkg_analyzer.rule.module import AnalyzedModule, parsed_module
from tpkg_analyzer.rule.scopes import BindingKind
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import EdgeKind, Import, absolute_name, find_imports
from tpkg_runtime.spec.source import Span

_EVERY = 600
Read = tuple[str, bool, Span]


def disagreements(paths: list[Path]) -> Iterator[tuple[Path, list[Read], list[Read]]]:
    """Yield the files that are read differently, with what only the closer look and only the scan has seen."""
    for path in paths:
        try:
            source = decode_source(path.read_bytes())
            scanned = find_imports(source)
        except (SyntaxError, ValueError, LookupError, RecursionError):
            continue
        module = parsed_module(path, f"package.sub.{path.stem}", path.name == "__init__.py", source)
        if module is None:
            continue
        close = sorted(bindings(module), key=_place)
        renamed = {span for _, is_renamed, span in close if is_renamed}
        package = module.index.package
        quick = sorted(
            (
                of_scan(item, package, item.span in renamed)
                for item in scanned
                if item.kind is not EdgeKind.DUNDER_IMPORT and not item.is_star and item.level < package.count(".") + 2
            ),
            key=_place,
        )
        if close != quick:
            yield path, [item for item in close if item not in quick], [item for item in quick if item not in close]


def _place(item: Read) -> tuple[int, int]:
    return item[2].line, item[2].column


def bindings(module: AnalyzedModule) -> Iterator[Read]:
    """Yield what the scopes of a module say of its imports: the module or name that each stands for, and where."""
    scopes = {id(scope): scope for node_type in module.index.sites for _, scope in module.sites(node_type)}
    for scope in scopes.values():
        for binding in (item for bound in scope.bindings.values() for item in bound):
            if binding.kind is BindingKind.IMPORT and isinstance(binding.node, cst.ImportAlias):
                yield binding.target or "", binding.node.asname is not None, module.span(binding.node)


def of_scan(item: Import, package: str, is_renamed: bool) -> Read:
    """Say the same of an import that the scan has seen; what is bound is not its concern."""
    base = absolute_name(item.module, package, item.level)
    if item.name is not None:
        return f"{base}.{item.name}", is_renamed, item.span
    return base if is_renamed else base.partition(".")[0], is_renamed, item.span


def test_a_sample_of_the_installed_libraries() -> None:
    assert list(disagreements(files_of_libraries()[::_EVERY])) == []


@pytest.mark.slow
def test_all_installed_libraries() -> None:
    assert list(disagreements(files_of_libraries())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import a, b.c as d  # comment\n",
        "from . import (\n    a,  # one\n    b as c,\n)\n",
        "from ...a . b import c; import d\n",
        "from a import *\nimport b\n",
        "import a \\\n    . b\n",
        "x = 'ä\u0301'; import a as ä\n",
        "\ufefffrom a import b\n",
        "if x: import a\nelse:\n\timport b\n",
        "try:\n  import a\nexcept* E:\n  import b\nfinally:\n  import c\n",
        "match x:\n  case 1:\n    import a\n  case _: from . import b\n",
        "async def f():\n  async with a: import b\n  async for c in d: import e\n",
        "class A:\n  def f(self):\n    import a\n\n    class B: from b import c as d\n",
        "from a import b as c,\\\n  d\r\nimport e\r\n",
        "'''\nimport no\n'''\x0c\nimport a\n",
        "import \uff41\nfrom \ufb01 import \uff42\n",
    ],
)
def test_ways_of_writing(tmp_path: Path, source: str) -> None:
    path = tmp_path / "module.py"
    path.write_bytes(source.encode())
    assert len(find_imports(decode_source(path.read_bytes()))) > 0
    assert parsed_module(path, "module", is_package=False, source=decode_source(path.read_bytes())) is not None
    assert list(disagreements([path])) == []
