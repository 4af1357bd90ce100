#!/usr/bin/env bash
# Finds a Node that can run dist/main.cjs, first on the PATH, then in the runner's tool cache, and writes bin=PATH to
# $GITHUB_OUTPUT. Composite steps get the PATH's Node, which may be old or missing, and GitHub's images keep newer ones aside.
# Runs in bash 3.2, which macOS has, and needs no other program.
set -u

: "${GITHUB_OUTPUT:?is set by the runner}"

least_major=22
least_minor=19
skipped=''

# What stands in a log line must not be read as a workflow command, wherever the text comes from.
plain() {
  local text=${1//[^[:print:]]/?}
  text=${text//::/:?}
  printf '%s' "${text//##[/##(}"
}

# In the message of a workflow command a percent sign begins an escape.
escaped() { printf '%s' "${1//%/%25}"; }

# A shim that waits for an answer must not hold the job; macOS has no `timeout`.
briefly() {
  if type -P timeout >/dev/null; then timeout 20 "$@"; else "$@"; fi
}

is_fit() { ((10#$1 > least_major || (10#$1 == least_major && 10#$2 >= least_minor))); }

# Tries the Node at $1: sets $version, or adds it to $skipped with the reason.
try() {
  local said why
  { said=$(briefly "$1" --version </dev/null 2>/dev/null); } 2>/dev/null
  local status=$?
  if ((status == 124)); then
    why='does not answer'
  elif ((status != 0)); then
    why="cannot run, exit code $status"
  elif [[ ! $said =~ ^v([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})$ ]]; then
    why='names no version'
  elif ! is_fit "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"; then
    why="is $said"
  else
    version=$said
    return 0
  fi
  skipped+="${skipped:+; }$(plain "$1") $why"
  return 1
}

take() {
  printf 'bin=%s\n' "$1" >>"$GITHUB_OUTPUT" || exit 1
  printf 'Node %s: %s%s\n' "$version" "$(plain "$1")" "${skipped:+ (skipped: $skipped)}"
  exit 0
}

# Every `node` on the PATH, in its order; later steps may stand in another folder, hence absolute.
while IFS= read -r node; do
  [[ -n $node ]] || continue
  [[ $node == /* ]] || node=$PWD/$node
  if try "$node"; then take "$node"; fi
done < <(type -aP node)

# Even majors before odd ones, which are not maintained for long; then the newest.
rank() {
  [[ $1 =~ ^([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})$ ]] || return 1
  local major=$((10#${BASH_REMATCH[1]})) minor=$((10#${BASH_REMATCH[2]})) patch=$((10#${BASH_REMATCH[3]}))
  is_fit "$major" "$minor" || return 1
  ranked=$(((major % 2 == 0 ? 10 ** 12 : 0) + major * 10 ** 8 + minor * 10 ** 4 + patch))
}

cached=()
ranks=()
for node in "${RUNNER_TOOL_CACHE:-/nowhere}"/node/*/{x64,arm64}/bin/node; do
  folder=${node%/*/bin/node}
  [[ -x $node && $node != *$'\n'* ]] && rank "${folder##*/}" || continue
  cached+=("$node")
  ranks+=("$ranked")
done

for ((left = ${#cached[@]}; left > 0; left--)); do
  best=-1
  for ((i = 0; i < ${#cached[@]}; i++)); do
    ((ranks[i] > 0 && (best < 0 || ranks[i] > ranks[best]))) && best=$i
  done
  ranks[best]=0
  if try "${cached[best]}"; then take "${cached[best]}"; fi
done

printf '::error title=No Node to run on::This Action needs Node %d.%d or newer and found %s. %s\n' \
  "$least_major" "$least_minor" "$(escaped "${skipped:-none}")" \
  'Add a step before it with "uses: actions/setup-node" and "node-version: 24", or put such a node on the PATH.'
exit 1
