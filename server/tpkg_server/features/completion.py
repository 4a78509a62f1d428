"""textDocument/completion (LSP 3.17): modules in patterns, resources in loads, codes in comments, keys in tables."""

import re
from collections.abc import Iterator

import msgspec
from lsprotocol import types as lsp

from tpkg_analyzer.config.load import FILE_NAMES
from tpkg_analyzer.config.schema import ActionTable, Assume, PackageTable, Settings
from tpkg_analyzer.model.package import RootKind
from tpkg_server.cursor import SUPPRESSION, Cursor
from tpkg_server.server import TpkgServer

_PATTERN_CALL = re.compile(r"\.(?:intern|extern|mock|deny)\s*\([^()]*$")
_SAVE_CALL = re.compile(r"\.(?:save_module|require_module)\s*\([^()]*$")
_LOAD_CALL = re.compile(r"\.load_(?:pickle|text|binary)\s*\(\s*(?:[\"'](?P<package>[^\"']*)[\"']\s*,)?[^()]*$")
_PATTERN_KEY = re.compile(r"\b(?:intern|extern|mock|deny|exclude|modules|objects|importable|missing)\s*=[^=]*$")
_CODE_KEY = re.compile(r"\b(?:select|ignore|extend-select)\s*=[^=]*$")
_OPEN_KEY = re.compile(r"^\s*(?P<typed>[\w-]*)$")
_OPEN_ACTION = re.compile(r"\{(?:[^{}]*,)?\s*(?P<typed>[\w-]*)$")
_TABLE = re.compile(r"^\s*\[\[?\s*(?P<name>[\w.-]+)\s*\]\]?")
_TABLES: dict[str, type[msgspec.Struct]] = {"": Settings, "package": PackageTable, "assume": Assume}
_REACH = 40
"""How many lines above an array may begin."""


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', "'", ".", "[", ",", "{"])
    )
    async def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        cursor = await server.cursor(params.text_document.uri, params.position)
        items = list(_items(server, cursor)) if cursor is not None else []
        return lsp.CompletionList(is_incomplete=False, items=items)


def _items(server: TpkgServer, cursor: Cursor) -> Iterator[lsp.CompletionItem]:
    is_config = cursor.document.path.name in FILE_NAMES
    if not is_config and (found := SUPPRESSION.search(cursor.before)) is not None:
        typed = re.split(r"[,\s]", found["codes"])[-1]
        yield from _codes(server, cursor, typed)
        return
    typed_string = cursor.typed()
    above = _statement(cursor)
    if typed_string is None:
        if is_config:
            yield from _keys(cursor, above)
        return
    if is_config and _CODE_KEY.search(above):
        yield from _codes(server, cursor, typed_string)
    elif _PATTERN_KEY.search(above) if is_config else _PATTERN_CALL.search(above) or _SAVE_CALL.search(above):
        yield from _modules(server, cursor, typed_string)
    elif not is_config and (load := _LOAD_CALL.search(above)) is not None:
        yield from _resources(server, cursor, typed_string, load["package"])


def _modules(server: TpkgServer, cursor: Cursor, typed: str) -> Iterator[lsp.CompletionItem]:
    names: set[str] = set()
    for closure in server.analysis.board.closures():
        names.update(name for name, node in closure.modules.items() if not node.is_pickle)
        names.update(item.module for item in closure.dropped)
    parents = {name.rpartition(".")[0] for name in names} - {""}
    tops = {name.partition(".")[0] for name in names}
    for name in sorted(names | parents):
        if name.startswith(typed):
            yield _item(server, cursor, typed, name, lsp.CompletionItemKind.Module)
    for name in sorted(parents | tops):
        if name.startswith(typed.rstrip("*").rstrip(".")):
            detail = "it and all modules below it"
            yield _item(server, cursor, typed, f"{name}.**", lsp.CompletionItemKind.Folder, detail)


def _resources(server: TpkgServer, cursor: Cursor, typed: str, package: str | None) -> Iterator[lsp.CompletionItem]:
    saved = {
        (root.module, root.resource or f"{root.cls or 'object'}.pkl")
        for closure in server.analysis.board.closures()
        for root in closure.package.roots
        if root.kind in (RootKind.OBJECT, RootKind.PICKLE, RootKind.RESOURCE)
    }
    names = (
        {module for module, _ in saved} if package is None else {name for module, name in saved if module == package}
    )
    for name in sorted(names):
        if name.startswith(typed):
            yield _item(server, cursor, typed, name, lsp.CompletionItemKind.File)


def _codes(server: TpkgServer, cursor: Cursor, typed: str) -> Iterator[lsp.CompletionItem]:
    for card in server.analysis.rules:
        if card.code.startswith(typed.upper()) or card.name.startswith(typed.lower()):
            item = _item(server, cursor, typed, card.code, lsp.CompletionItemKind.EnumMember, card.name)
            item.documentation = card.summary
            item.filter_text = typed or card.code
            yield item


def _keys(cursor: Cursor, above: str) -> Iterator[lsp.CompletionItem]:
    if (found := _OPEN_ACTION.search(above)) is not None:
        table: type[msgspec.Struct] = ActionTable
    elif (found := _OPEN_KEY.match(cursor.before)) is not None:
        name = _table_of(cursor)
        if name is None:
            return
        table = _TABLES.get(name, Settings)
    else:
        return
    for field in msgspec.structs.fields(table):
        if field.encode_name.startswith(found["typed"]):
            yield lsp.CompletionItem(field.encode_name, kind=lsp.CompletionItemKind.Property)


def _table_of(cursor: Cursor) -> str | None:
    """Return the table of ours that a line is in, None where it is another's."""
    is_shared = cursor.document.path.name == "pyproject.toml"
    for line in reversed(cursor.document.lines[: cursor.line - 1]):
        if (found := _TABLE.match(line)) is not None:
            name = found["name"]
            if not is_shared:
                return name
            return name.removeprefix("tool.tpkg-lint").lstrip(".") if name.startswith("tool.tpkg-lint") else None
    return None if is_shared else ""


def _statement(cursor: Cursor) -> str:
    """Return the text before the cursor, with the lines above on which an array or call may have begun."""
    first = max(cursor.line - 1 - _REACH, 0)
    return "\n".join([*cursor.document.lines[first : cursor.line - 1], cursor.before])


def _item(
    server: TpkgServer, cursor: Cursor, typed: str, text: str, kind: lsp.CompletionItemKind, detail: str | None = None
) -> lsp.CompletionItem:
    # Dots end a word in most editors, so that the range has to be said.
    span = cursor.span_before(len(typed))
    where = server.converter.range_in(cursor.sheet, span)
    edit = lsp.TextEdit(where, text) if where is not None else None
    return lsp.CompletionItem(text, kind=kind, detail=detail, text_edit=edit, filter_text=text)
