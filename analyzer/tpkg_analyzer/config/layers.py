"""Configuration from several places: a file that extends another one, and keys from the command line above both."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import Config, load_config
from tpkg_analyzer.config.schema import Settings
from tpkg_runtime.spec.source import Span

_ADDING = ("extend_select", "extend_exclude")
_BY_KEY = ("per_file_ignores", "severity")
_PATHS = ("python", "cache_dir", "baseline")
_NEVER_GIVEN_ON = ("extend", "package", "required_version")


def extended(below: Config, above: Config) -> Config:
    """Return `above` with what `below`, the file that it extends, says where it is silent.

    Lists of `extend-` keys are joined, tables by file or rule are merged, paths stay relative to their own file.
    """
    settings = _layered(_anchored(below), below.given, above.settings, above.given)
    packages = above.packages if "package" in above.given else below.packages
    return replace(above, settings=settings, packages=packages, given=above.given | below.given)


def overridden(config: Config, texts: tuple[str, ...], folder: Path) -> Config:
    """Return `config` with the keys of the TOML snippets `texts` in place of its own; paths are relative to `folder`.

    Raises ConfigError for what is not TOML and for keys that are unknown or cannot be given so.
    """
    for text in texts:
        try:
            given = load_config(folder / "tpkg-lint.toml", text)
        except ConfigError as error:
            raise ConfigError(f"--config `{text}`: {error.message}", hint=error.hint) from None
        assert given is not None
        if named := sorted(given.given.intersection(_NEVER_GIVEN_ON)):
            raise ConfigError(f"--config `{text}`: `{named[0].replace('_', '-')}` belongs in a file")
        settings = _layered(config.settings, config.given, _anchored(given), given.given)
        config = replace(config, settings=settings, given=config.given | given.given)
    return config


def check_version(config: Config, place: Span) -> None:
    """Raise ConfigError where `required-version`, which is at `place`, does not admit this version.

    So it does for what is no specifier (PEP 440).
    """
    wanted = config.settings.required_version
    if wanted is None:
        return

    from importlib.metadata import version  # takes a tenth of the time of a short command

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    own = version("tpkg-lint")
    try:
        specifier = SpecifierSet(wanted if not wanted[:1].isdigit() else f"=={wanted}")
    except InvalidSpecifier:
        raise ConfigError(
            f"`required-version`: `{wanted}` is no version specifier", config.path, place, 'write for example ">=0.1"'
        ) from None
    if not specifier.contains(own, prereleases=True):
        raise ConfigError(
            f"this project requires tpkg-lint {wanted}, and this is {own}",
            config.path,
            place,
            "install another version",
        )


def _layered(below: Settings, below_given: frozenset[str], above: Settings, above_given: frozenset[str]) -> Settings:
    values: dict[str, Any] = {}
    for name in above_given:
        value = getattr(above, name)
        if name in below_given and name in _ADDING:
            value = (*getattr(below, name), *value)
        elif name in below_given and name in _BY_KEY:
            value = {**getattr(below, name), **value}
        values[name] = value
    return msgspec.structs.replace(below, **values)


def _anchored(config: Config) -> Settings:
    """Return the settings of a file with its paths made absolute: they mean the same for any other file then."""
    settings = config.settings
    values: dict[str, Any] = {
        name: str(config.root / Path(value).expanduser())
        for name in _PATHS
        if (value := getattr(settings, name)) is not None and (name != "python" or _is_path(value))
    }
    if "src" in config.given:
        values["src"] = tuple(str(config.root / entry) for entry in settings.src)
    return msgspec.structs.replace(settings, **values)


def _is_path(python: str) -> bool:
    return "/" in python or "\\" in python or python.startswith(("~", "."))
