"""The first-party modules that the packages intern, by the words that occur in them."""

from collections.abc import Callable, Collection, Iterable, Mapping

_NOTHING: frozenset[str] = frozenset()


class Packaged:
    """Kept while files change: an edit of one is taken in without a look at the others."""

    def __init__(self, paths: Mapping[str, str], words_of: Callable[[str], Collection[str]]) -> None:
        """`paths` are the files of the modules by name, `words_of` gives the words that occur in a module."""
        self._paths = paths
        self._words_of = words_of
        self.names = tuple(sorted(paths))
        # By word: a project of thousands of modules is asked once for each of them who else uses its names.
        self._words: dict[str, Collection[str]] = {}
        self._by_word: dict[str, set[str]] = {}
        for name in self.names:
            self._take(name)

    def renew(self, changed: Collection[str]) -> None:
        """Take in that the files at `changed` are others."""
        for name, path in self._paths.items():
            if path in changed:
                for word in self._words.pop(name):
                    self._by_word[word].discard(name)
                self._take(name)

    def mentioning(self, words: Iterable[str]) -> list[str]:
        """Return the modules in which one of the words occurs, sorted."""
        return sorted({name for word in words for name in self._by_word.get(word, _NOTHING)})

    def _take(self, name: str) -> None:
        self._words[name] = self._words_of(name)
        for word in self._words[name]:
            self._by_word.setdefault(word, set()).add(name)
