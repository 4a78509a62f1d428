"""What a client can set. The docstrings below the fields are the reference in the documentation."""

import logging
from typing import Any, Literal

import msgspec

_LOG = logging.getLogger(__name__)
SECTION = "tpkg-lint"
"""The section of `workspace/configuration` and of initializationOptions."""


class ClientSettings(msgspec.Struct, frozen=True, rename="camel"):
    """All settings of the language server; what belongs to a project is set in its configuration file."""

    python: str | None = None
    """The interpreter whose environment is exported, before `python` of the configuration file."""
    diagnostic_mode: Literal["openFilesOnly", "workspace", "off"] = "openFilesOnly"
    """Which files findings are shown for."""
    run: Literal["onType", "onSave"] = "onType"
    """When files are looked at."""
    debounce: int = 150
    """Milliseconds without a keystroke before the file itself is looked at."""
    delay: int = 400
    """Milliseconds more before closures and other files are brought up to date."""
    code_lens: bool = True
    """Whether packages and exports carry their numbers."""
    inlay_hints: bool = True
    """Whether imports carry what happens to their module."""


def read_settings(given: Any) -> ClientSettings:
    """Read what a client sent: settings, or an object that holds them under the section's name; null is nothing.

    Every key that cannot be used is logged and left at its default.
    """
    found = given
    for key in (SECTION, "tpkgLint", "settings"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict):
        return ClientSettings()
    kept = {}
    for field in msgspec.structs.fields(ClientSettings):
        if field.encode_name not in found:
            continue
        try:
            kept[field.name] = msgspec.convert(found[field.encode_name], field.type)
        except msgspec.ValidationError as error:
            _LOG.warning("setting %s is left at its default: %s", field.encode_name, error)
    return ClientSettings(**kept)
