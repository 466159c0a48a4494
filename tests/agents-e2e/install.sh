#!/bin/sh
# Installs the clients that are driven, at the versions in package.json, and what their plugins are written
# with. Needs npm and its registry; about 3 GB.
#
# usage: tests/agents-e2e/install.sh CLIENTS
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for part in . plugins/opencode; do
    mkdir -p "$1/$part"
    # The copy that says what is there comes last.
    if ! cmp -s "$here/$part/package.json" "$1/$part/installed.json"; then
        cp "$here/$part/package.json" "$1/$part/package.json"
        (cd "$1/$part" && npm install --no-audit --no-fund --no-progress --loglevel=error)
        cp "$here/$part/package.json" "$1/$part/installed.json"
    fi
done
