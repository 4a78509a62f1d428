"""`tpkg-lint completion`: what a shell has to know to complete commands, options and rules."""

import argparse
import importlib

from tpkg_analyzer.cli.commands import COMMANDS
from tpkg_analyzer.cli.help import OneLineEach
from tpkg_analyzer.cli.status import CLEAN

_SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
_FILES = ("paths", "config", "output", "output_file", "baseline", "stdin_filename", "python", "cache_dir")


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = argparse.ArgumentParser(
        prog="tpkg-lint completion",
        description='Print the completion of a shell; for bash: eval "$(tpkg-lint completion bash)".',
        formatter_class=OneLineEach,
    )
    made.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=f"one of {', '.join(_SHELLS)}")
    return made


def run(words: list[str]) -> int:
    """Print the script."""
    import shtab

    options = arguments().parse_args(words)
    print(shtab.complete(whole_parser(), shell=options.shell))
    return CLEAN


def whole_parser() -> argparse.ArgumentParser:
    """Return one parser for all commands; that of the server is not ours, only its name is completed."""
    import shtab

    whole = argparse.ArgumentParser(prog="tpkg-lint")
    whole.add_argument("--version", "-V", action="store_true", help="print the version")
    commands = whole.add_subparsers(dest="command")
    for name, summary in COMMANDS.items():
        if name == "server":
            commands.add_parser(name, help=summary)
            continue
        own: argparse.ArgumentParser = importlib.import_module(f"tpkg_analyzer.cli.{name}").arguments()
        for action in own._actions:
            if action.dest in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        commands.add_parser(name, help=summary, parents=[own], add_help=False)
    return whole
