"""Chains, importers and costs against the graph of the real exporter; reasons of absence on little trees."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.scan.shop import TREE, all_paths, exported, predicted
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.absence import AbsenceKind, why_not
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.cost import cost_of, costs
from tpkg_analyzer.scan.why import chain_to, chains_to, importers_of
from tpkg_runtime.spec.actions import Action


def names(chain: tuple) -> list[str]:  # type: ignore[type-arg]
    return [chain[0].importer, *(link.target for link in chain)]


def test_the_shortest_chain_has_places_and_kinds() -> None:
    closure, _ = predicted()
    chain = chain_to(closure, "outer.part")
    assert [(link.importer, link.target, link.kind.value, link.line) for link in chain] == [
        ("shop.main", "shop.rare", "function", 5),
        ("shop.rare", "outer.part", "static", 1),
    ]
    assert chain_to(closure, "shop.main") == ()
    assert chain_to(closure, "shop.lonely") == ()


def test_all_chains_come_shortest_first_and_pass_nothing_twice() -> None:
    closure, _ = predicted()
    chains = [names(chain) for chain in chains_to(closure, "shop.codes")]
    assert chains == [
        ["shop.main", "shop.pay", "shop.codes"],
        ["shop.main", "shop.cart", "shop.items", "shop.codes"],
        ["shop.main", "shop.cart", "shop.pay", "shop.codes"],
        ["shop.main", "shop.pay", "shop.cart", "shop.items", "shop.codes"],
    ]
    assert [names(chain) for chain in chains_to(closure, "shop.codes", 2)] == chains[:2]
    assert list(chains_to(closure, "shop.main")) == []
    assert list(chains_to(closure, "nothing")) == []


def test_chains_in_a_dense_graph_with_cycles_end() -> None:
    everyone = [f"m{number}" for number in range(60)]
    tree = {f"{name}.py": "".join(f"import {other}\n" for other in everyone if other != name) for name in everyone}
    package = Package("dense", Place(None), (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "m0")))
    closure, _ = predicted(tree, package)
    chains = list(chains_to(closure, "m59", 100))
    assert len(chains) == len(set(chains)) == 100
    assert [len(chain) for chain in chains] == sorted(len(chain) for chain in chains)
    assert len(chains[0]) == 1


def test_a_cost_is_what_leaves_with_the_module() -> None:
    closure, _ = predicted()
    for name in closure.modules:
        assert set(cost_of(closure, name).modules) == lost_without(closure, name), name
    bank = cost_of(closure, "shop.bank")
    assert bank.modules == ("shop.bank", "shop.vault")
    assert bank.bytes == len(TREE["shop/bank.py"]) + len(TREE["shop/vault.py"])
    assert costs(closure)[0].module == "shop.main"
    assert cost_of(closure, "nothing").modules == ()


def lost_without(closure: Closure, module: str) -> set[str]:
    """Say the same in the simplest way: walk the graph with the module taken out."""

    def reached(without: str | None) -> set[str]:
        stack = [name for name, node in closure.modules.items() if node.rule == "root" and name != without]
        seen = set(stack)
        while stack:
            for target in closure.modules[stack.pop()].depends_on:
                if target not in seen and target != without:
                    seen.add(target)
                    stack.append(target)
        return seen

    return reached(None) - reached(module)


@pytest.mark.parametrize(
    ("module", "kind", "reason"),
    [
        ("gone", AbsenceKind.DROPPED, "gone is not installed"),
        ("shop.plugin", AbsenceKind.DYNAMIC, "only a call imports it, which the exporter does not see"),
        ("outer.other", AbsenceKind.BEHIND, "it is part of outer, which is extern and not looked into"),
        ("hidden", AbsenceKind.BEHIND, "only outer imports it, which is extern and not looked into"),
        ("shop", AbsenceKind.PARENT, "it is the package of shop.bank, which alone is recorded"),
        ("shop.lonely", AbsenceKind.UNREACHED, "no import statement that the exporter follows names it"),
        ("nowhere", AbsenceKind.NOT_FOUND, "nowhere is not installed"),
    ],
)
def test_every_absence_has_its_reason(module: str, kind: AbsenceKind, reason: str) -> None:
    absence = why_not(*predicted(), module)
    assert absence is not None
    assert (absence.kind, absence.reason) == (kind, reason)


def test_what_is_in_is_not_absent() -> None:
    assert why_not(*predicted(), "shop.bank") is None


def test_absences_name_their_places() -> None:
    closure, found = predicted()
    dropped = why_not(closure, found, "gone")
    assert dropped is not None
    assert [(item.by, item.reference.origin.span.line) for item in dropped.dropped] == [("shop.cart", 4)]
    dynamic = why_not(closure, found, "shop.plugin")
    assert dynamic is not None
    assert [(item.module, item.line) for item in dynamic.mentions] == [("shop.items", 5)]
    behind = why_not(closure, found, "hidden")
    assert behind is not None
    assert [(item.module, item.line) for item in behind.mentions] == [("outer", 2)]


@pytest.mark.torch
def test_the_real_exporter_has_the_same_importers_and_ways(tmp_path: Path) -> None:
    closure, _ = predicted()
    with exported(tmp_path) as exporter:
        real = set(exporter.dependency_graph.nodes)
        assert set(closure.modules) == real
        for module in real:
            assert {link.importer for link in importers_of(closure, module)} == set(exporter.get_rdeps(module)), module
        for module in real - {"shop.main"}:
            ways = all_paths(exporter, "shop.main", module)
            steps = {step for chain in chains_to(closure, module) for step in pairwise(names(chain))}
            assert steps, module
            assert all(f'"{one}" -> "{other}";' in ways for one, other in steps), module
