"""What is known by name: builtins, some of the standard library, and torch."""

from tpkg_analyzer.scan.exports import builtin, command_line, kinds, library, pure, records, torch_names
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.text import is_text_method, text_method
from tpkg_analyzer.scan.exports.values import Known, Value

_TABLES: tuple[dict[str, builtin.Function], ...] = (
    *(builtin.FUNCTIONS, kinds.FUNCTIONS, library.FUNCTIONS),
    *(command_line.FUNCTIONS, pure.FUNCTIONS, records.FUNCTIONS, torch_names.FUNCTIONS),
)


def call_known(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value | None:
    """Call what is known by its dotted name; None where it is not."""
    for table in _TABLES:
        if name in table:
            return table[name](machine, arguments, site)
    if name.startswith("builtins.str.") and arguments.positional and is_text_method(name.rpartition(".")[2]):
        text = arguments.positional[0]
        rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.doubt)
        return text_method(machine, text, name.rpartition(".")[2], rest, site) if isinstance(text, Known) else None
    return torch_names.call_torch(machine, name, arguments, site) if name.startswith("torch.") else None
