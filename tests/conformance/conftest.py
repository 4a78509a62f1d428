"""Fixtures of the conformance tests: which implementation a test runs with."""

import pytest
import torch.package.package_exporter

from tests.conformance.implementations import COMPAT, ORACLE, OURS, Implementation
from tests.runtime.projects import project

__all__ = ["project"]

_ALL = [ORACLE, OURS, COMPAT]


@pytest.fixture(params=_ALL, ids=str)
def each(request: pytest.FixtureRequest) -> Implementation:
    """The oracle, ours, and ours in the oracle's manner: what all three must do."""
    implementation: Implementation = request.param
    return implementation


@pytest.fixture(
    params=[(writer, reader) for writer in _ALL for reader in _ALL], ids=lambda pair: f"{pair[0]}-{pair[1]}"
)
def both(request: pytest.FixtureRequest) -> tuple[Implementation, Implementation]:
    """Who writes and who reads an archive, in all combinations."""
    pair: tuple[Implementation, Implementation] = request.param
    return pair


@pytest.fixture(
    params=[
        pytest.param(ORACLE, marks=pytest.mark.xfail(strict=True, reason="the original fails here")),
        pytest.param(OURS),
    ],
    ids=str,
)
def better(request: pytest.FixtureRequest) -> Implementation:
    """Ours, and the oracle that is known to fail the same test."""
    implementation: Implementation = request.param
    return implementation


@pytest.fixture(autouse=True)
def _open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The original keeps TorchScript modules behind a gate; its own tests open it as well."""
    monkeypatch.setattr(torch.package.package_exporter, "_gate_torchscript_serialization", False)
