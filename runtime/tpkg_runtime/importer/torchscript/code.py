"""The code of TorchScript modules, as far as it can harm while it is compiled.

The compiler recurses over brackets, blocks, operators and references without a limit, runs what stands at constants
and defaults, and reads past the end of what it calls where it meets `ops.prim.PythonOp`.
torch's own printer writes short lines of calls; the limits are far above what it writes and below what breaks.
"""

import re
from collections.abc import Iterator

from tpkg_runtime.importer.torchscript.errors import ScriptError

_MOST_BRACKETS = 400
_MOST_BLOCKS = 400
_LONGEST_CHAIN = 1000

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \r\t]+|\#[^\n]*)
    |(?P<line>\n[ \t]*)
    |(?P<text>"(?!"")(?:[^"\\\n]|\\.)*"|'(?!'')(?:[^'\\\n]|\\.)*')
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?j?)
    |(?P<name>[^\W\d]\w*)
    |(?P<open>[([{])
    |(?P<close>[)\]}])
    |(?P<comma>[,;])
    |(?P<operator>->|//|\*\*|==|!=|<=|>=|<<|>>|[-+*/%@&|^~<>=.:?])
    """,
    re.VERBOSE,
)
_TYPE = re.compile(r"[\w.\[\], ()]+")
_WORDS = {"not", "and", "or", "if", "else", "in", "is", "lambda", "for"}
_NO_LITERAL = {"+", "*", "/", "//", "%", "**", "@", "&", "|", "^", "~", "<<", ">>", *_WORDS}
_CALLED_IN_LITERALS = {"annotate", "device", "uninitialized", "tensor"}
# With constants alone the compiler runs these at once: the first trap the processor, the others take all memory.
# torch's printer does not write them, as the compiler that it printed from has run them already.
_DIVISIONS = {"//", "%", "floordiv", "remainder", "divmod", "gcd"}
_GROWTH = {"mul", "center", "ljust", "rjust", "zfill", "expandtabs", "replace", "count"}
_ARITHMETIC = {"add", "sub", "neg", "pow", "abs", "int", "min", "max", "print", "format", *_DIVISIONS, *_GROWTH}
_NO_VARIABLES = {"torch", "ops", "aten", "prim", "inf", "nan", "None", "True", "False", "return", "if", "else", "in"}


def check_code(data: bytes) -> str:
    """Return the text of a record of code. Raises ScriptError for what could harm while it is compiled."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ScriptError(f"it is not UTF-8: {error}") from error
    _check_lines(text)
    if "PythonOp" in text:
        raise ScriptError("it calls the operator prim::PythonOp, which is none that code can have")
    return text


def check_type(written: str) -> None:
    """Raise ScriptError for what is no type as torch writes it, or too deep."""
    if _TYPE.fullmatch(written) is None or written.count("[") > _MOST_BRACKETS:
        raise ScriptError(f"a pickle gives the type {written[:60]!r}, which is none")


def _check_lines(text: str) -> None:
    blocks = [0]
    constants: set[str] = set()
    for number, indent, tokens in _logical_lines(text):
        while indent < blocks[-1]:
            blocks.pop()
        if indent > blocks[-1]:
            blocks.append(indent)
        if len(blocks) > _MOST_BLOCKS:
            raise ScriptError(f"line {number}: more than {_MOST_BLOCKS} blocks in each other")
        _check_literals(number, tokens)
        if tokens[0] == "def":
            constants = set()
        _check_folding(number, tokens, constants)


def _logical_lines(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each statement as number of its line, indentation and tokens. Raises ScriptError for what is too deep."""
    position = indent = 0
    number = start = 1
    tokens: list[str] = []
    chains: list[int] = [0]  # operators since the last comma, for each open bracket
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ScriptError(f"line {number}: {text[position : position + 10]!r} is nothing that torch writes")
        position, kind, token = match.end(), match.lastgroup, match.group()
        if kind == "line":
            number += 1
            if len(chains) == 1:
                if tokens:
                    yield start, indent, tokens
                start, indent, tokens, chains = number, len(token) - 1, [], [0]
            continue
        if kind == "skip":
            continue
        tokens.append(token)
        if kind == "operator" or token in _WORDS:
            chains[-1] += 1
        elif kind == "comma":
            chains[-1] = 0
        elif kind == "open":
            chains[-1] += 1
            chains.append(0)
        elif kind == "close" and len(chains) > 1:
            chains.pop()
        if len(chains) > _MOST_BRACKETS:
            raise ScriptError(f"line {number}: more than {_MOST_BRACKETS} brackets in each other")
        if chains[-1] > _LONGEST_CHAIN:
            raise ScriptError(f"line {number}: more than {_LONGEST_CHAIN} operators in one expression")
    if tokens:
        yield start, indent, tokens


def _check_folding(number: int, tokens: list[str], constants: set[str]) -> None:
    """Raise ScriptError where a statement calculates of constants alone what could harm; add to `constants`."""
    target = tokens[0] if tokens[1:2] == ["="] else ""
    used = tokens[2:] if target else tokens
    around = zip(["", *used], used, [*used[1:], ""], strict=False)
    variables = {
        token
        for before, token, after in around
        if token.isidentifier()
        and (token not in _ARITHMETIC if after == "(" else before != "." and token not in _NO_VARIABLES)
    }
    if variables <= constants:
        is_text = any(token[0] in "\"'" for token in used)
        if _DIVISIONS.intersection(used) or (is_text and ("*" in used or _GROWTH.intersection(used))):
            raise ScriptError(f"line {number}: it calculates of constants what torch has calculated before it writes")
        constants.add(target)
    else:
        constants.discard(target)


def _check_literals(number: int, tokens: list[str]) -> None:
    """Raise ScriptError where a constant or a default, which are evaluated at once, are no literals."""
    if tokens[0] == "def":
        after: list[str] = []
        depth = 0
        for token in tokens:
            depth += (token in "([{") - (token in ")]}")
            if after and token in {",", ")"} and depth <= 1:
                _check_literal(number, after[1:])
                after = []
            elif after or (token == "=" and depth == 1):
                after.append(token)
        if after:
            _check_literal(number, after[1:])
    elif "Final" in tokens[:4] and "=" in tokens:
        _check_literal(number, tokens[tokens.index("=") + 1 :])


def _check_literal(number: int, tokens: list[str]) -> None:
    for token, following in zip(tokens, [*tokens[1:], ""], strict=False):
        is_call = following == "(" and (token.isidentifier() or token in {")", "]"})
        if token in _NO_LITERAL or (is_call and token not in _CALLED_IN_LITERALS):
            raise ScriptError(f"line {number}: a constant or default that is no literal")
