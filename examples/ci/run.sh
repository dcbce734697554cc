#!/usr/bin/env bash
# Learns the sample backend, keeps the model, lets the backend rename a member, and shows that the
# check names it. Asks no host but this machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
double=${STUNT_DOUBLE:-stunt-double}
work=$(mktemp -d)
started=()
cleanup() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap cleanup EXIT

# start NAME ARGUMENT…: runs the double and sets url to the address of its first line.
start() {
  local name=$1
  shift
  "$double" "$@" >"$work/$name" 2>"$work/$name.log" &
  started+=($!)
  for _ in $(seq 300); do
    url=$(sed -n 's/^listening on //p' "$work/$name" | head -n 1)
    [ -n "$url" ] && return
    sleep 0.1
  done
  echo "$name did not start" && cat "$work/$name.log" && exit 1
}

start learn demo --listen 127.0.0.1:0
learned=$url
for _ in $(seq 600); do
  grep -q '^answered in' "$work/learn" && break
  sleep 0.1
done
# `check` sends the same requests once more, so that each endpoint of them is known well.
while read -r method path _; do
  [ "$method" = GET ] && for _ in 1 2 3; do curl -s -o /dev/null "$learned$path"; done
done <"$here/requests.txt"
"$double" export --url "$learned" --format model -o "$work/model.gz"
echo "model: $(wc -c <"$work/model.gz") bytes"

start same demo --backend-only --listen 127.0.0.1:0
"$double" check --model "$work/model.gz" --target "$url" --requests "$here/requests.txt"
echo "the backend as it was: passed"

start moved demo --backend-only --listen 127.0.0.1:0 --rename-member email=email_address
if "$double" check --model "$work/model.gz" --target "$url" --requests "$here/requests.txt" \
  --junit "$work/check.xml" --markdown "$work/check.md" | tee "$work/findings"; then
  echo "the check should have failed" && exit 1
fi
grep -q 'renamed: `email` is gone, `email_address` is in its place' "$work/findings"
grep -q '<failure' "$work/check.xml"
echo "the backend that has moved away: found"

"$double" run --model "$work/model.gz" -- sh -c 'curl -sf "$STUNT_DOUBLE_URL/users/7"' | grep -q email
echo "a command beside the double: passed"
