"""What a person wants in every project, before what the configuration says: options, and settings of an editor."""

from dataclasses import dataclass

import msgspec

from tpkg_analyzer.config.schema import Settings


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is None or empty leaves the configuration as it is."""

    python: str | None = None
    """The interpreter whose environment is exported."""
    config: str | None = None
    """The configuration file for all files, in place of the nearest one."""
    select: tuple[str, ...] | None = None
    """The rules to run, in place of the configuration's."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out, beside those of the configuration."""
    is_trusted: bool = True
    """Whether interpreters may be started that the files of the project name or bring."""

    def applied(self, settings: Settings) -> Settings:
        """Return the settings with the rules that are wanted."""
        if self.select is not None:
            settings = msgspec.structs.replace(settings, select=self.select, extend_select=())
        return msgspec.structs.replace(settings, ignore=(*settings.ignore, *self.ignore))
