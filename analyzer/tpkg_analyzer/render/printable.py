"""Texts from elsewhere as they may be printed: names of files and modules can hold anything."""

import re
from dataclasses import replace

from tpkg_analyzer.model.diagnostic import Diagnostic

# What moves a terminal's cursor, reorders a line, or is no character of XML.
_CONTROL = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff"
_UNPRINTABLE = re.compile(f"[{_CONTROL}]")
_OUT_OF_LINE = re.compile(f"[{_CONTROL}\\t\\n\u2028\u2029]")


def printable(text: str) -> str:
    """Return a text with escapes for control characters, but for tabs and new lines."""
    return _UNPRINTABLE.sub(_escape, text)


def in_one_line(text: str) -> str:
    """Return a text with escapes for control characters, tabs and new lines too."""
    return _OUT_OF_LINE.sub(_escape, text)


def spoken(finding: Diagnostic) -> Diagnostic:
    """Return a finding whose sentences can be printed; its names and places stay what they are."""
    return replace(
        finding,
        message=printable(finding.message),
        help=finding.help and printable(finding.help),
        evidence=finding.evidence and printable(finding.evidence),
        related=tuple(replace(place, message=printable(place.message)) for place in finding.related),
    )


def _escape(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]
