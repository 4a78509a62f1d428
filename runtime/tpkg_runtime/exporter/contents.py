"""What goes into an archive beside tensors: resources as they are saved, sources when the package is complete."""

from collections.abc import Iterable

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import Data
from tpkg_runtime.exporter.errors import ExportError
from tpkg_runtime.spec.mangling import is_mangled


class Contents:
    """Records by name, each of which can be given once."""

    def __init__(self) -> None:
        self.records: dict[str, Data] = {}
        self._resources: dict[str, tuple[str, str]] = {}

    def copy(self) -> "Contents":
        """Return others that begin with all of these."""
        copied = Contents()
        copied.records, copied._resources = dict(self.records), dict(self._resources)
        return copied

    def check_resource(self, package: str, resource: str) -> str:
        """Return the record of a new resource.

        Raises ExportError where it cannot be one: the name is taken, or it is the mangled name of a packaged module.
        """
        record = layout.resource_record(package, resource)
        if record in self.records:
            raise ExportError(f"resource '{resource}' of package '{package}' is saved already")
        if is_mangled(record):
            raise ExportError(
                f"Tried to save a torch.package'd module as '{record}'. Directly saving torch.package'd modules is "
                "not allowed."
            )
        return record

    def add_resource(self, package: str, resource: str, data: Data) -> None:
        """Take the bytes of a resource that was checked."""
        record = layout.resource_record(package, resource)
        self.records[record] = data
        self._resources[record] = package, resource

    def add(self, record: str, data: Data) -> None:
        """Take a record that is not a resource. Raises ExportError where a resource has its name."""
        if record in self.records:
            raise ExportError(f"Tried to write file '{record}', but it already exists in this archive.")
        if is_mangled(record):
            raise ExportError(f"Tried to save a torch.package'd module as '{record}'.")
        self.records[record] = data

    def check_collisions(self, extern_modules: Iterable[str]) -> None:
        """Raise ExportError for records below a name that is a plain module or extern: they could not be loaded."""
        plain = [record[: -len(".py")] for record in self.records if record.endswith(".py")]
        taken = dict.fromkeys(plain, "a module that is no package")
        taken |= dict.fromkeys((module.replace(".", "/") for module in extern_modules), "an extern module")
        problems = []
        for record in self.records:
            if layout.is_framework(record):
                continue
            folders = record.split("/")[:-1]
            for depth in range(1, len(folders) + 1):
                kind = taken.get("/".join(folders[:depth]))
                if kind is not None:
                    problems.append(
                        f"  {self._named(record)} lies below '{'.'.join(folders[:depth])}', which is {kind}"
                    )
                    break
        if problems:
            raise ExportError("the package could be written but not loaded:\n" + "\n".join(problems))

    def _named(self, record: str) -> str:
        if record not in self._resources:
            return f"'{record}'"
        package, resource = self._resources[record]
        return f"resource '{resource}' of package '{package}'"
