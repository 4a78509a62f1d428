"""How often each rule was found, the most frequent first."""

import json
from collections import Counter
from collections.abc import Sequence

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.render.formats.registry import FOR_PEOPLE


def statistics_text(found: Sequence[Diagnostic], format_name: str) -> str:
    """Return a line for each rule, or a JSON document. Raises ConfigError for a format that has no place for it."""
    if format_name != "json" and format_name not in FOR_PEOPLE:
        raise ConfigError(f"--statistics is a text or JSON, not {format_name}", hint="--output-format json")
    counts = Counter((item.code, item.name) for item in found)
    fixable = Counter(item.code for item in found if item.fix is not None)
    if format_name == "json":
        rows = [
            {"code": code, "name": name, "count": count, "fixable": fixable[code]}
            for (code, name), count in counts.most_common()
        ]
        return json.dumps(rows, indent=2) + "\n"
    return "".join(
        f"{count:>6}  {code}  {name}{f'  ({fixable[code]} fixable)' if fixable[code] else ''}\n"
        for (code, name), count in counts.most_common()
    )
