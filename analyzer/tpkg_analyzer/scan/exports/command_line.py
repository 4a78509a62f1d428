"""Arguments of the command line: what kind of value each one is, whatever it is."""

from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.scalars import is_scalar, scalar
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import NONE, External, Instance, Items, Known, Value, either

_PARSER = "argparse.ArgumentParser"
_OPTIONS = " options"
"""The attribute of a parser, of a name that no program gives one, that holds what it has been told of."""
_FLAGS = frozenset({"store_true", "store_false", "count"})
_ACTIONS = _FLAGS | {"store", "store_const", "append", "append_const", "extend", "help", "version"}
_SCALARS = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool"})


def _parser(machine: Machine, arguments: Arguments, site: Site) -> Value:
    options = Instance(External("argparse.Namespace"), level=machine.level, doubt=arguments.doubt)
    parents = _named(arguments, "parents")
    inherited, doubt = items_of(machine, parents, site) if parents is not None else ([], None)
    options.doubt = options.doubt or doubt
    if _named(arguments, "argument_default") is not None:
        options.doubt = options.doubt or site.unknown
    for parent in inherited:
        found = _options_of(parent)
        options.attributes.update(found.attributes if found is not None else {})
        options.doubt = options.doubt or (site.unknown if found is None else found.doubt)
    return _of(machine, options, site)


def _of(machine: Machine, options: Instance, site: Site) -> Instance:
    parser = Instance(External(_PARSER), level=machine.level, place=site.place)
    parser.attributes[_OPTIONS] = options
    return parser


def _options_of(parser: Value) -> Instance | None:
    found = parser.attributes.get(_OPTIONS) if isinstance(parser, Instance) else None
    return found if isinstance(found, Instance) else None


def _same(machine: Machine, arguments: Arguments, site: Site) -> Value:
    """A group: all ends up in one namespace."""
    options = _options_of(arguments.positional[0])
    return _of(machine, options, site) if options is not None else site.opaque


def _commands(machine: Machine, arguments: Arguments, site: Site) -> Value:
    """Commands with arguments of their own, of which one is chosen."""
    options = _options_of(arguments.positional[0])
    if options is None:
        return site.opaque
    options.doubt = options.doubt or site.unknown
    return _of(machine, options, site)


def _add(machine: Machine, arguments: Arguments, site: Site) -> Value:
    options, name = _options_of(arguments.positional[0]), _destination(arguments)
    if options is None:
        return site.opaque
    if name is not None:
        value = _value(machine, arguments, site)
        options.attributes[name] = _joined(value, options.attributes.get(name, value), site)
    if name is None or not _is_told(_named(arguments, "action")):
        options.doubt = options.doubt or site.unknown
    return site.opaque


def _is_told(action: Value | None) -> bool:
    """Tell whether an action does what argparse says, and no class of the program's own."""
    if isinstance(action, External):
        return action.name == "argparse.BooleanOptionalAction"
    return action is None or (isinstance(action, Known) and action.value in _ACTIONS)


def _register(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    options = _options_of(arguments.positional[0])
    if options is not None:  # a name may stand for another type or action from now on
        options.doubt = options.doubt or site.unknown
    return NONE


def _destination(arguments: Arguments) -> str | None:
    """Return the name under which an argument is stored, as argparse makes it from what is typed."""
    given = _named(arguments, "dest")
    if given is not None:
        return given.value if isinstance(given, Known) and isinstance(given.value, str) else None
    flags = [item.value for item in arguments.positional[1:] if isinstance(item, Known) and isinstance(item.value, str)]
    if not flags or len(flags) != len(arguments.positional) - 1 or arguments.doubt is not None:
        return None
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_")


def _named(arguments: Arguments, keyword: str) -> Value | None:
    return next((value for name, value in arguments.keywords if name == keyword), None)


def _value(machine: Machine, arguments: Arguments, site: Site) -> Value:
    action, default = _named(arguments, "action"), _named(arguments, "default") or NONE
    if isinstance(action, External) and action.name == "argparse.BooleanOptionalAction":
        return _joined(scalar(site.unknown), default, site)
    kind = action.value if isinstance(action, Known) else "store" if action is None else None
    if kind in _FLAGS:
        return _joined(scalar(site.unknown), default, site)
    count = _named(arguments, "nargs")
    is_one = count is None or (isinstance(count, Known) and count.value == "?")
    if kind != "store" or not is_one:
        return site.opaque
    convert = _named(arguments, "type")
    given: Value = scalar(site.unknown)
    if convert is not None and not (isinstance(convert, External) and convert.name in _SCALARS):
        given = machine.call(machine, convert, Arguments((given,)), site)
    return _joined(given, either([default, _named(arguments, "const") or NONE], site.unknown), site)


def _joined(given: Value, default: Value, site: Site) -> Value:
    return scalar(site.unknown) if is_scalar(given) and is_scalar(default) else either([given, default], site.unknown)


def _set_defaults(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    options = _options_of(arguments.positional[0])
    if options is not None:
        for name, value in arguments.keywords:
            options.attributes[name] = _joined(options.attributes.get(name, value), value, site)
        options.doubt = options.doubt or arguments.doubt
    return NONE


def _parse(machine: Machine, arguments: Arguments, site: Site) -> Value:
    options = _options_of(arguments.positional[0])
    if options is None:
        return site.opaque
    doubt = options.doubt or (site.unknown if arguments.get(2, "namespace") is not None else None)
    return Instance(options.cls, dict(options.attributes), machine.level, doubt)


def _parse_known(machine: Machine, arguments: Arguments, site: Site) -> Value:
    rest = Items("list", [], machine.level, site.unknown)
    return Items("tuple", [_parse(machine, arguments, site), rest], machine.level)


FUNCTIONS: dict[str, Function] = {
    _PARSER: _parser,
    f"{_PARSER}.add_argument": _add,
    f"{_PARSER}.add_argument_group": _same,
    f"{_PARSER}.add_mutually_exclusive_group": _same,
    f"{_PARSER}.add_subparsers": _commands,
    f"{_PARSER}.add_parser": _same,
    f"{_PARSER}.register": _register,
    f"{_PARSER}.set_defaults": _set_defaults,
    f"{_PARSER}.parse_args": _parse,
    f"{_PARSER}.parse_known_args": _parse_known,
}
