"""The distributions and the environments that hold them, made once for all tests of this folder."""

from pathlib import Path

import pytest

from tests.packaging.environments import ROOT, build_sdist, build_wheel, install, link_dependencies, make_environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    return build_sdist(tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def wheel_of_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source distribution gives."""
    return build_wheel(sdist, tmp_path_factory.mktemp("wheel-of-sdist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel and without torch."""
    return environment_with(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the checkout installed in place and without torch."""
    return environment_with(tmp_path_factory.mktemp("editable"), "--editable", ROOT)


def environment_with(folder: Path, *arguments: str | Path) -> Path:
    """Make an environment without torch that holds what pip is told to install."""
    python = make_environment(folder / "venv")
    link_dependencies(python, folder)
    install(python, *arguments)
    return python
