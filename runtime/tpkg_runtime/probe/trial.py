"""One package under trial: exported once, loaded at most twice, asked everything that is to be known of it."""

import importlib
import io
from functools import cached_property
from types import ModuleType
from typing import Any

from tpkg_runtime import PackageExporter, PackageImporter, PackagingError
from tpkg_runtime.spec.mangling import is_mangled
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import Experiment, ExperimentKind, ProbeAction, Request, Verdict

RUNTIME = "tpkg_runtime as torch.package"


class Trial:
    """The export of a request and what is loaded from it. Behaves as torch.package does."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def judge(self, experiment: Experiment) -> tuple[Verdict, str]:
        """Try one prediction. Raises whatever the user's code raises."""
        match experiment.kind:
            case ExperimentKind.EXPORT_ERROR:
                return self._export_error(experiment)
            case ExperimentKind.HOST_IMPORT:
                return self._host_import(experiment)
            case ExperimentKind.OWN_STATE:
                return self._own_state(experiment)
            case ExperimentKind.OWN_CLASS:
                return self._own_class(experiment)

    @cached_property
    def broken(self) -> dict[str, str]:
        """The modules that the export as declared names as broken, each with the reason."""
        try:
            self._export(())
        except PackagingError as error:
            nodes = error.dependency_graph.nodes
            return {name: marks["error"].name for name, marks in nodes.items() if marks.get("error")}
        return {}

    @cached_property
    def archive(self) -> io.BytesIO:
        """The exported package. Where modules lack an action, they get one, so that the rest can be tried."""
        missing = {name for name, reason in self.broken.items() if reason == PackagingErrorReason.NO_ACTION.name}
        repairs: list[ProbeAction] = []
        while missing:
            repairs += [ProbeAction("intern" if self._is_own(name) else "extern", (name,)) for name in sorted(missing)]
            try:
                return self._export(tuple(repairs))
            except PackagingError as error:
                nodes = error.dependency_graph.nodes
                missing = {
                    name for name, marks in nodes.items() if marks.get("error") is PackagingErrorReason.NO_ACTION
                }
                if not missing:
                    raise
        return self._export(())

    @cached_property
    def first(self) -> PackageImporter:
        """The package, loaded."""
        return self._load()

    @cached_property
    def second(self) -> PackageImporter:
        """The package, loaded once more."""
        return self._load()

    def _load(self) -> PackageImporter:
        return PackageImporter(io.BytesIO(self.archive.getvalue()), compat="torch")

    def _export(self, repairs: tuple[ProbeAction, ...]) -> io.BytesIO:
        buffer = io.BytesIO()
        with PackageExporter(buffer, compat="torch") as exporter:
            for action in (*self._request.actions, *repairs):
                declare = getattr(exporter, action.action)
                empty = {} if action.action == "deny" else {"allow_empty": action.allow_empty}
                declare(list(action.include), exclude=list(action.exclude), **empty)
            for module in self._request.modules:
                exporter.save_module(module)
            for position, (module, cls) in enumerate(self._request.objects):
                exporter.save_pickle("tpkg_probe", f"{position}.pkl", _object_of(module, cls))
        return buffer

    def _is_own(self, module: str) -> bool:
        file = getattr(importlib.import_module(module), "__file__", None) or ""
        return "site-packages" not in file and any(file.startswith(path) for path in self._request.paths)

    def _repaired(self) -> str:
        missing = sum(reason == PackagingErrorReason.NO_ACTION.name for reason in self.broken.values())
        return f" (with actions added for {missing} modules that have none)" if missing else ""

    def _export_error(self, experiment: Experiment) -> tuple[Verdict, str]:
        reason = self.broken.get(experiment.symbol)
        how = f"exported {self._request.package} with {RUNTIME}"
        if reason is not None:
            return Verdict.CONFIRMED, f"{how}: PackagingError names {experiment.symbol} ({reason})"
        if self.broken:
            return Verdict.REFUTED, f"{how}: PackagingError does not name {experiment.symbol}"
        return Verdict.REFUTED, f"{how}: it succeeds"

    def _host_import(self, experiment: Experiment) -> tuple[Verdict, str]:
        packaged = self.first.import_module(experiment.module)
        try:
            found = self._imported(packaged, experiment)
        except ImportError as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            return Verdict.CONFIRMED, f"{experiment.expression} in {packaged.__name__}: {type(error).__name__}: {said}"
        name = getattr(found, "__name__", repr(found))
        how = f"{experiment.expression} in {packaged.__name__} gives"
        if is_mangled(name):
            return Verdict.REFUTED, f"{how} the package's own {name}"
        if found is self._stated(experiment.symbol):
            return Verdict.REFUTED, f"{how} {name} of the host, and so does an import statement"
        return Verdict.CONFIRMED, f"{how} the host's {name}{self._repaired()}"

    def _stated(self, module: str) -> ModuleType | None:
        """Return what an import statement of the package gives for `module`, None where it raises."""
        try:
            return self.first.import_module(module)
        except ImportError:
            return None

    def _imported(self, packaged: ModuleType, experiment: Experiment) -> Any:
        try:
            return eval(experiment.expression, packaged.__dict__)
        except NameError:  # it needs names of the function that it stands in
            return importlib.import_module(experiment.symbol)

    def _own_state(self, experiment: Experiment) -> tuple[Verdict, str]:
        host = getattr(importlib.import_module(experiment.module), experiment.symbol)
        first = getattr(self.first.import_module(experiment.module), experiment.symbol)
        second = getattr(self.second.import_module(experiment.module), experiment.symbol)
        counts = f"{_size(first)} and {_size(second)} in the packages, {_size(host)} in the host"
        if host is first or first is second:
            return Verdict.REFUTED, f"loaded twice: {experiment.symbol} is one object everywhere"
        return (
            Verdict.CONFIRMED,
            f"loaded twice: {experiment.symbol} is three objects, with {counts}{self._repaired()}",
        )

    def _own_class(self, experiment: Experiment) -> tuple[Verdict, str]:
        module, _, name = experiment.symbol.rpartition(".")
        host = getattr(importlib.import_module(module), name)
        packaged = getattr(self.first.import_module(module), name)
        shown = f"{packaged.__module__}.{packaged.__qualname__}"
        if issubclass(packaged, host) or issubclass(host, packaged):
            return Verdict.REFUTED, f"{shown} and the host's {experiment.symbol} know each other's instances"
        instance = object.__new__(packaged)
        assert not isinstance(instance, host)
        return (
            Verdict.CONFIRMED,
            f"isinstance of a {shown} with the host's {experiment.symbol} is False{self._repaired()}",
        )


def _object_of(module: str, cls: str | None) -> Any:
    """Return something whose pickle names `module` and the class: an instance where it can be made, else the class."""
    home = importlib.import_module(module)
    if cls is None:
        return next(value for value in vars(home).values() if getattr(value, "__module__", None) == module)
    kind = getattr(home, cls)
    try:
        return kind()
    except TypeError:
        return kind


def _size(value: Any) -> str:
    try:
        return f"{len(value)} entries"
    except TypeError:
        return "one value"
