"""The interpreter: its parts joined."""

from tpkg_analyzer.scan.exports.attributes import attribute
from tpkg_analyzer.scan.exports.calls import call
from tpkg_analyzer.scan.exports.code import Code
from tpkg_analyzer.scan.exports.expressions import evaluate
from tpkg_analyzer.scan.exports.state import Machine
from tpkg_analyzer.scan.exports.statements import run


def new_machine(code: Code) -> Machine:
    """Return an interpreter that has run nothing yet."""
    return Machine(code, run, evaluate, call, attribute, parsed=code.library_bytes)
