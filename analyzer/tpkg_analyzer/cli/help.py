"""How `--help` looks: groups of options, each with one line, so that all of a command fits a screen."""

import argparse
import shutil

_WIDEST = 110
_FOR_NAMES = 32


class OneLineEach(argparse.HelpFormatter):
    """Names in one column, one sentence each in the next; an option with a value names it once."""

    def __init__(self, prog: str) -> None:
        width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
        super().__init__(prog, max_help_position=_FOR_NAMES, width=width)

    def add_usage(self, usage, actions, groups, prefix=None) -> None:  # type: ignore[no-untyped-def]
        """Write the usage without the list of options, which follows by groups anyway."""
        named = [action for action in actions if not action.option_strings]
        places = " ".join(map(_place, named))
        super().add_usage(usage or " ".join(filter(None, ["%(prog)s", "[OPTIONS]", places])), actions, groups, prefix)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        # Python before 3.13 repeats the value after each name.
        return f"{', '.join(action.option_strings)} {self._format_args(action, action.dest.upper())}"


def _place(action: argparse.Action) -> str:
    if action.nargs in ("?", "*"):
        return f"[{action.metavar}{' ...' if action.nargs == '*' else ''}]"
    return str(action.metavar)
