#!/usr/bin/env bash
# Packs a program into the archive that install.sh installs, and writes its checksum beside it.
#
#   scripts/package.sh PROGRAM [DIRECTORY]
#
# The archive is guard-VERSION-MACHINE-SYSTEM.tar.gz; the same program gives the same bytes.

set -euo pipefail

if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    # shellcheck disable=SC2016
    printf 'package: a program is needed\n\nhint: scripts/package.sh "$(scripts/build-musl.sh)"\n' >&2
    exit 1
fi
root=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "$1")
directory=${2:-.}

version=$("$program" --version)
name=guard-${version##* }-$(uname -m)-$(uname -s | tr '[:upper:]' '[:lower:]')
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

mkdir "$scratch/$name"
install -m 755 "$program" "$scratch/$name/guard"
install -m 644 "$root/LICENSE" "$scratch/$name/LICENSE"
tar -C "$scratch" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -c "$name" |
    gzip -n >"$directory/$name.tar.gz"
(cd "$directory" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
printf '%s\n' "$directory/$name.tar.gz"
