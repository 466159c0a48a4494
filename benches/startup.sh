#!/usr/bin/env bash
# Measures what guard costs before a harmless command, as whole processes: `guard exec` beside
# /bin/true, a shim over git beside git itself, and an agent's hook beside a script that does nothing else
# than to start it.
#
#   benches/startup.sh              builds both kinds of program and measures them
#   benches/startup.sh PROGRAM...   measures these
#
# Prints a Markdown table. Time is the median of several rounds in which the commands take turns, so
# that a machine that gets slower meanwhile does not favour any. Memory is the peak of the process.
# The budget is told beside the figures and fails nothing: a busy machine proves little.

set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

rounds=${ROUNDS:-5}
runs=${RUNS:-300}

for tool in hyperfine /usr/bin/time; do
    command -v "$tool" >/dev/null ||
        { printf 'startup: %s is missing\n\nhint: apt-get install hyperfine time\n' "$tool" >&2 && exit 1; }
done

if [ $# -eq 0 ]; then
    (cd "$root" && cargo build --release --locked >&2)
    set -- "${CARGO_TARGET_DIR:-$root/target}/release/guard"
    if static=$("$root/scripts/build-musl.sh"); then set -- "$@" "$static"; fi
fi

scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
mkdir "$scratch/home"

# Runs with a home of its own and nothing else in the environment.
clean() { (cd "$scratch/home" && env -i HOME="$scratch/home" PATH="$PATH" "$@"); }

kind() { if readelf --program-headers "$1" | grep -q INTERP; then echo glibc; else echo musl; fi; }

# What an agent's hook is sent, and a policy by which it is judged, in a home of its own.
mkdir -p "$scratch/hook/.config/guard"
printf 'at: {moderate: confirm, severe: confirm, catastrophic: refuse}\n' >"$scratch/hook/.config/guard/policy.yaml"
cat >"$scratch/event.json" <<END
{"hook_event_name": "PreToolUse", "cwd": "$scratch/home", "tool_name": "Bash", "tool_input": {"command":
"git status --short && npm test -- --watch=false 2>&1 | tail -20"}}
END

# Makes a script that starts a program with the event for its input, because hyperfine's own way to is new.
script() { # FILE PROGRAM [WORD...]
    printf '#!/bin/sh\nHOME=%s exec %s <%s\n' "$scratch/hook" "${*:2}" "$scratch/event.json" >"$1"
    chmod +x "$1"
}

# A short path without blanks for each program, because hyperfine splits its commands.
script "$scratch/true" /bin/true
commands=(/bin/true "$(command -v git) --version" "$scratch/true")
labels=(/bin/true 'git --version' '/bin/true, from a script')
bases=(0 1 2)
for program in "$@"; do
    place=$scratch/${#commands[@]}
    mkdir -p "$place/bin" "$place/guard/shims"
    cp "$program" "$place/bin/guard"
    ln "$place/bin/guard" "$place/guard/shims/git"
    clean "$place/bin/guard" exec -- /bin/true
    script "$place/hook" "$place/bin/guard" hook claude-code
    commands+=("$place/bin/guard exec -- /bin/true" "$place/guard/shims/git --version" "$place/hook")
    labels+=("$(kind "$program"): guard exec -- /bin/true" "$(kind "$program"): shim over git --version"
        "$(kind "$program"): guard hook claude-code, from a script")
    bases+=(0 1 2)
done

for ((round = 1; round <= rounds; round++)); do
    clean hyperfine --shell=none --warmup 20 --runs "$runs" --export-csv "$scratch/$round.csv" \
        "${commands[@]}" >/dev/null 2>&1
done

# The median of the rounds' medians for the command in row $1, in seconds.
median() {
    for ((round = 1; round <= rounds; round++)); do
        awk -F, -v row=$(($1 + 2)) 'NR == row { print $4 }' "$scratch/$round.csv"
    done | sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# The most of five runs, in kilobytes.
peak_memory() {
    local words
    read -ra words <<<"$1"
    for _ in 1 2 3 4 5; do
        clean /usr/bin/time -f %M -o "$scratch/memory" "${words[@]}" && cat "$scratch/memory"
    done | sort -n | tail -n 1
}

printf '| command | milliseconds | times the bare command | peak memory | budget |\n|---|--:|--:|--:|---|\n'
for row in "${!commands[@]}"; do
    case ${labels[row]} in
        *shim*) budget='1.5 times, 6 MB' ;;
        *hook*) budget='5 ms' ;;
        musl*) budget='1.4 times, 4 MB' ;;
        glibc*) budget='2.2 times, 6 MB' ;;
        *) budget= ;;
    esac
    awk -v label="${labels[row]}" -v time="$(median "$row")" -v unit="$(median "${bases[row]}")" \
        -v memory="$(peak_memory "${commands[row]}")" -v budget="$budget" 'BEGIN {
            printf "| `%s` | %.2f | %.2f | %.1f MB | %s |\n", label, time * 1000, time / unit, memory / 1024, budget
        }'
done
