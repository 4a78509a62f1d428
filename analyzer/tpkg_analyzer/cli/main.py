"""The `tpkg-lint` command. What a command needs is loaded when that command runs."""

import gc
import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points, version

from tpkg_analyzer.cli.commands import COMMANDS
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
    if words in (["--version"], ["-V"]):
        print(f"tpkg-lint {version('tpkg-lint')}")
        return CLEAN
    if words in (["--help"], ["-h"], ["help"]):
        print(usage(), end="")
        return CLEAN
    command = words.pop(0) if words and words[0] in COMMANDS else "check"
    if command == "server":
        return _server(words)
    module = importlib.import_module(f"tpkg_analyzer.cli.{command}")
    return _guarded(module.run, words)


def usage() -> str:
    """Return the text of `tpkg-lint --help`."""
    return _USAGE.format(commands="\n".join(f"  {name:<9}{text}" for name, text in COMMANDS.items()))


def _server(words: list[str]) -> int:
    # The server stands above the analyzer; it announces itself instead of being imported.
    found = next(iter(entry_points(group="tpkg_lint.commands", name="server")), None)
    if found is None:
        print("tpkg-lint: the language server is not installed; reinstall tpkg-lint", file=sys.stderr)
        return UNUSABLE
    status: int = found.load()(words)
    return status


def _guarded(run: Callable[[list[str]], int], words: list[str]) -> int:
    from tpkg_analyzer.config.errors import ConfigError

    # A command makes many objects and few cycles, and ends soon: collecting costs up to half of a closure's time.
    gc.disable()
    try:
        status = run(words)
        sys.stdout.flush()
    except ConfigError as error:
        print(f"tpkg-lint: {error}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        # The reader has gone; what is left to say would raise again while Python shuts down.
        sys.stdout = None
        return CLEAN
    except KeyboardInterrupt:
        return UNUSABLE
    except Exception:  # noqa: BLE001 - the last resort: whatever it is, it is ours
        traceback.print_exc()
        print("tpkg-lint: this is a fault of tpkg-lint; please report it with the lines above", file=sys.stderr)
        return UNUSABLE
    return status


if __name__ == "__main__":
    sys.exit(main())
