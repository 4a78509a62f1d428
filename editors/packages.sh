#!/usr/bin/env bash
# Unpack packages of a Debian or Ubuntu release, with the libraries that they need, into a folder of their own: nothing
# of the system is touched, and a program runs by the loader of its release, so an older system can test newer editors.
# Prints the folder. Exit status 77: this machine cannot have it, the reason is on standard error.
# Usage: packages.sh RELEASE PACKAGE ...; RELEASE is one of trixie, forky, noble.
set -euo pipefail
release=$1
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${TPKG_LINT_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/tpkg-lint-editors}
root=$cache/$release-$(IFS=-; echo "$*")

skip() {
  echo "$*" >&2
  exit 77
}

if [ ! -f "$root/.ok" ]; then
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "packages of $release need Linux on x86_64, this is $(uname -s) on $(uname -m)"
  for program in apt-get dpkg-deb; do
    command -v "$program" >/dev/null || skip "$program is missing, which fetches packages of $release"
  done
  case $release in
    noble)
      source="http://archive.ubuntu.com/ubuntu noble main universe"
      keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
      if [ ! -f "$keyring" ]; then
        keys=$("$here/packages.sh" trixie ubuntu-keyring) || exit $?
        keyring=$keys$keyring
      fi
      ;;
    *)
      source="http://deb.debian.org/debian $release main"
      keyring=/usr/share/keyrings/debian-archive-keyring.gpg
      [ -f "$keyring" ] || skip "$keyring is missing, which proves packages of $release (apt-get install debian-archive-keyring)"
      ;;
  esac
  rm -rf "$root"
  mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial" "$root/apt/none" "$root/files"
  : >"$root/apt/status"
  echo "deb [arch=amd64 signed-by=$keyring] $source" >"$root/apt/sources.list"
  apt=(
    apt-get -qq
    -o Dir::Etc::sourcelist="$root/apt/sources.list" -o Dir::Etc::sourceparts="$root/apt/none"
    -o Dir::Etc::preferences="$root/apt/none/none" -o Dir::Etc::preferencesparts="$root/apt/none"
    -o Dir::State="$root/apt" -o Dir::State::status="$root/apt/status" -o Dir::Cache="$root/apt"
    -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Acquire::Retries=2 -o Debug::NoLocking=true
  )
  "${apt[@]}" update >&2 || skip "the packages of $release cannot be listed from here"
  "${apt[@]}" install --download-only --yes "$@" >&2 || skip "these packages of $release cannot be fetched: $*"
  for package in "$root"/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$root/files"
  done
  rm -rf "$root/apt"
  touch "$root/.ok"
fi
echo "$root/files"
