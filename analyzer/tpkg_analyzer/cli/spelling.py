"""The option for how something is printed, under one name in all commands; the other spelling is taken as well."""

import argparse
from collections.abc import Collection
from typing import Any


def add_output_format(parser: argparse._ActionsContainer, choices: Collection[str], **more: Any) -> None:
    """Add `--output-format`, and `--format` without a word about it."""
    made = parser.add_argument("--output-format", choices=choices, **more)
    parser.add_argument(
        "--format",
        dest=made.dest,
        choices=choices,
        metavar=made.metavar,
        default=argparse.SUPPRESS,
        help=argparse.SUPPRESS,
    )
