"""All rules there are: the listing of the folder `rules` is the register."""

import importlib
import pkgutil
from functools import lru_cache

from tpkg_analyzer.rule.rule import Rule


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Return one of each rule, sorted by code. Loads every module of `tpkg_analyzer.rules`."""
    folder = importlib.import_module("tpkg_analyzer.rules")
    rules = []
    for found in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{found.name}")
        kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Rule)]
        rules += [kind() for kind in kinds if kind.__module__ == module.__name__]
    return tuple(sorted(rules, key=lambda rule: rule.code))


def rule_called(word: str) -> Rule | None:
    """Return the rule of a code or a name, in any case of letters."""
    return next((rule for rule in all_rules() if word.lower() in (rule.code.lower(), rule.name)), None)
