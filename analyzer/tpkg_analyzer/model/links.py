"""Where the documentation is. The one place that says so is the project's metadata."""

from functools import lru_cache


@lru_cache(maxsize=1)
def documentation_site() -> str | None:
    """Return the address that the project's metadata gives as `Documentation`, without a slash at its end."""
    from importlib.metadata import PackageNotFoundError, metadata  # takes a tenth of the time of a short command

    try:
        entries = metadata("tpkg-lint").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    addresses = dict(entry.split(", ", 1) for entry in entries if ", " in entry)
    return addresses.get("Documentation", "").rstrip("/") or None


def rule_url(name: str) -> str | None:
    """Return the page of the rule called `name`, None where the documentation is nowhere to be found."""
    site = documentation_site()
    return f"{site}/rules/{name}/" if site else None
