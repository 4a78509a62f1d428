#!/usr/bin/env bash
# Test the editors: each has editors/NAME/test/run.sh PYTHON, which sets up what it needs and ends with 0, with 77 where
# this machine cannot have it (the reason is its last line on standard error), or with another status where tests fail.
# Usage: test.sh PYTHON [NAME ...]
set -uo pipefail
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
[ -x "$python" ] || {
  echo "$1 is no program" >&2
  exit 2
}
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2
shift
[ $# -gt 0 ] || for script in */test/run.sh; do set -- "$@" "${script%%/*}"; done

status=0
summary=()
for name in "$@"; do
  echo "== $name"
  reason=$(mktemp)
  begin=$SECONDS
  "$name/test/run.sh" "$python" </dev/null 2>"$reason"
  code=$?
  cat "$reason" >&2
  case $code in
    0) summary+=("$name: passed in $((SECONDS - begin)) s") ;;
    77) summary+=("$name: skipped, $(tail -n 1 "$reason")") ;;
    *) summary+=("$name: FAILED with status $code") status=1 ;;
  esac
  rm -f "$reason"
done
echo "== editors"
printf '%s\n' "${summary[@]}"
exit $status
