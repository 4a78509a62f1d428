"""A package from options: `--module`, `--object`, `--intern`, `--extern`, `--mock`, `--deny`, in their order."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import object_called
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_runtime.spec.actions import Action


class _Step(argparse.Action):
    """Keeps the options in the order in which they were given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        steps = [*(getattr(namespace, "steps", None) or []), (self.dest, values)]
        namespace.steps = steps


def add_package_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe a package; patterns apply in the order in which they stand."""
    group = parser.add_argument_group("package", "describe a package here instead of in the configuration, in order")
    group.add_argument("--module", action=_Step, metavar="M", help="save the module M")
    group.add_argument("--object", action=_Step, metavar="M[:C]", help="pickle an object of the module M, of class C")
    for action in ("intern", "extern", "mock", "deny"):
        group.add_argument(f"--{action}", action=_Step, metavar="P", help=f"{action} what the pattern P matches")
    group.add_argument("--exclude", action=_Step, metavar="P", help="except P, for the pattern before it")
    group.add_argument("--no-allow-empty", action=_Step, nargs=0, help="the pattern before it has to match something")


def package_from(options: argparse.Namespace) -> Package | None:
    """Return the package that the options describe, None if they describe none. Raises ConfigError."""
    steps: list[tuple[str, str]] = getattr(options, "steps", None) or []
    if not steps:
        return None
    actions: list[ActionCall] = []
    roots: list[Root] = []
    for kind, value in steps:
        if kind == "module":
            roots.append(Root(RootKind.MODULE, value))
        elif kind == "object":
            root = object_called(value)
            if root is None:
                raise ConfigError(f"`{value}` names no object", hint="write --object M:C, or M alone")
            roots.append(root)
        elif kind in ("exclude", "no_allow_empty"):
            if not actions:
                raise ConfigError(f"--{kind.replace('_', '-')} needs a pattern before it")
            last = actions[-1]
            if kind == "exclude":
                actions[-1] = replace(last, exclude=(*last.exclude, value))
            else:
                actions[-1] = replace(last, allow_empty=False)
        else:
            actions.append(ActionCall(Action(kind), (value,)))
    if not roots:
        raise ConfigError("a package needs something to save", hint="name it with --module M or --object M:C")
    modules = [root for root in roots if root.kind is RootKind.MODULE]
    objects = [root for root in roots if root.kind is RootKind.OBJECT]
    return Package(roots[0].module, Place(None), (*actions, *modules, *objects))
