"""The folders and files of an archive as a tree that can be printed and asked."""

from collections.abc import Iterable

from tpkg_runtime.spec.globs import GlobGroup, GlobPattern

_BRANCH, _TEE, _LAST, _ROOT = "│   ", "├── ", "└── ", "─── "


class Directory:
    """A node of the tree; `children` by name. Mirrors `torch.package.Directory`."""

    def __init__(self, name: str, is_dir: bool) -> None:
        self.name = name
        self.is_dir = is_dir
        self.children: dict[str, Directory] = {}

    def has_file(self, filename: str) -> bool:
        """Tell whether there is a node at `filename`, a path with `/` that starts below this node."""
        first, deeper, rest = filename.partition("/")
        child = self.children.get(first)
        return child is not None and (child.has_file(rest) if deeper else True)

    def __str__(self) -> str:
        return "\n".join(self._lines("", _ROOT)) + "\n"

    def _lines(self, margin: str, pointer: str) -> Iterable[str]:
        yield margin + pointer + self.name
        margin += _BRANCH if pointer == _TEE else " " * 4
        ordered = sorted(self.children.values(), key=lambda child: (not child.is_dir, child.name))
        for child in ordered:
            yield from child._lines(margin, _LAST if child is ordered[-1] else _TEE)


def directory_of(
    name: str, records: Iterable[str], include: GlobPattern = "**", exclude: GlobPattern = ()
) -> Directory:
    """Return the tree of those records whose path matches; the root is called `name`."""
    wanted = GlobGroup(include, exclude=exclude, separator="/")
    root = Directory(name, is_dir=True)
    for record in records:
        if wanted.matches(record):
            *folders, file = record.split("/")
            node = root
            for folder in folders:
                node = node.children.setdefault(folder, Directory(folder, is_dir=True))
            node.children[file] = Directory(file, is_dir=False)
    return root
