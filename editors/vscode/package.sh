#!/usr/bin/env bash
# Build the extension: the wheel of the project, one JavaScript file, and the package dist/tpkg-lint.vsix.
# Usage: package.sh PYTHON; PYTHON has the project's development tools.
set -euo pipefail
python=$(cd "$(dirname "$1")" && pwd) # not in one line with the name, which would hide the status
python=$python/$(basename "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"

for program in node npm; do
  command -v "$program" >/dev/null || {
    echo "$program is missing: the extension is built with Node 20 or newer and its npm (Debian: apt-get install nodejs npm)" >&2
    exit 1
  }
done

if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed
fi
rm -rf bundled dist
"$python" -m build --wheel --no-isolation --outdir bundled ../.. >/dev/null
node build.mjs "${@:2}"
node_modules/.bin/tsc -p .
# The pictures of the README are those of the documentation's page about the extension.
site=$(node -p 'require("./package.json").homepage.replace(/vscode\/$/, "")')
node_modules/.bin/vsce package --no-dependencies --allow-missing-repository \
  --baseContentUrl "$site" --baseImagesUrl "$site" --out dist/tpkg-lint.vsix
