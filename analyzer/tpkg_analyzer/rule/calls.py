"""Arguments of calls."""

import libcst as cst


def argument(call: cst.Call, position: int, keyword: str) -> cst.BaseExpression | None:
    """Return the value of an argument given by position or by name; None where it is absent or behind a star."""
    for index, item in enumerate(call.args):
        if item.star:
            return None
        if item.keyword is None and index == position:
            return item.value
        if item.keyword is not None and item.keyword.value == keyword:
            return item.value
    return None
