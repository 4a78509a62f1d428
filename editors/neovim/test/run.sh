#!/usr/bin/env bash
# Test the plugin in real Neovims, headless.
# Usage: run.sh PYTHON; PYTHON has tpkg-lint.
# Exit status 77: this machine cannot have what the tests need, the reason is on standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$(dirname "$1")" && pwd)
neovims=$("$here/setup.sh" "$1")

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
mkdir "$temporary/bin" "$temporary/empty"
# What opens pages in a browser: here it notes what it was given.
printf '#!/bin/sh\necho "$1" >"%s/opened"\n' "$temporary" >"$temporary/bin/xdg-open"
chmod +x "$temporary/bin/xdg-open"
ln -s "$bin/tpkg-lint" "$temporary/bin/tpkg-lint"

status=0
for nvim in $neovims; do
  for scenario in project missing; do
    work=$temporary/$(basename "$(dirname "$(dirname "$nvim")")")-$scenario
    mkdir -p "$work"
    cp -r "$here/../../workspaces/demo" "$work/demo"
    rm -f "$temporary/opened"
    programs=$temporary/bin:$PATH
    [ "$scenario" = project ] || programs=$temporary/empty:/usr/bin:/bin
    PATH=$programs TPKG_OPENED=$temporary/opened TPKG_PROGRAM=$bin/tpkg-lint TPKG_CACHE_DIR=$temporary/cache \
      XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/data XDG_CACHE_HOME=$work/cache \
      timeout 180 "$nvim" --clean --headless -u "$here/init.lua" "$work/demo/demo.py" -c "luafile $here/$scenario.lua" </dev/null || {
      echo "failed: $nvim, $scenario" >&2
      status=1
    }
  done
done
exit $status
