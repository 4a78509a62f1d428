"""The closures that a command speaks about: those of the projects, or that of a package from options."""

import argparse

from tpkg_analyzer.cli.adhoc import package_from
from tpkg_analyzer.cli.options import sessions
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.session.session import Session


def predicted(options: argparse.Namespace) -> list[tuple[Session, Closure]]:
    """Return each closure with the session that made it. Raises ConfigError where there is no package."""
    opened = [session for _, session in sessions(options, options.paths)]
    adhoc = package_from(options)
    if adhoc is not None:
        opened = opened[:1]
        opened[0].packages = (adhoc,)
    found = [(session, closure) for session in opened for closure in session.closures]
    if not found:
        raise ConfigError(
            "no package is configured here",
            hint="name one with --module M and --intern P, or add a [[tool.tpkg-lint.package]] table",
        )
    return found


def one_of(found: list[tuple[Session, Closure]]) -> Closure:
    """Return the closure, where there is one. Raises ConfigError where there are several."""
    if len(found) > 1:
        names = ", ".join(dict.fromkeys(closure.package.name for _, closure in found))
        raise ConfigError("a picture shows one package, and here are several", hint=f"--package NAME: {names}")
    return found[0][1]
