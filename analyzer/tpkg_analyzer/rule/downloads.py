"""What comes into a module from outside: values that are downloaded or asked for, and files that they are put into."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from tpkg_analyzer.rule.bindings import bound_arguments, returned_values, unpacked_from
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.path_keys import PathKey, path_key
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_GIVES = {
    "urllib.request.urlretrieve": "is downloaded",
    "urllib.request.urlopen": "is downloaded",
    "requests.get": "is downloaded",
    "requests.post": "is downloaded",
    "httpx.get": "is downloaded",
    "wget.download": "is downloaded",
    "gdown.download": "is downloaded",
    "huggingface_hub.hf_hub_download": "is downloaded",
    "huggingface_hub.snapshot_download": "is downloaded",
    "builtins.input": "comes from outside",
}
_FILLS = {
    "torch.hub.download_url_to_file": (1, "dst"),
    "urllib.request.urlretrieve": (1, "filename"),
    "gdown.download": (1, "output"),
    "wget.download": (1, "out"),
}
"""Functions that write a download to the path that is one of their arguments."""
_PASSING = frozenset(
    {"io.BytesIO", "pathlib.Path", "os.path.join", "os.path.expanduser", "builtins.open", "builtins.str"}
)
_OPENS = frozenset({"builtins.open", "io.open"})
_DEPTH = 8

Outside: TypeAlias = tuple[cst.CSTNode, str]
"""What brings a value in, and how."""


@dataclass(frozen=True, slots=True)
class _Fill:
    """A call that writes what comes from outside to a path or into a buffer."""

    key: PathKey
    call: cst.Call
    how: str


class Downloads:
    """Answers for one module."""

    def __init__(self, module: AnalyzedModule) -> None:
        self._module = module
        self._fills: list[_Fill] = []
        self._fills += [item for call, scope in module.sites(cst.Call) for item in self._filled_by(call, scope)]
        further = self._fills
        while further:
            given = [item for fill in further for item in self._filled_by_callers(fill)]
            further = [item for item in given if item not in self._fills]
            self._fills = [*self._fills, *further]

    def outside(self, node: cst.BaseExpression, scope: Scope, depth: int = _DEPTH) -> Outside | None:
        """Return what brings a value in and how, None where that is not known."""
        if depth == 0:
            return None
        depth -= 1
        key = path_key(self._module, node, scope)
        if key is not None and (fill := next((item for item in self._fills if item.key == key), None)) is not None:
            return fill.call, fill.how
        match node:
            case cst.Call():
                return self._called(node, scope, depth)
            case cst.Attribute(value=inner) | cst.NamedExpr(value=inner) | cst.Await(expression=inner):
                return self.outside(inner, scope, depth)
            case cst.Subscript(value=inner):
                if self._module.qualified(inner, scope) == "sys.argv":
                    return node, "comes from outside"
                return self.outside(inner, scope, depth)
            case cst.BinaryOperation(left=left, right=right):
                return self.outside(left, scope, depth) or self.outside(right, scope, depth)
            case cst.Name(value=name):
                return self._variable(name, scope, depth)
            case _:
                return None

    def _called(self, node: cst.Call, scope: Scope, depth: int) -> Outside | None:
        function = self._module.qualified(node.func, scope) or ""
        if function in _GIVES:
            return node, _GIVES[function]
        own = self._own_function(node, scope)
        if own is not None:
            returned = [self.outside(value, inner, depth) for value, inner in returned_values(self._module, own)]
            return returned[0] if returned and None not in returned else None
        below = [item.value for item in node.args]
        if isinstance(node.func, cst.Attribute):
            below.append(node.func.value)
        # BytesIO(x), Path(x), x.read(): still the same; the project's other functions may check it.
        if function in _PASSING or isinstance(node.func, cst.Attribute):
            return next((found for item in below if (found := self.outside(item, scope, depth))), None)
        return None

    def _variable(self, name: str, scope: Scope, depth: int) -> Outside | None:
        bound = scope.lookup(name)
        if bound is None or len(bound[1]) != 1:
            return None
        owner, [binding] = bound
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            return self.outside(binding.value, owner, depth)
        source = unpacked_from(name, binding.node) if binding.kind is BindingKind.OTHER else None
        return self.outside(source.value, owner, depth) if source is not None else None

    def _filled_by(self, call: cst.Call, scope: Scope) -> Iterator[_Fill]:
        """Yield what a call writes a download to."""
        function = self._module.qualified(call.func, scope) or ""
        if function in _FILLS and (target := argument(call, *_FILLS[function])) is not None:
            yield from self._to_path(target, scope, call, "is downloaded")
            return
        match call:
            case cst.Call(func=cst.Attribute(value=target, attr=cst.Name(value=method)), args=[cst.Arg(value=written)]):
                is_file = method == "write_bytes"
                if (is_file or method == "write") and (found := self.outside(written, scope)) is not None:
                    if is_file:
                        yield from self._to_path(target, scope, call, found[1])
                    else:
                        yield from self._to_stream(target, scope, call, found[1])
            case cst.Call(args=[cst.Arg(value=read), cst.Arg(value=target), *_]) if function == "shutil.copyfileobj":
                if (found := self.outside(read, scope)) is not None:
                    yield from self._to_stream(target, scope, call, found[1])

    def _to_path(self, target: cst.BaseExpression, scope: Scope, call: cst.Call, how: str) -> Iterator[_Fill]:
        key = path_key(self._module, target, scope)
        if key is not None:
            yield _Fill(key, call, how)

    def _to_stream(self, stream: cst.BaseExpression, scope: Scope, call: cst.Call, how: str) -> Iterator[_Fill]:
        """Yield a stream that is written to, as itself, by its name and by the path that it was opened with."""
        opened: cst.BaseExpression | None = stream
        if isinstance(stream, cst.Name):
            bound = scope.lookup(stream.value)
            bindings = bound[1] if bound is not None else []
            if len(bindings) == 1:
                yield from self._to_path(stream, scope, call, how)
                yield from self._to_path(cst.Attribute(stream, cst.Name("name")), scope, call, how)
            values = [item.value for item in bindings if self._is_around(item.node, call)]
            opened = values[0] if len(values) == 1 else None
        if not isinstance(opened, cst.Call):
            return
        if self._module.qualified(opened.func, scope) in _OPENS:
            path = argument(opened, 0, "file")
        else:
            is_method = isinstance(opened.func, cst.Attribute) and opened.func.attr.value == "open"
            path = opened.func.value if is_method and isinstance(opened.func, cst.Attribute) else None
        if path is not None:
            yield from self._to_path(path, scope, call, how)

    def _is_around(self, node: cst.CSTNode, call: cst.Call) -> bool:
        """Tell whether a binding is that of a call: by the with statement around it, or by any assignment."""
        if not isinstance(node, cst.WithItem):
            return True
        around: cst.CSTNode | None = call
        while around is not None and around is not self._module.parent(node):
            around = self._module.parent(around)
        return around is not None

    def _filled_by_callers(self, fill: _Fill) -> Iterator[_Fill]:
        """Yield what the module gives to a function of its own that writes a download to that parameter."""
        function = fill.key.parameter_of
        if function is None:
            return
        for call, scope in self._module.sites(cst.Call):
            if self._own_function(call, scope) is not function:
                continue
            skipped = 1 if isinstance(call.func, cst.Attribute) else 0
            for parameter, value in bound_arguments(function, call, skipped):
                if parameter.name.value == fill.key.text and value is not None:
                    yield from self._to_path(value, scope, call, fill.how)

    def _own_function(self, call: cst.Call, scope: Scope) -> cst.FunctionDef | None:
        """Return the function of this module, or the method of this class, that is called."""
        match call.func:
            case cst.Name(value=name):
                found = scope.lookup(name)
            case cst.Attribute(value=cst.Name(value="self" | "cls"), attr=cst.Name(value=name)):
                cls = scope.enclosing_class
                found = (cls, cls.bindings[name]) if cls is not None and name in cls.bindings else None
            case _:
                return None
        if found is None or len(found[1]) != 1:
            return None
        node = found[1][0].node
        return node if isinstance(node, cst.FunctionDef) else None
