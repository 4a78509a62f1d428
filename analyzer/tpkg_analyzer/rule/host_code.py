"""Where in a file of a package code stands that only the host runs, also by what other modules of the package say."""

from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.questions import NAMES
from tpkg_analyzer.rule.unreached import Defined, unreached_spans
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import Span


def host_code(context: FileContext) -> tuple[Span, ...]:
    """Return the places of code that no package runs."""
    project, closures = context.project, context.closures
    asking = frozenset(project.mentioning(NAMES)) - {context.name}

    def home(target: str) -> Defined | None:
        found = home_of(project.state, target) if asking else None
        if found is None or found[0].module not in asking:
            return None
        name = found[0].module
        if not all(action_in(closure, name) is Action.INTERN for closure in closures):
            return None
        module = project.module(name)
        return Defined(module.source, name, module.is_package, found[1]) if module is not None else None

    return unreached_spans(context.source, context.name, context.is_package, home)
