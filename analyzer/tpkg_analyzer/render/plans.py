"""Plans as configuration and as calls of an exporter."""

from collections.abc import Iterable
from typing import Protocol

from tpkg_analyzer.model.package import Package
from tpkg_runtime.spec.actions import Action


class Line(Protocol):
    """What is shown of one action."""

    @property
    def action(self) -> Action:
        """What happens to the modules."""

    @property
    def pattern(self) -> str:
        """Which modules."""

    @property
    def reason(self) -> str:
        """Why the action is there."""


def table_lines(lines: Iterable[Line]) -> tuple[str, ...]:
    """Return the actions as entries of the configuration."""
    return tuple(f'{{ {line.action.value} = "{line.pattern}" }},  # {line.reason}' for line in lines)


def call_lines(lines: Iterable[Line], receiver: str) -> tuple[str, ...]:
    """Return the actions as calls of an exporter."""
    return tuple(f'{receiver}.{line.action.value}("{line.pattern}")  # {line.reason}' for line in lines)


def receiver_of(package: Package) -> str:
    """Return the exporter as the code of a package calls it."""
    return next((step.receiver for step in package.steps if step.receiver), "exporter")


def render_toml(package: Package, lines: Iterable[Line]) -> str:
    """Return the actions of a package as its table has them."""
    rows = [f"# package {package.name}", "actions = [", *(f"  {row}" for row in table_lines(lines)), "]"]
    return "\n".join(rows) + "\n"


def render_python(package: Package, lines: Iterable[Line]) -> str:
    """Return the actions of a package as code."""
    return "\n".join([f"# package {package.name}", *call_lines(lines, receiver_of(package))]) + "\n"
