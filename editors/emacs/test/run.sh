#!/usr/bin/env bash
# Test the file for Emacs in a real one; what is missing is installed from the system's packages.
# Usage: run.sh PYTHON; PYTHON has tpkg-lint.
# Exit status 77: this machine cannot have what the tests need, the reason is on standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$(dirname "$1")" && pwd)

skip() {
  echo "$*" >&2
  exit 77
}

has_eglot() {
  emacs --batch -q --eval "(progn (when (< emacs-major-version 29) (require 'package) (package-initialize)) (require 'eglot))" 2>/dev/null
}

if ! command -v emacs >/dev/null || ! has_eglot; then
  command -v apt-get >/dev/null || skip "there is no Emacs with eglot, and no apt-get to install it"
  [ "$(id -u)" = 0 ] || skip "there is no Emacs with eglot, and only root can install emacs-nox and elpa-eglot"
  apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
  "${apt[@]}" update >&2 || skip "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends emacs-nox elpa-eglot >&2 ||
    skip "apt-get could not install emacs-nox and elpa-eglot"
  has_eglot || skip "this Emacs has no eglot"
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cp -r "$here/../../workspaces/demo" "$temporary/demo"
mkdir "$temporary/home"
git -C "$temporary/demo" init -q # what Emacs takes for a project
# eglot starts the server by what the file says: on PATH.
PATH=$bin:$PATH HOME=$temporary/home XDG_CACHE_HOME=$temporary/cache TPKG_FILE=$temporary/demo/demo.py \
  LANG=C.UTF-8 timeout 300 emacs --batch -q -l "$here/test.el"
