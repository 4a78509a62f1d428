"""What the checks of TorchScript raise among themselves; who calls them names the archive and the record."""


class ScriptError(ValueError):
    """A record of TorchScript is not as torch writes it, in a way that its reader does not look for."""
