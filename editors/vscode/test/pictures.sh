#!/usr/bin/env bash
# Put the pictures that the tests took where the README and the documentation show them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
site=../../../docs/editors/images
mkdir -p "$site"
for name in findings closure why; do
  cp "out/shots/$name-dark.png" "../images/$name.png"
  cp "out/shots/$name-dark.png" "$site/$name.png"
done
cp out/shots/findings-light.png "$site/vscode.png"
