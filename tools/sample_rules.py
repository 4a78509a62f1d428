"""Draw findings from installed libraries at random, with the code around them, to judge how often each rule is right.

    python tools/sample_rules.py [--python INTERPRETER] [--seed N] [--select CODES] [--files N] LIBRARY ...

Each library is interned as a package of its own and everything else left extern. Every module that can be imported is
taken for one that is saved, which opens all its public functions to callers. Of errors and warnings ten findings of a
rule are drawn in a library, of infos and hints three. The same seed on the same files draws the same findings. A rule
that crashes is listed at the end, and the status is then 1.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.importability import AbortedError
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter, ask_interpreter
from tpkg_analyzer.sources.store import Store, default_cache_folder
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.actions import Action

_MOST = {Severity.ERROR: 10, Severity.WARNING: 10, Severity.INFO: 3, Severity.HINT: 3}
_AROUND = 4
_RELATED = 3


def main() -> int:
    """Print the samples of each library, then the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("libraries", nargs="+", metavar="LIBRARY", help="the name by which the library is imported")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the libraries")
    parser.add_argument("--path", action="append", default=[], help="a further folder with packages; any number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--select", default="TPK", help="codes, prefixes or names of rules, separated by commas")
    parser.add_argument("--files", type=int, help="look at this many files of each library, drawn at random")
    parser.add_argument("--quiet", action="store_true", help="print the counts only")
    options = parser.parse_args()
    interpreter = ask_interpreter(options.python)
    interpreter = replace(interpreter, search_path=(*interpreter.search_path, *options.path))
    crashed = False
    stack = ExitStack()
    for library in options.libraries:
        folder = folder_of(library, interpreter)
        if folder is None:
            print(f"{library} is not installed in {options.python}", file=sys.stderr)
            return 2
        # Under a root of its own nothing but the library is the project's.
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        Path(root, library).symlink_to(folder, target_is_directory=True)
        folder = root / library
        files = sorted(path for path in folder.glob("**/*.py"))
        if options.files and options.files < len(files):
            files = sorted(random.Random(options.seed).sample(files, options.files))
        found = findings(library, folder, files, interpreter, tuple(options.select.split(",")))
        print(f"# {library}: {len(found)} findings in {len(files)} files")
        if not options.quiet:
            for finding in samples(found, options.seed):
                print(shown(finding, folder.parent))
        for (code, name), count in sorted(Counter((item.code, item.name) for item in found).items()):
            print(f"{count:6}  {code}  {name}")
        crashed |= any(item.code == "TPK009" for item in found)
    stack.close()
    return 1 if crashed else 0


def folder_of(library: str, interpreter: Interpreter) -> Path | None:
    """Return where an installed library is."""
    return next((Path(root, library) for root in interpreter.search_path if Path(root, library).is_dir()), None)


def findings(
    library: str, folder: Path, files: Iterable[Path], interpreter: Interpreter, select: tuple[str, ...]
) -> list[Diagnostic]:
    """Return what the rules find in the files of a library, and in its closure as a package."""
    config = Config(folder.parent, Settings(select=select, src=(".",)))
    store = Store(default_cache_folder())
    environment = StaticEnvironment(Disk(), interpreter, [str(folder.parent)], store=store)
    session = Session(config, Disk(), interpreter, environment=environment)
    listed = list(files)
    names = dict.fromkeys([library, *(session.module_name(path)[0] for path in listed)])
    roots = [Root(RootKind.MODULE, name) for name in names if _is_importable(environment, name)]
    environment.begin()
    actions = (ActionCall(Action.INTERN, (f"{library}.**",)), ActionCall(Action.EXTERN, ("**",)))
    session.packages = (Package(library, Place(None), (*actions, *roots)),)
    found = [item for item in session.check_packages() if item.path.is_relative_to(folder)]
    for path in listed:
        found += session.check(path)
    store.close()
    return found


def _is_importable(environment: StaticEnvironment, name: str) -> bool:
    try:
        return environment.verdict(name).is_importable
    except AbortedError:  # such as a script that exits when it is imported
        return False


def samples(found: Iterable[Diagnostic], seed: int) -> Iterator[Diagnostic]:
    """Yield a few findings of each rule, drawn at random."""
    by_rule: dict[str, list[Diagnostic]] = {}
    for item in sorted(found, key=lambda item: (item.code, item.path, item.span)):
        by_rule.setdefault(item.code, []).append(item)
    for code, items in sorted(by_rule.items()):
        most = min(len(items), _MOST[items[0].severity])
        yield from random.Random(f"{seed}:{code}").sample(items, most)


def shown(finding: Diagnostic, root: Path) -> str:
    """Return a finding with the lines around its place and around those that are related to it."""
    parts = [f"\n## {finding.code} {finding.name}: {finding.message}", frame(finding.path, finding.span.line, root)]
    for item in finding.related[:_RELATED]:
        parts += [f"   -- {item.message}", frame(item.path, item.span.line, root)]
    return "\n".join(parts)


def frame(path: Path, line: int, root: Path) -> str:
    """Return the lines around a place, with their numbers."""
    lines = decode_source(path.read_bytes()).split("\n") if path.is_file() else []
    first = max(line - _AROUND, 1)
    numbered = enumerate(lines[first - 1 : line + _AROUND], first)
    name = path.relative_to(root) if path.is_relative_to(root) else path
    return "\n".join([f"   {name}:{line}", *(f"{'>' if at == line else ' '} {at:5} {text}" for at, text in numbered)])


if __name__ == "__main__":
    sys.exit(main())
