"""Compare all rules over torch's `nn` folder, cold and warm, with TorchFix and fixit in one run on one core.

    python benchmarks/rules.py [FOLDER]

Each program is started as a user starts it, and its processor time is counted, start-up and children included: other
work on the machine does not change the ratios. TorchFix and fixit run with all their rules, as they come, in an
environment of their own below the cache folder, which is made at the first run.
"""

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tpkg_analyzer.sources.store import default_cache_folder

_OTHERS = ("torchfix==0.7.0", "fixit==2.2.1")
_CONFIGURATION = """\
cache-dir = {cache}
python = {python}
"""
_PACKAGE = """
[[package]]
name = "{name}"
modules = ["{name}"]
actions = [{{ intern = "{name}.**" }}, {{ extern = "**" }}]
"""


def main() -> int:
    """Print one row for each program and return 1 where a program is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=_nn())
    options = parser.parse_args()
    if options.folder is None or not options.folder.is_dir():
        print("benchmarks/rules.py: torch is not installed; name a folder of Python files", file=sys.stderr)
        return 1
    _use_one_core()
    programs = _programs(default_cache_folder() / "benchmarks")
    if isinstance(programs, str):
        print(f"benchmarks/rules.py: {programs}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        folder = root / options.folder.name
        shutil.copytree(options.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        files = list(folder.rglob("*.py"))
        print(f"{folder.name}: {len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
        rows = {name: _spent([*command, str(folder)], root) for name, command in programs.items()}
        rows |= _ours(root, folder.name)
    print(f"{'':32} {'seconds':>8}  " + "  ".join(f"{f'{name} takes':>16}" for name in programs))
    for name, seconds in rows.items():
        ratios = "  ".join(f"{rows[other] / seconds:15.1f}x" for other in programs)
        print(f"{name:32} {seconds:8.2f}  {'' if name in programs else ratios}")
    return 0


def _ours(root: Path, name: str) -> dict[str, float]:
    """Return the seconds of our own runs: cold and warm, the files as they lie and interned as a package."""
    command = [str(Path(sys.executable).with_name("tpkg-lint")), "check", str(root), "--exit-zero"]
    seconds = {}
    for label, package in (("", ""), (", interned as a package", _PACKAGE.format(name=name))):
        cache = root / f".cache{len(seconds)}"
        given = _CONFIGURATION.format(cache=_quoted(cache), python=_quoted(Path(sys.executable)))
        (root / "tpkg-lint.toml").write_text(given + package, encoding="utf-8")
        seconds[f"tpkg-lint, cold{label}"] = _spent(command, root)
        seconds[f"tpkg-lint, warm{label}"] = min(_spent(command, root) for _ in range(3))
    return seconds


def _programs(folder: Path) -> dict[str, list[str]] | str:
    """Return the commands of the other programs, or what keeps them from being there."""
    environment = folder / "rules"
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    wanted = {
        "TorchFix": [str(scripts / "torchfix"), "--select", "ALL"],
        "fixit": [str(scripts / "fixit"), "--quiet", "lint"],
    }
    if not all(shutil.which(command[0]) for command in wanted.values()):
        print(f"setting up {', '.join(_OTHERS)} in {environment}", file=sys.stderr)
        venv.create(environment, clear=True, with_pip=True)
        install = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_OTHERS]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines()
            return f"cannot install {' and '.join(_OTHERS)}: {said[-1] if said else 'pip fails without a word'}"
    missing = [name for name, command in wanted.items() if not shutil.which(command[0])]
    return f"{' and '.join(missing)} did not come with the installation; remove {environment}" if missing else wanted


def _spent(command: list[str], folder: Path) -> float:
    """Return the processor time of a command and its children in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):  # findings are no failure
        raise SystemExit(f"{' '.join(command)} ends with {done.returncode}: {done.stderr.decode()[-500:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _use_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _nn() -> Path | None:
    # Without importing torch: its folder is all that is needed.
    found = importlib.util.find_spec("torch")
    return Path(found.origin).parent / "nn" if found is not None and found.origin else None


def _quoted(path: Path) -> str:
    return "'" + str(path) + "'"


if __name__ == "__main__":
    sys.exit(main())
