// What the server is told of: Python files and cells, and the configuration.

export const DOCUMENTS = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { scheme: "vscode-notebook-cell", language: "python" },
  { scheme: "file", pattern: "**/{pyproject,tpkg-lint,.tpkg-lint}.toml" },
];
