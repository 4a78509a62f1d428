"""Which rules are wanted, and how severe their findings are, by code, prefix, name or ALL."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import pathspec

from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule

_ALWAYS = frozenset({"TPK009"})
_FINAL = ("tpk002", "invalid-configuration")


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules in force, the overrides of severity by code, and the codes ignored in files by pattern."""

    rules: tuple[Rule, ...]
    shown: frozenset[str]
    """The codes of these rules, and what is always told unless it is asked not to be: that a rule crashed."""
    severities: dict[str, Severity]
    per_file: tuple[tuple[pathspec.GitIgnoreSpec, frozenset[str]], ...] = ()

    def admit(self, diagnostic: Diagnostic, root: Path) -> Diagnostic | None:
        """Return the finding with its severity here, None where it is not selected or ignored in its file."""
        if diagnostic.code not in self.shown:
            return None
        if not diagnostic.path.is_relative_to(root):
            return self._weighed(diagnostic)
        relative = PurePath(diagnostic.path.relative_to(root)).as_posix()
        if any(diagnostic.code in codes and patterns.match_file(relative) for patterns, codes in self.per_file):
            return None
        return self._weighed(diagnostic)

    def _weighed(self, diagnostic: Diagnostic) -> Diagnostic:
        severity = self.severities.get(diagnostic.code)
        return replace(diagnostic, severity=severity) if severity else diagnostic


def select(settings: Settings) -> Selection:
    """Return the selection of the settings.

    Raises ConfigError for a word that names no rule, and for TPK002 where it is to be kept quiet.
    """
    _refuse_to_hide(settings)
    chosen = codes_of((*settings.select, *settings.extend_select))
    dropped = codes_of(settings.ignore)
    severities = {code: word for key, word in settings.severity.items() for code in codes_of([key])}
    off = {code for code, word in severities.items() if word == "off"}
    kept = tuple(rule for rule in all_rules() if rule.code in chosen and rule.code not in dropped | off)
    per_file = tuple(
        (pathspec.GitIgnoreSpec.from_lines([pattern]), frozenset(codes_of(words)))
        for pattern, words in settings.per_file_ignores.items()
    )
    shown = frozenset(rule.code for rule in kept) | (_ALWAYS - dropped - off)
    weights = {code: Severity(word) for code, word in severities.items() if word != "off"}
    return Selection(kept, shown, weights, per_file)


def codes_of(words: Iterable[str]) -> set[str]:
    """Return the codes that codes, prefixes, names and ALL stand for. Raises ConfigError for an unknown word."""
    rules = all_rules()
    codes: set[str] = set()
    for word in words:
        wanted = {
            rule.code
            for rule in rules
            if word.upper() == "ALL" or rule.name == word.lower() or rule.code.startswith(word.upper())
        }
        if not wanted and not _is_family(word):
            known = [name for rule in rules for name in (rule.code, rule.name)]
            hint = suggest(word, known) or "`tpkg-lint rule` lists all rules"
            raise ConfigError(f"there is no rule `{word}`", hint=hint, word=word)
        codes |= wanted
    return codes


def _refuse_to_hide(settings: Settings) -> None:
    asked = {
        "ignore": settings.ignore,
        "severity": settings.severity,
        "per-file-ignores": (word for words in settings.per_file_ignores.values() for word in words),
    }
    for key, words in asked.items():
        for word in words:
            if word.lower() in _FINAL:
                raise ConfigError(
                    f"`{key}` names `{word}`: a configuration that cannot be used ends the run, and nothing hides that",
                    hint=f"take `{word}` out of `{key}`",
                    word=word,
                )


def _is_family(word: str) -> bool:
    # A family without a rule yet selects nothing and is no mistake.
    return word.upper() in {"TPK", *(f"TPK{digit}" for digit in range(8))}
