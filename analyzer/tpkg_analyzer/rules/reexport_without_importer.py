"""TPK509 reexport-without-importer."""

import os
from collections.abc import Iterator
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind, Place
from tpkg_analyzer.rule.contents import Content, content_of
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, mended
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class ReexportWithoutImporter(Rule):
    """A loaded object is saved by an exporter that does not know where it came from.

    ## What it does
    Reports `save_pickle` of something that a PackageImporter loaded, if the exporter is not given that importer. Not
    of what the project's own export, or the archive where that is there, shows to be data: a dictionary, a tensor, a
    layer of torch.

    ## Why is this bad?
    The classes of a loaded object have mangled modules. The exporter asks its importers for them, the host has
    none, and the save fails.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "old"
    archive = "old.pt"
    objects = ["model:Net"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python export.py
    from torch.package import PackageExporter, PackageImporter

    old = PackageImporter("old.pt")
    net = old.load_pickle("net", "net.pkl")
    with PackageExporter("new.pt") as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", net)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "new"
    at = "export.py"
    objects = ["model:Net"]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python export.py
    from torch.package import PackageExporter, PackageImporter, sys_importer

    old = PackageImporter("old.pt")
    net = old.load_pickle("net", "net.pkl")
    with PackageExporter("new.pt", importer=(old, sys_importer)) as exporter:
        exporter.intern("**")
        exporter.save_pickle("net", "net.pkl", net)
    ```

    ## Fix safety
    Safe. The exporter is given the importer that the object comes from, and after it that of the host.

    ## How it is confirmed

    The package that the object comes from is loaded, as the project exports it or from the archive that the code opens,
    and a class of it is saved by an exporter that knows the host alone. The finding is confirmed if that raises.
    """

    code = "TPK509"
    name = "reexport-without-importer"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.REEXPORTED

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Load the other package; where its path is not known, there is nothing to load."""
        if finding.archive is None:
            return "it needs the archive that the code opens"
        return super().experiment(finding, code)

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report objects of importers that the exporter was not given."""
        seen: set[Place] = set()
        for incident in closure.package.incidents:
            if incident.kind is not IncidentKind.REEXPORT or incident.place in seen:
                continue
            archive = Path(os.path.normpath(project.root / incident.detail)) if incident.detail else None
            if not incident.subject or content_of(project, archive, incident.subject) is not Content.DATA:
                seen.add(incident.place)
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"this object was loaded from a package, and the exporter of package `{closure.package.name}` does "
                    "not know its importer: the save fails",
                    symbol="importer",
                    help="give the exporter `importer=(the importer, sys_importer)`",
                    fix=mended(incident, "Give the exporter the importer"),
                    archive=archive,
                )
