"""Configuration files: what they mean, and what is said of wrong ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import load_config
from tpkg_analyzer.config.near_misses import near_miss
from tpkg_analyzer.model.package import RootKind
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import Span

PYPROJECT = Path("/project/pyproject.toml")
OWN = Path("/project/tpkg-lint.toml")
FULL = """\
src = ["lib"]

[[package]]
name = "net"
archive = "dist/net.pt"
modules = ["net.serve"]
objects = ["net.model:Net", "builtins"]
actions = [
  { intern = "net.**" },
  { extern = ["numpy.**", "sys"], exclude = ["numpy.testing.**"], allow-empty = false },
]
"""


def test_an_error_passes_through_a_context_manager() -> None:
    @contextmanager
    def around() -> Iterator[None]:
        yield

    with pytest.raises(ConfigError, match="wrong"), around():
        raise ConfigError("wrong")


def test_a_package_has_its_actions_first_then_modules_then_objects() -> None:
    config = load_config(OWN, FULL)
    assert config is not None
    [package] = config.packages
    assert [(call.action, call.include, call.exclude, call.allow_empty) for call in package.actions] == [
        (Action.INTERN, ("net.**",), (), True),
        (Action.EXTERN, ("numpy.**", "sys"), ("numpy.testing.**",), False),
    ]
    assert [(root.kind, root.module, root.cls) for root in package.roots] == [
        (RootKind.MODULE, "net.serve", None),
        (RootKind.OBJECT, "net.model", "Net"),
        (RootKind.OBJECT, "builtins", None),
    ]
    assert list(package.steps) == [*package.actions, *package.roots]
    assert package.archive == Path("/project/dist/net.pt")
    assert config.import_roots == (Path("/project/lib"),)


def test_everything_knows_its_place() -> None:
    config = load_config(OWN, FULL)
    assert config is not None
    [package] = config.packages
    assert package.declared.span == Span(3, 1, 3, 12)
    assert package.actions[1].place.span == Span(10, 3, 10, 88)
    assert package.roots[1].place.span == Span(7, 12, 7, 27)


def test_pyproject_speaks_under_its_own_table_only() -> None:
    assert load_config(PYPROJECT, "[project]\nname = 'x'\n") is None
    config = load_config(PYPROJECT, "[tool.tpkg-lint]\nruntime = 'tpkg'\n")
    assert config is not None
    assert config.settings.runtime == "tpkg"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("selct = []", (1, 9), "unknown key `selct`", "did you mean `select`?"),
        ("src = 3", (1, 7), "`src`: expected `array`, got `int`", None),
        ("runtime = 'jax'", (1, 11), "`runtime`: `jax` is none of `torch`, `tpkg`", None),
        ("output-format = 'jsn'", (1, 17), "`jsn` is none of `full`, `concise`, ", "did you mean `json`?"),
        ("[severity]\nTPK301 = 'bad'", (1, 1), "`severity`: `bad` is none of `error`, `warning`, ", None),
        (
            "[tool.tpkg-lint]\nsrc = []",
            (1, 1),
            "unknown key `tool`",
            "keys stand at the top of this file, without a table [tool.tpkg-lint]",
        ),
        ("src = [", (1, 8), "this is not TOML: ", None),
        ("\n[[package]]\nnam = 'x'\n", (3, 7), "unknown key `nam`", "did you mean `name`?"),
        ("[[package]]\nname = 'x'\n[[package]]\nmodules = []\n", (3, 1), "missing required field `name`", None),
        (
            "[package]\nname = 'x'\n",
            (1, 1),
            "`package`: expected `array`, got `object`",
            "write [[package]] with two brackets: there may be several",
        ),
        ("[[package]]\nname = ' '\n", (2, 8), "a package needs a name", 'write for example name = "net"'),
        (
            "[[package]]\nname = 'x'\nactions = [{ intern = 'a' }, { extrn = 'b' }]\n",
            (3, 40),
            "unknown key `extrn`",
            "did you mean `extern`?",
        ),
        (
            "[[package]]\nname = 'x'\nactions = [{ intern = 'a', mock = 'b' }]\n",
            (3, 12),
            "an action names exactly one of intern, extern, mock and deny",
            'write for example { intern = "mymodel.**" }',
        ),
        (
            "[[package]]\nname = 'x'\nobjects = ['a:B', 'a:']\n",
            (3, 19),
            "`a:` names no object",
            "write `module:Class`, or `module` alone",
        ),
        (
            "[[package]]\nname = 'x'\nobjects = [':B']\n",
            (3, 12),
            "`:B` names no object",
            "write `module:Class`, or `module` alone",
        ),
        (
            "[[package]]\nname = 'x'\n[[package]]\nname = 'x'\n",
            (3, 1),
            "another package is called `x`",
            "give one of them another name",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str, place: tuple[int, int], message: str, hint: str | None
) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(OWN, text)
    error = raised.value
    assert message in error.message
    assert (error.span.line, error.span.column) == place
    assert error.hint == hint
    assert str(error).startswith(f"{OWN}:{place[0]}:{place[1]}: ")


@pytest.mark.parametrize("name", ["tpkg_lint", "tpkg-linter", "tpkglint", "TPKG-Lint", "pkg-lint"])
def test_a_table_that_is_nearly_ours(name: str) -> None:
    for text in (f"[tool.{name}]\n", f"[[ tool . '{name}'.package ]]\n"):
        found = near_miss(f"[project]\nname = 'x'\n{text}")
        assert found is not None
        assert (found[0], found[1].line) == (name, 3)
        assert text[found[1].column - 1 :].startswith(name)


@pytest.mark.parametrize("name", ["tpkg-lint", "tpkg-lint.package", "pylint", "splint", "tpkg", "pip-lint"])
def test_a_table_of_somebody_else(name: str) -> None:
    assert near_miss(f"[tool.{name}]\n[tpkg_lint]\nx = 'tool.tpkg_lint'\n") is None
