#!/usr/bin/env bash
# Take the picture of the documentation anew: Neovim in a real terminal, drawn from what the terminal shows.
# Usage: picture.sh PYTHON; PYTHON has tpkg-lint. Needs tmux and chromium.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$(dirname "$1")" && pwd)
neovims=$("$here/setup.sh" "$1")
nvim=${neovims%%$'\n'*}
target=$here/../../../docs/editors/images/neovim.png

temporary=$(mktemp -d)
server=tpkg-lint-picture-$$
trap 'tmux -L "$server" kill-server 2>/dev/null || true; rm -rf "$temporary"' EXIT
cp -r "$here/../../../editors/workspaces/demo" "$temporary/demo"
mkdir "$temporary/bin"
ln -s "$bin/tpkg-lint" "$temporary/bin/tpkg-lint"
cat >"$temporary/start" <<END
#!/bin/sh
export PATH="$temporary/bin:$PATH" TERM=tmux-256color COLORTERM=truecolor LANG=C.UTF-8
export XDG_CONFIG_HOME="$temporary/c" XDG_STATE_HOME="$temporary/s" XDG_DATA_HOME="$temporary/d" XDG_CACHE_HOME="$temporary/k"
cd "$temporary/demo"
exec "$nvim" --clean -u "$here/init.lua" -c 'set number termguicolors signcolumn=yes laststatus=2 noshowcmd noruler' \
  -c 'lua vim.diagnostic.config({ virtual_text = { severity = 1 }, signs = true })' demo.py
END
chmod +x "$temporary/start"

until_shown() {
  for _ in $(seq 250); do
    tmux -L "$server" capture-pane -p | grep "$1" >/dev/null && return
    sleep 0.2
  done
  tmux -L "$server" capture-pane -p >&2
  echo "waited in vain for $1" >&2
  exit 1
}

tmux -u -L "$server" -f /dev/null new-session -d -x 124 -y 24 "$temporary/start"
until_shown "import importlib extern"
tmux -L "$server" send-keys 4gg
tmux -L "$server" send-keys ':TpkgClosure demo' Enter
until_shown "package demo"
sleep 1
tmux -L "$server" send-keys ':' Escape
sleep 1
tmux -L "$server" capture-pane -e -p >"$temporary/screen"
"$1" "$here/screen_to_html.py" <"$temporary/screen" >"$temporary/screen.html"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1.5 --window-size=1034,436 \
  --screenshot="$temporary/neovim.png" "file://$temporary/screen.html" >/dev/null 2>&1
mv "$temporary/neovim.png" "$target"
echo "$target"
