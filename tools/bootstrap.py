"""Set up the virtual environment of a checkout: torch first, then the project; a step is skipped when nothing changed.

Uses the standard library only, since it runs before anything is installed. Nothing here knows what the project does.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH_VERSION = "2.13.0"

NO_ENSUREPIP = f"""\
This Python cannot make virtual environments: its module ensurepip is missing.
On Debian and Ubuntu it is in a package of its own:  apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv
Or name another Python:  make PYTHON=/path/to/python3"""

NO_ENVIRONMENT = """\
The virtual environment {venv} could not be made with {python}; the message above says why.
Another Python may do:  make PYTHON=/path/to/python3"""

NO_TORCH = """\
torch could not be installed from {torch!r}; pip's message above says why.
TORCH= says what to install as torch:
  make TORCH=2.13.0                                a version
  make TORCH=/path/to/torch-....whl                a wheel, or a folder that holds one: needs no network for torch
  make TORCH='--index-url URL torch==2.13.0'       another index, or any other arguments of pip install
A proxy or a mirror is named in pip's own settings: PIP_PROXY, PIP_INDEX_URL, or pip.conf."""

NO_PROJECT = """\
The project and what it depends on could not be installed; pip's message above says why.
The packages come from the network. Name a proxy or a mirror in pip's own settings (PIP_PROXY, PIP_INDEX_URL,
or pip.conf) if there is one, then run the same command again: what is done already is not done twice."""


class StepError(Exception):
    """A step that did not work; the text says what to do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment, and the notes in it that say what has been done."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.folder / "bin" / "python"

    def is_done(self, step: str, digest: str) -> bool:
        """Tell whether the step was done before with the same inputs."""
        note = self._note(step)
        return note.is_file() and note.read_text(encoding="utf-8") == digest

    def set_done(self, step: str, digest: str) -> None:
        """Note that the step is done."""
        self._note(step).write_text(digest, encoding="utf-8")

    def pip_install(self, arguments: Sequence[str], hint: str) -> None:
        """Run pip install in the environment, whatever the user's settings say about --user."""
        command = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
        print("$", shlex.join(command), flush=True)
        if subprocess.run(command, cwd=ROOT, env={**os.environ, "PIP_USER": "0"}, check=False).returncode:
            raise StepError(hint)

    def _note(self, step: str) -> Path:
        return self.folder / f".done-{step}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the environment in step with the checkout and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="the environment (default: .venv)")
    parser.add_argument("--torch", default="", help=f"what to install as torch (default: torch=={TORCH_VERSION})")
    parser.add_argument("--extra", default="dev", help="the extra of the project to install (default: dev)")
    options = parser.parse_args(arguments)
    environment = Environment(options.venv.absolute())
    torch = options.torch.strip() or f"torch=={TORCH_VERSION}"
    try:
        make_environment(environment)
        install_torch(environment, torch)
        install_project(environment, torch, options.extra)
    except StepError as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


def make_environment(environment: Environment) -> None:
    """Make the environment unless it stands already; one whose interpreter has gone is made anew."""
    if environment.python.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise StepError(NO_ENSUREPIP)
    command = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
    print("$", shlex.join(command), flush=True)
    if subprocess.run(command, check=False).returncode:
        raise StepError(NO_ENVIRONMENT.format(venv=environment.folder, python=sys.executable))


def install_torch(environment: Environment, torch: str) -> None:
    """Install torch before anything else, so that nothing else chooses one."""
    if environment.is_done("torch", torch):
        return
    print(f"Installing torch from {torch!r}; the first time this takes minutes.", flush=True)
    environment.pip_install([*quiet(), *torch_arguments(torch)], NO_TORCH.format(torch=torch))
    environment.set_done("torch", torch)


def install_project(environment: Environment, torch: str, extra: str) -> None:
    """Install the project, editable, with the tools of one extra; the torch that is there stays."""
    digest = digest_of(torch, str(ROOT), extra)
    if environment.is_done(f"project-{extra}", digest):
        return
    held = environment.folder / "torch-constraint.txt"
    held.write_text(installed_torch(environment), encoding="utf-8")
    environment.pip_install([*quiet(), "--constraint", str(held), "--editable", f".[{extra}]"], NO_PROJECT)
    environment.set_done(f"project-{extra}", digest)


def torch_arguments(torch: str) -> list[str]:
    """Turn the value of TORCH into arguments of pip install.

    >>> torch_arguments("2.13.0")
    ['torch==2.13.0']
    >>> torch_arguments("--index-url https://example.org/simple torch==2.13.0")
    ['--index-url', 'https://example.org/simple', 'torch==2.13.0']
    >>> torch_arguments("https://example.org/simple")
    ['--index-url', 'https://example.org/simple', 'torch']
    """
    if re.fullmatch(r"\d+(\.\w+)*(\+\w+)?", torch):
        return [f"torch=={torch}"]
    if re.fullmatch(r"https?://\S+(?<!\.whl)", torch):
        return ["--index-url", torch, "torch"]
    if Path(torch).is_dir() and list(Path(torch).glob("torch-*.whl")):
        return ["--find-links", str(Path(torch).absolute()), f"torch=={TORCH_VERSION}"]
    if Path(torch).exists():
        return [str(Path(torch).absolute())]
    return shlex.split(torch)


def digest_of(*values: str) -> str:
    """Digest the values and the files that say what an installation holds."""
    digest = hashlib.sha256(repr(values).encode())
    for name in ("pyproject.toml", "Makefile", "tools/bootstrap.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed_torch(environment: Environment) -> str:
    """Name the installed torch as a requirement; empty where none is found."""
    code = "import importlib.metadata as m; print('torch==' + m.version('torch'))"
    run = subprocess.run([environment.python, "-c", code], capture_output=True, text=True, check=False)
    return run.stdout


def quiet() -> list[str]:
    """Leave out pip's progress where nobody watches it."""
    return [] if sys.stdout.isatty() else ["--quiet"]


if __name__ == "__main__":
    sys.exit(main())
