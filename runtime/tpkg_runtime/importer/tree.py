"""What an archive offers by name: packages, modules, and names that are left to the environment."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class PackageNode:
    """A folder; without a source it is a package only because something lies below it."""

    source: str | None = None
    children: "dict[str, Node]" = field(default_factory=dict)
    has_files: bool = False
    """Whether a file lies in it or below it; without one it is there only because of the name of an extern module."""


@dataclass(frozen=True, slots=True)
class ModuleNode:
    """A module that is no package."""

    source: str


@dataclass(frozen=True, slots=True)
class ExternNode:
    """A name that the environment answers for, and all below it."""


Node = PackageNode | ModuleNode | ExternNode


def build_tree(
    records: Iterable[str], extern_modules: Iterable[str], beside: str = "", extern_beside: Iterable[str] = ()
) -> PackageNode:
    """Return the root of all names. Raises ImportError where a file lies below a module or an extern name.

    The files below the folder `beside`, and then the extern modules of these, come last, where nothing else has their
    names.
    """
    root = PackageNode()
    records_beside: list[str] = []
    for module in extern_modules:
        *path, last = module.split(".")
        package = _package(root, path, has_files=False)
        if isinstance(package, PackageNode):
            package.children[last] = ExternNode()
    for record in records:
        folders = record.split("/")
        if len(folders) <= 2 or folders[0] != ".data":
            _add_file(root, record, folders)
        elif beside and record.startswith(beside):
            records_beside.append(record)
    for record in records_beside:
        with suppress(ImportError):  # what the package has goes first
            _add_file(root, record, record.removeprefix(beside).split("/"), replaces=False)
    for module in extern_beside:
        *path, last = module.split(".")
        with suppress(ImportError):
            package = _package(root, path, has_files=False)
            if isinstance(package, PackageNode):
                package.children.setdefault(last, ExternNode())
    return root


def find(root: PackageNode, module: str) -> Node | None:
    """Return the node of a module, an ExternNode where the module or anything above it is extern."""
    node: Node = root
    for part in module.split("."):
        if isinstance(node, ExternNode):
            return node
        if not isinstance(node, PackageNode) or part not in node.children:
            return None
        node = node.children[part]
    return node


def _add_file(root: PackageNode, record: str, path: list[str], *, replaces: bool = True) -> None:
    *folders, file = path
    package = _package(root, folders, has_files=True)
    if isinstance(package, ExternNode):
        raise ImportError(
            f"inconsistent module structure. package contains a module file {record} that is a subpackage of a module "
            "marked external."
        )
    if file == "__init__.py":
        if replaces or package.source is None:
            package.source = record
    elif file.endswith(".py") and (replaces or file[: -len(".py")] not in package.children):
        package.children[file[: -len(".py")]] = ModuleNode(record)


def _package(root: PackageNode, path: list[str], has_files: bool) -> PackageNode | ExternNode:
    node = root
    for depth, part in enumerate(path):
        child = node.children.setdefault(part, PackageNode())
        if isinstance(child, ExternNode):
            return child
        if isinstance(child, ModuleNode):
            raise ImportError(
                f"inconsistent module structure. module {'.'.join(path[: depth + 1])} is not a package, but has "
                "submodules"
            )
        node = child
        node.has_files |= has_files
    return node
