"""Draw what `tmux capture-pane -e` prints as a page: colours, bold, italics and underlines of ECMA-48."""

import html
import re
import sys
from collections.abc import Iterator

_SEQUENCE = re.compile(r"\x1b\[([\d;:]*)m|\x1b\([B0]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x0e\x0f]")
_BASE = (
    "000000 cc4444 4ea84e c4a000 4a7fd4 a060b0 2aa1a8 d3d7cf 555753 ef5350 8ae234 fce94f 729fcf ad7fa8 34e2e2 ffffff"
)
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 12px; background: #14161b; color: #e0e2ea; }}
pre {{ margin: 0; font: 13.5px/17px "DejaVu Sans Mono", monospace; }}
</style><pre>{}</pre>"""


def main() -> None:
    """Read a screen, write a page."""
    print(_PAGE.format("".join(_spans(sys.stdin.read()))))


def _spans(text: str) -> Iterator[str]:
    style: dict[str, str] = {}
    end = 0
    for found in _SEQUENCE.finditer(text):
        yield _span(text[end : found.start()], style)
        end = found.end()
        if found[1] is not None:
            _apply(style, found[1].split(";"))
    yield _span(text[end:], style)


def _span(text: str, style: dict[str, str]) -> str:
    if not text:
        return ""
    shown = dict(style)
    if shown.pop("reverse", None):
        shown["color"], shown["background"] = shown.get("background", "#14161b"), shown.get("color", "#e0e2ea")
    return f'<span style="{";".join(f"{key}:{value}" for key, value in shown.items())}">{html.escape(text)}</span>'


def _apply(style: dict[str, str], codes: list[str]) -> None:
    rest = iter(codes)
    for code in rest:
        if code in ("", "0"):
            style.clear()
        elif code == "1":
            style["font-weight"] = "bold"
        elif code == "3":
            style["font-style"] = "italic"
        elif code == "7":
            style["reverse"] = "1"
        elif code in ("22", "23", "27"):
            style.pop({"22": "font-weight", "23": "font-style", "27": "reverse"}[code], None)
        elif code.partition(":")[0] == "4":
            style["text-decoration"] = "underline wavy" if code == "4:3" else "underline"
        elif code == "24":
            style.pop("text-decoration", None)
        elif code in ("38", "48"):
            style["color" if code == "38" else "background"] = _colour(rest)
        elif code in ("39", "49"):
            style.pop("color" if code == "39" else "background", None)
        elif code.partition(":")[0] == "58" and ":" not in code:
            _colour(rest)
        elif code.isdigit() and int(code) % 100 // 10 in (3, 4, 9, 0) and int(code) >= 30:
            number = int(code)
            name = "color" if number // 10 in (3, 9) else "background"
            style[name] = _of_number(number % 10 + (8 if number >= 90 else 0))


def _colour(rest: Iterator[str]) -> str:
    if next(rest) == "5":
        return _of_number(int(next(rest)))
    return "#" + "".join(f"{int(next(rest)):02x}" for _ in range(3))


def _of_number(number: int) -> str:
    if number < 16:
        return f"#{_BASE.split()[number]}"
    if number > 231:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return f"#{steps[number // 36]:02x}{steps[number // 6 % 6]:02x}{steps[number % 6]:02x}"


if __name__ == "__main__":
    main()
