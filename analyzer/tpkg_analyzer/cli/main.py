"""The `tpkg-lint` command. What a command needs is loaded when that command runs."""

import importlib
import sys
from collections.abc import Sequence

from tpkg_analyzer.cli.commands import ALIASES, COMMANDS
from tpkg_analyzer.cli.guard import guarded
from tpkg_analyzer.cli.status import CLEAN, UNUSABLE

_USAGE = """\
usage: tpkg-lint [COMMAND] [OPTIONS] [PATHS]

Tells what a torch.package export will contain and what will break inside the package, before anything runs.

commands:
{commands}

`tpkg-lint COMMAND --help` lists the options of a command. `tpkg-lint --version` prints the version.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 clean, 1 findings, 2 cannot be used so."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    words[:1] = [ALIASES.get(word, word) for word in words[:1]]
    if words[:1] in (["help"], ["--help"], ["-h"]) and set(words[1:2]) & COMMANDS.keys():
        words = [words[1], "--help"]
    if words[:1] == ["server"]:
        return _server(words[1:])  # it runs for days, and its standard output is the editor's
    return guarded(lambda: _run(words))


def _run(words: list[str]) -> int:
    if words in (["--version"], ["-V"]):
        from importlib.metadata import version  # takes a tenth of the time of a short command

        print(f"tpkg-lint {version('tpkg-lint')}")
        return CLEAN
    if words[:1] in (["help"], ["--help"], ["-h"]):
        print(usage(), end="")
        return CLEAN
    command = words.pop(0) if words and words[0] in COMMANDS else "check"
    status: int = importlib.import_module(f"tpkg_analyzer.cli.{command}").run(words)
    return status


def usage() -> str:
    """Return the text of `tpkg-lint --help`."""
    widest = max(map(len, COMMANDS)) + 2
    return _USAGE.format(commands="\n".join(f"  {name:<{widest}}{text}" for name, text in COMMANDS.items()))


def _server(words: list[str]) -> int:
    from importlib.metadata import entry_points

    # The server stands above the analyzer; it announces itself instead of being imported.
    found = next(iter(entry_points(group="tpkg_lint.commands", name="server")), None)
    if found is None:
        print("tpkg-lint: the language server is not installed; reinstall tpkg-lint", file=sys.stderr)
        return UNUSABLE
    status: int = found.load()(words)
    return status


if __name__ == "__main__":
    sys.exit(main())
