#!/usr/bin/env bash
# Test the files for Helix in a real one, in a terminal of tmux.
# Usage: run.sh PYTHON; PYTHON has tpkg-lint.
# Exit status 77: this machine cannot have what the tests need, the reason is on standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$(dirname "$1")" && pwd)

skip() {
  echo "$*" >&2
  exit 77
}

if ! command -v tmux >/dev/null; then
  command -v apt-get >/dev/null || skip "there is no tmux, and no apt-get to install it"
  [ "$(id -u)" = 0 ] || skip "there is no tmux, and only root can install it"
  apt-get -qq -o DPkg::Lock::Timeout=600 update >&2 || skip "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends tmux >&2 ||
    skip "apt-get could not install tmux"
fi
files=$("$here/../../packages.sh" trixie hx)

temporary=$(mktemp -d)
server=tpkg-lint-helix-$$
trap 'tmux -L "$server" kill-server 2>/dev/null || true; rm -rf "$temporary"' EXIT
cp -r "$here/../../workspaces/demo" "$temporary/demo"
mkdir -p "$temporary/config/helix"
cp "$here/../languages.toml" "$here/../config.toml" "$temporary/config/helix/"
cat >"$temporary/start" <<END
#!/bin/sh
export PATH="$bin:$PATH" HELIX_RUNTIME="$files/usr/lib/hx/runtime" TERM=xterm-256color LANG=C.UTF-8
export XDG_CONFIG_HOME="$temporary/config" XDG_CACHE_HOME="$temporary/cache"
cd "$temporary/demo"
exec "$files/usr/lib64/ld-linux-x86-64.so.2" --library-path "$files/usr/lib/x86_64-linux-gnu" \
  "$files/usr/bin/hx" -v --log "$temporary/log" demo.py
END
chmod +x "$temporary/start"

screen() {
  tmux -L "$server" capture-pane -p 2>/dev/null || true
}

# Wait until the screen holds a text.
until_shown() {
  for _ in $(seq 300); do
    if screen | grep -qE "$1"; then
      echo "  ok shows $1"
      return
    fi
    sleep 0.2
  done
  echo "  FAILED: waited in vain for $1; the screen, then the end of the log:" >&2
  screen >&2
  tail -n 20 "$temporary/log" >&2 || true
  exit 1
}

keys() {
  tmux -L "$server" send-keys "$@"
}

"$files/usr/lib64/ld-linux-x86-64.so.2" --library-path "$files/usr/lib/x86_64-linux-gnu" "$files/usr/bin/hx" --version
tmux -u -L "$server" -f /dev/null new-session -d -x 160 -y 30 "$temporary/start"
until_shown 'no pattern matches it'
until_shown 'takes the host'
keys g g
keys 2 G
keys g l
keys Space k
until_shown 'in package .?demo'
keys Escape
keys g g
keys 4 G
keys g l
keys Space a
until_shown 'Ignore TPK202 on this line'
# The first entry of the menu is chosen already; Tab goes on to the next.
row=$(screen | grep -E '(Replace|Ignore|Confirm|Explain) ' | grep -n 'Ignore TPK202 on this line' | cut -d: -f1)
for _ in $(seq 2 "$row"); do
  keys Tab
  sleep 0.2
done
keys Enter
sleep 0.5
keys Escape
keys ':write' Enter
for _ in $(seq 50); do
  grep -q '😀.*# tpkg: ignore\[TPK202\]' "$temporary/demo/demo.py" && break
  sleep 0.2
done
grep -q '😀.*# tpkg: ignore\[TPK202\]' "$temporary/demo/demo.py" || {
  echo "  FAILED: the code action was not applied" >&2
  screen >&2
  exit 1
}
echo "  ok applies a code action behind an emoji"
# Helix asks for hints after an edit, and cannot be told that there are others.
until_shown 'import importlib ?extern'
keys ':quit!' Enter
