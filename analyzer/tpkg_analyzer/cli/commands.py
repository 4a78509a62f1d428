"""The commands and what each does, in the order of their help."""

COMMANDS = {
    "check": "report what breaks inside the packages (the default)",
    "closure": "show what an export would contain",
    "why": "show what brings a module in, what keeps it out, and what it costs",
    "graph": "draw an export as DOT, Mermaid, JSON or a page to look around in",
    "plan": "write the smallest list of actions under which an export succeeds",
    "index": "import what is installed for real, to know instead of assume",
    "rule": "explain one rule, or list all; also `explain`",
    "config": "explain the keys of the configuration",
    "clean": "remove what is remembered between runs",
    "completion": "print the completion of a shell",
    "server": "speak the Language Server Protocol over stdio",
}

ALIASES = {"explain": "rule"}
