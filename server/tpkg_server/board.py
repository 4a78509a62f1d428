"""What is known of files and projects, and the findings of a file put together from all stages.

A finding keeps its place when the text moves on: each stage remembers the text that it was made for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.session.drift import Drift
from tpkg_runtime.spec.imports import Reference
from tpkg_server.worker.questions import FileView, ProjectView

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Findings in one file, with the text that they were made for; None where the file was not open."""

    findings: tuple[Diagnostic, ...]
    text: str | None


class Board:
    """The last answers of the worker."""

    def __init__(self) -> None:
        self._files: dict[Path, _Stage] = {}
        self._packages: dict[Path, dict[Path, _Stage]] = {}
        self._verdicts: dict[Path, dict[Identity, tuple[Certainty, str]]] = {}
        self._faults: dict[Path, tuple[Diagnostic, ...]] = {}
        self.views: dict[Path, FileView] = {}
        self.projects: dict[Path, ProjectView] = {}

    def put_file(self, view: FileView, text: str | None) -> None:
        """Take what was found in a file by itself."""
        self.views[view.path] = view
        self._files[view.path] = _Stage(view.findings, text)

    def put_project(self, view: ProjectView, texts: Mapping[str, str]) -> set[Path]:
        """Take what was found in the closures of a project; return the files whose findings may be others now."""
        known = self.projects.get(view.root)
        if known is not None and known.stamp == view.stamp:
            view = replace(view, closures=known.closures)
        before = self._packages.get(view.root, {})
        by_path: dict[Path, list[Diagnostic]] = {}
        for finding in view.findings:
            by_path.setdefault(finding.path, []).append(finding)
        after = {path: _Stage(tuple(found), texts.get(str(path))) for path, found in by_path.items()}
        self._packages[view.root] = after
        self.projects[view.root] = view
        if known is not None and view.root in self._verdicts and known.closures != view.closures:
            del self._verdicts[view.root]  # they were about another export
        return {path for path in {*before, *after} if before.get(path) != after.get(path)}

    def keep_projects(self, roots: set[Path]) -> set[Path]:
        """Let go of all projects but these; return the files that had findings in the others."""
        gone = set(self.projects) - roots
        paths = {path for root in gone for path in self._packages.pop(root, {})}
        for root in gone:
            del self.projects[root]
            self._verdicts.pop(root, None)
        return paths

    def put_faults(self, faults: Iterable[Diagnostic]) -> set[Path]:
        """Take what is wrong with configuration files; return the files for which that is another than before."""
        by_path: dict[Path, tuple[Diagnostic, ...]] = {}
        for fault in faults:
            by_path[fault.path] = (*by_path.get(fault.path, ()), fault)
        before, self._faults = self._faults, by_path
        return {path for path in {*before, *by_path} if before.get(path) != by_path.get(path)}

    def put_verdicts(self, root: Path, judged: Iterable[Diagnostic]) -> None:
        """Take what a real export has shown."""
        self._verdicts[root] = {
            item.identity: (item.certainty, item.evidence or "")
            for item in judged
            if item.certainty is not Certainty.PREDICTED
        }

    def forget(self, path: Path) -> None:
        """Let go of a file that is of no interest any more."""
        self._files.pop(path, None)
        self.views.pop(path, None)

    def paths(self) -> set[Path]:
        """Return the files that something is known of."""
        return {*self._files, *self._faults, *(path for stages in self._packages.values() for path in stages)}

    def of(self, path: Path, text: str | None) -> list[Diagnostic]:
        """Return the findings in a file for its present text, as the command line sorts them."""
        found: set[Diagnostic] = set(self._faults.get(path, ()))
        for stage in (self._files.get(path), *(stages.get(path) for stages in self._packages.values())):
            if stage is not None:
                found.update(_moved(stage, path, text))
        judged = (self._judged(item) for item in found)
        kept = [item for item in judged if item.certainty is not Certainty.REFUTED]
        return sorted(kept, key=lambda item: item.order)

    def references(self, path: Path, text: str) -> list[Reference]:
        """Return the imports of an open file at their places in its present text."""
        stage, view = self._files.get(path), self.views.get(path)
        if stage is None or view is None:
            return []
        if stage.text is None or stage.text == text:
            return list(view.references)
        drift = Drift(stage.text, text)
        moved = (
            (item, drift.span(item.origin.span)) for item in view.references if not drift.touches(item.origin.span)
        )
        return [replace(item, origin=replace(item.origin, span=span)) for item, span in moved if span is not None]

    def is_current(self, path: Path, text: str) -> bool:
        """Tell whether the findings of a file by itself are those of this text."""
        stage = self._files.get(path)
        return stage is not None and stage.text == text

    def stamps(self) -> dict[Path, str]:
        """Return what is another whenever the closures of a project are."""
        return {root: view.stamp for root, view in self.projects.items()}

    def closures(self) -> list[Closure]:
        """Return the closures of all projects."""
        return [closure for view in self.projects.values() for closure in view.closures]

    def _judged(self, finding: Diagnostic) -> Diagnostic:
        for verdicts in self._verdicts.values():
            if finding.identity in verdicts:
                return finding.with_verdict(*verdicts[finding.identity])
        return finding


def _moved(stage: _Stage, path: Path, text: str | None) -> Iterable[Diagnostic]:
    if text is None or stage.text is None or stage.text == text:
        return stage.findings
    drift = Drift(stage.text, text)
    # What stood on a line that was edited may be mended by the edit; the next look tells.
    still = (item for item in stage.findings if not drift.touches(item.span))
    return [moved for item in still if (moved := drift.diagnostic(item, path)) is not None]
