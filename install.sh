#!/bin/sh
# Installs guard for one user, from a checkout or from a release archive, and removes it again.
#
# Everything is in functions and the last line starts it, so a file that was cut off does nothing.
# What it writes: PREFIX/bin/guard, a record of that beside guard's data, and directories that were
# missing. It never edits a shell profile, and never replaces a file that it did not write.

set -eu

usage() {
    cat <<'EOF'
install.sh — installs guard, which asks a person before a command destroys something

Usage: ./install.sh [--prefix DIR] [--slow-build]   build with cargo from this checkout
       ./install.sh [--prefix DIR] --archive FILE   install a release archive
       ./install.sh [--prefix DIR] --remove         take away what was installed

  --archive FILE   a release archive; FILE.sha256 must lie beside it
  --prefix DIR     where to install: DIR/bin/guard [default: ~/.local]
  --slow-build     build what is released: it takes minutes longer to build and starts a little sooner
  --remove         restore the directory as it was before
  --help           print this help
EOF
}

say() { printf 'guard: %s\n' "$1"; }

fail() { # WHAT HINT
    printf 'guard: %s\n\nhint: %s\n' "$1" "$2" >&2
    exit 1
}

digest() { # FILE
    if command -v sha256sum >/dev/null 2>&1; then
        sum=$(sha256sum <"$1")
    elif command -v shasum >/dev/null 2>&1; then
        sum=$(shasum -a 256 <"$1")
    else
        fail 'neither sha256sum nor shasum was found' 'apt-get install coreutils'
    fi
    printf '%s\n' "${sum%% *}"
}

# Undoes a half-done installation, however the script ends.
clean_up() {
    [ -z "$scratch" ] || rm -rf "$scratch"
    [ "$finished" = yes ] || {
        [ -z "$incoming" ] || rm -f "$incoming"
        remove_directories "$made"
    }
}

# Makes a directory and its missing parents, and adds each one to $made.
make_directory() { # DIR
    [ -d "$1" ] && return
    make_directory "$(dirname "$1")"
    mkdir "$1" || fail "$1 could not be made" "./install.sh --prefix DIR"
    made="$1
$made"
}

# Removes the directories of a list, one a line and innermost first, that are empty.
remove_directories() { # LIST
    printf '%s\n' "$1" | sed '/^$/d' | while IFS= read -r directory; do
        if rmdir "$directory" 2>/dev/null; then
            say "removed $directory"
        else
            say "left $directory, which is not empty"
        fi
    done
}

recorded() { # KEY
    [ -f "$record" ] && sed -n "s/^$1 //p" "$record"
}

# Whether the installed program is the very one that an earlier run of this script wrote.
is_ours() {
    [ -n "$(recorded program)" ] && [ "$(digest "$program")" = "$(recorded program)" ]
}

# Whether `guard install` set something up that calls the program.
has_doors() {
    for receipt in "${XDG_STATE_HOME:-$HOME/.local/state}"/guard/receipts/*.json; do
        [ ! -e "$receipt" ] || return 0
    done
    return 1
}

# Builds the program from the checkout this script lies in, and names it in $built.
build() {
    here=$(cd "$(dirname "$0")" && pwd)
    grep -q '^name = "guard"$' "$here/Cargo.toml" 2>/dev/null ||
        fail "$here is not a checkout of guard" './install.sh --archive FILE'
    command -v cargo >/dev/null 2>&1 ||
        fail 'cargo was not found, and building needs it' './install.sh --archive FILE'
    if built=$("$here/scripts/build-musl.sh" --no-download --profile "$profile"); then
        say 'built a static program (musl)'
        return
    fi
    (cd "$here" && cargo build --profile "$profile" --locked) ||
        fail 'the build failed' "cargo build --profile $profile"
    built=${CARGO_TARGET_DIR:-$here/target}/$profile/guard
    say 'built a dynamic program; a static one starts faster: rustup target add x86_64-unknown-linux-musl'
}

# Checks the archive against its checksum and unpacks it; names the program in $built.
unpack() {
    [ -f "$archive" ] || fail "$archive was not found" './install.sh --archive FILE'
    [ -f "$archive.sha256" ] || fail "$archive.sha256 was not found; it comes with the archive" "ls $archive.sha256"
    actual=$(digest "$archive")
    [ "$actual" = "$(sed 's/ .*//; q' "$archive.sha256")" ] ||
        fail "$archive is not what its checksum says; nothing was installed" "sha256sum $archive"
    scratch=$(mktemp -d)
    tar -xzf "$archive" -C "$scratch"
    for built in "$scratch"/guard-*/guard; do :; done
    [ -f "$built" ] || fail "$archive holds no guard" "tar -tzf $archive"
}

install() {
    [ ! -e "$program" ] || is_ours ||
        fail "$program is there already, and this script did not write it" './install.sh --prefix DIR'
    if [ -n "$archive" ]; then unpack; else build; fi

    make_directory "$prefix/bin"
    make_directory "$(dirname "$record")"
    incoming=$program.incoming
    cp "$built" "$incoming"
    chmod 755 "$incoming"
    version=$("$incoming" --version) || fail 'the program does not run on this machine' 'cargo build --release'
    old_directories=$(recorded directory) || :
    printf '%s\n' '# Written by install.sh; install.sh --remove undoes it.' \
        "program $(digest "$incoming")" >"$record.incoming"
    printf '%s\n' "$made$old_directories" | sed -n 's/^./directory &/p' >>"$record.incoming"
    mv -f "$record.incoming" "$record"
    mv -f "$incoming" "$program"
    finished=yes

    say "installed $version"
    printf '  %s\n' "$program" "$record"
    printf '%s' "$made" | sed 's/^/  made /'
    say "to undo it, run: ./install.sh$(prefix_option) --remove"
    ! has_doors || say 'links to the program that was here before stay as they are until you run: guard install'
    case :$PATH: in
        *:"$prefix/bin":*) say 'to see what is in force, run: guard status' ;;
        *) say "to find it, add to your shell's profile: export PATH=\"$prefix/bin:\$PATH\"" ;;
    esac
}

remove() {
    [ -f "$record" ] || fail "no record of an installation in $prefix" './install.sh --prefix DIR --remove'
    ! has_doors || fail 'shims, shells or hooks that guard set up are still there' 'guard remove'
    if [ -e "$program" ]; then
        is_ours || fail "$program is not the one that was installed; it was left alone" "rm $program $record"
        rm "$program"
        say "removed $program"
    fi
    directories=$(recorded directory) || :
    rm "$record"
    say "removed $record"
    remove_directories "$directories"
    finished=yes
}

prefix_option() { [ "$prefix" = "$HOME/.local" ] || printf ' --prefix %s' "$prefix"; }

main() {
    action=install archive='' prefix=$HOME/.local profile=quick
    scratch='' incoming='' made='' finished=no
    while [ $# -gt 0 ]; do
        case $1 in
            --archive | --prefix)
                [ -n "${2-}" ] || fail "$1 needs a value" './install.sh --help'
                if [ "$1" = --archive ]; then archive=$2; else prefix=$2; fi
                shift
                ;;
            --remove) action=remove ;;
            --slow-build) profile=release ;;
            --help | -h) usage && return ;;
            *) fail "unknown argument: $1" './install.sh --help' ;;
        esac
        shift
    done
    case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
    program=$prefix/bin/guard
    record=$prefix/share/guard/installed
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    $action
}

# In braces, because a file cut off inside this line must not run either.
{ main "$@"; }
