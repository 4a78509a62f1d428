"""What exporters do alike: dependencies, actions, errors, listings, hooks."""

import importlib.machinery
import io
import pickle
from typing import Any

import pytest

from tests.conformance.implementations import ORACLE, Implementation
from tests.runtime.projects import Project

APP = {
    "app/__init__.py": "NAME = 'app'\nclass Base: pass\n",
    "app/model.py": "import math\nimport app\nfrom app import layers, tools\nfrom app.tools import helper\n"
    "class Model(app.Base):\n    def __init__(self, part=None):\n        self.part = part\n",
    "app/layers.py": "import torch\nclass Part: pass\n",
    "app/tools/__init__.py": "import xml.sax.handler\nfrom . import extra\ndef helper(): return extra.VALUE\n",
    "app/tools/extra.py": "VALUE = __import__('app.tools.deep', fromlist=['x']).VALUE\n",
    "app/tools/deep.py": "VALUE = 11\n",
    "other.py": "import app.layers\n",
}


@pytest.fixture
def model(project: Project) -> Any:
    """An object of a little application."""
    project(APP)
    import app.layers
    import app.model

    return app.model.Model(app.layers.Part())


def save_model(exporter: Any, model: Any) -> None:
    """Save the object and what it needs."""
    exporter.intern("app.**")
    exporter.save_pickle("res", "model.pkl", model)


def test_listings(each: Implementation, model: Any) -> None:
    """Modules by action, in order of name; who depends on what."""
    exporter = each.exporter(io.BytesIO())
    exporter.extern("app.tools.deep")
    exporter.mock("app.layers")
    save_model(exporter, type(model))
    assert exporter.interned_modules() == ["app", "app.model", "app.tools", "app.tools.extra"]
    assert exporter.externed_modules() == ["app.tools.deep", "math", "xml.sax.handler"]
    assert exporter.mocked_modules() == ["app.layers"]
    assert exporter.denied_modules() == []
    assert exporter.get_rdeps("app.layers") == ["app.model"]
    assert exporter.get_rdeps("nowhere") == []
    oracle = ORACLE.exporter(io.BytesIO())
    oracle.extern("app.tools.deep")
    oracle.mock("app.layers")
    save_model(oracle, type(model))
    assert exporter.dependency_graph_string() == oracle.dependency_graph_string()


def test_records(each: Implementation, model: Any) -> None:
    """The tree of an archive, printed and asked, with and without patterns."""
    importer = each.load(lambda exporter: save_model(exporter, model))
    tree = str(importer.file_structure())
    assert "\n".join(tree.split("\n")[1:]) == (
        "    ├── .data\n"
        "    │   ├── extern_modules\n"
        + ("" if each.name != "tpkg" else "    │   ├── extern_versions\n")
        + "    │   ├── python_version\n"
        "    │   ├── serialization_id\n"
        "    │   └── version\n"
        "    ├── app\n"
        "    │   ├── tools\n"
        "    │   │   ├── __init__.py\n"
        "    │   │   ├── deep.py\n"
        "    │   │   └── extra.py\n"
        "    │   ├── __init__.py\n"
        "    │   ├── layers.py\n"
        "    │   └── model.py\n"
        "    ├── res\n"
        "    │   └── model.pkl\n"
        "    └── byteorder\n"
    )
    some = importer.file_structure(include=["**/*.pkl", "app/*.py"], exclude="**/__init__.py")
    assert "\n".join(str(some).split("\n")[1:]) == (
        "    ├── app\n    │   ├── layers.py\n    │   └── model.py\n    └── res\n        └── model.pkl\n"
    )
    assert some.has_file("app/model.py")
    assert not some.has_file("app/model")
    assert not some.has_file("app/__init__.py")


def test_error_texts(each: Implementation, project: Project) -> None:
    """All errors at once, by reason, word for word those of the original."""
    project({"app.py": "import unmatched, denied, sys_like\n"})
    project({"unmatched.py": "", "denied.py": "", "sys_like.py": "import numpy._core._multiarray_umath\n"})

    def save(exporter: Any) -> None:
        exporter.deny("denied")
        exporter.intern(["app", "sys_like", "numpy._core._multiarray_umath"])
        exporter.save_source_string("odd", "from ........ import x")
        exporter.save_module("app")

    for debug in (False, True):
        with pytest.raises(each.packaging_error) as caught:
            each.pack(save, debug=debug)
        with pytest.raises(ORACLE.packaging_error) as expected:
            ORACLE.pack(save, debug=debug)
        assert str(caught.value) == str(expected.value)


def test_mocked_but_used(each: Implementation, model: Any) -> None:
    """A mocked module whose objects are in a pickle."""

    def save(exporter: Any) -> None:
        exporter.mock("app.layers")
        save_model(exporter, model)

    with pytest.raises(each.packaging_error, match=r"(?s)mocked out, but is still being used.*\['Part'\]"):
        each.pack(save)


def test_extension_modules_by_file(each: Implementation) -> None:
    """The file's ending tells, whatever importer the module comes from."""
    modules = {}
    for name in ("foo", "bar"):
        modules[name] = type(io)(name)
        modules[name].__spec__ = importlib.machinery.ModuleSpec(name, None)
        modules[name].__file__ = f"{name}{importlib.machinery.EXTENSION_SUFFIXES[0]}"

    class Broken(each.api.Importer):  # type: ignore[misc, name-defined]
        def import_module(self, module_name: str) -> Any:
            return modules[module_name]

    def save(exporter: Any) -> None:
        exporter.intern(["foo", "bar"])
        exporter.save_source_string("m", "import foo; import bar")

    with pytest.raises(each.packaging_error, match=r"C extension module.*\n    foo\n    bar\n"):
        each.pack(save, importer=Broken())


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("action", ["intern", "extern", "mock"])
def test_empty_match(each: Implementation, action: str) -> None:
    """`allow_empty=False` is an error where nothing matched, and none where something did."""

    def save(exporter: Any, pattern: str) -> None:
        getattr(exporter, action)(pattern, allow_empty=False)
        exporter.intern("**")
        exporter.save_source_string("m", "import other")

    with pytest.raises(each.api.package_exporter.EmptyMatchError if each is ORACLE else each.api.EmptyMatchError):
        each.pack(lambda exporter: save(exporter, "nothing.*"))
    each.pack(lambda exporter: save(exporter, "other"))


def test_error_in_the_block_hides_no_other(each: Implementation) -> None:
    """What goes wrong inside of `with` comes out, not what closing would have said."""
    with pytest.raises(ModuleNotFoundError):
        each.pack(lambda exporter: (exporter.extern("x", allow_empty=False), exporter.save_module("there.is.none")))


def test_hooks(each: Implementation, model: Any) -> None:
    """Called for each module when the package is written, in order, until they are removed."""
    calls: list[tuple[str, str]] = []

    def save(exporter: Any) -> None:
        exporter.mock("app.layers")
        exporter.extern("app.tools.deep")
        exporter.register_intern_hook(lambda _, name: calls.append(("intern", name)))
        exporter.register_extern_hook(lambda _, name: calls.append(("extern", name)))
        exporter.register_mock_hook(lambda _, name: calls.append(("mock", name)))
        exporter.register_mock_hook(lambda _, name: calls.append(("mock again", name)))
        removed = exporter.register_extern_hook(lambda _, name: calls.append(("never", name)))
        removed.remove()
        save_model(exporter, type(model))
        assert calls == []

    each.pack(save)
    assert ("mock", "app.layers") in calls
    assert calls.index(("mock", "app.layers")) + 1 == calls.index(("mock again", "app.layers"))
    assert {name for action, name in calls if action == "extern"} == {"app.tools.deep", "math", "xml.sax.handler"}
    assert ("intern", "<res.model.pkl>") in calls
    assert not [call for call in calls if call[0] == "never"]


def test_hooks_that_add_to_the_package(each: Implementation) -> None:
    def hook(exporter: Any, module: str) -> None:
        exporter.save_text("seen", f"{module}.txt", "by the hook")

    def save(exporter: Any) -> None:
        exporter.register_intern_hook(hook)
        exporter.save_source_string("m", "X = 1\n")

    assert each.load(save).load_text("seen", "m.txt") == "by the hook"


def test_an_object_of_a_function(each: Implementation) -> None:
    def local() -> None: ...

    with pytest.raises(pickle.PicklingError):
        each.pack(lambda exporter: exporter.save_pickle("data", "x.pkl", local))


def test_closing_again_when_what_was_wrong_is_mended(each: Implementation, project: Project) -> None:
    project({"needed.py": "Y = 2\n"})
    buffer = io.BytesIO()
    exporter = each.exporter(buffer)
    exporter.intern("needed", allow_empty=False)
    exporter.save_source_string("m", "X = 1\n")
    for _ in range(2):
        with pytest.raises(each.api.EmptyMatchError):
            exporter.close()
    assert buffer.getvalue() == b""
    exporter.add_dependency("needed")
    exporter.close()
    buffer.seek(0)
    assert each.importer(buffer).import_module("needed").Y == 2


@pytest.mark.usefixtures("model")
def test_sources(each: Implementation, tmp_path: Any) -> None:
    """Files, folders, strings; a later one stands instead of an earlier one."""
    (tmp_path / "lib/sub").mkdir(parents=True)
    (tmp_path / "lib/__init__.py").write_text("from lib.sub import a\n")
    (tmp_path / "lib/sub/__init__.py").write_text("")
    (tmp_path / "lib/sub/a.py").write_text("RESULT = 'a'\n")

    def save(exporter: Any) -> None:
        exporter.save_source_file("lib", str(tmp_path / "lib"))
        exporter.save_source_file("one", str(tmp_path / "lib/sub/a.py"))
        exporter.intern("app.**")
        exporter.save_module("app.tools")
        exporter.save_source_string("app.tools.deep", "VALUE = 12")
        exporter.save_source_string("pack", "X = 1", is_package=True)
        exporter.save_source_string("m", '__import__(these, unresolvable, "things", wont, crash, me)')

    importer = each.load(save)
    assert importer.import_module("lib").sub.a.RESULT == importer.import_module("one").RESULT == "a"
    assert importer.import_module("app.tools").helper() == 12
    assert importer.import_module("pack").__package__ == "pack"


@pytest.mark.parametrize("wrong", [3, None])
def test_wrong_arguments(each: Implementation, wrong: Any) -> None:
    """TypeError, with the hint that users of `save_module(module)` need."""
    exporter = each.exporter(io.BytesIO())
    with pytest.raises(TypeError, match="did you perhaps mean to pass `__name__`"):
        exporter.save_module(io)
    with pytest.raises(TypeError, match="importer arg should be an Importer or a sequence of Importers"):
        each.exporter(io.BytesIO(), importer=wrong)
    with pytest.raises(ValueError, match="must be only a file name"):
        exporter.save_text("p", "folder/file", "x")
    with pytest.raises(AssertionError, match="protocols 3 and 4, got 5"):
        exporter.save_pickle("p", "x", 1, pickle_protocol=5)


def test_unique_ids(each: Implementation) -> None:
    """Counted from zero."""
    exporter = each.exporter(io.BytesIO())
    assert [exporter.get_unique_id() for _ in range(3)] == ["0", "1", "2"]


def test_without_dependencies(each: Implementation, model: Any) -> None:
    """Only the module, only the pickle."""
    exporter = each.exporter(io.BytesIO())
    exporter.save_module("app.model", dependencies=False)
    exporter.save_pickle("res", "x.pkl", model, dependencies=False)
    assert exporter.interned_modules() == ["app.model"]


def test_first_use_of_broken_modules(each: Implementation, model: Any) -> None:
    """The analysis of a PackagingError."""
    import torch.package.analyze

    import tpkg_runtime.analyze

    analyze: Any = torch.package.analyze if each is ORACLE else tpkg_runtime.analyze
    with pytest.raises(each.packaging_error) as caught:
        each.pack(lambda exporter: (exporter.intern(["other"]), exporter.save_module("other")))
    assert analyze.find_first_use_of_broken_modules(caught.value) == {"app.layers": ["other", "app.layers"]}
    traced = analyze.trace_dependencies(lambda each: each.__class__.__init__(each), [(model,)])
    assert traced == ["app.model"]
