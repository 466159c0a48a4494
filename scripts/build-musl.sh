#!/usr/bin/env bash
# Builds the program that is released: static, linked with musl, at a fixed address.
#
#   scripts/build-musl.sh                 uses, or fetches, what the build needs
#   scripts/build-musl.sh --no-download   uses only what this machine has already
#   scripts/build-musl.sh --profile NAME  builds with this profile of Cargo.toml [default: release]
#
# The last line, alone on standard output, is the path of the program.
#
# Why not the ordinary build: glibc's start-up runs dozens of CPUID instructions, which a virtual
# machine traps; musl's runs none. A program that stands before every command is started often.
#
# There are two ways. Where rustup has, or can add, the musl target, this is one cargo command.
# Elsewhere Debian's rustc-web, cargo-web and rust-web-src are unpacked below the target directory
# and the standard library is built from source. Nothing is installed on the machine, so the
# toolchain of ordinary builds stays as it is. `rm -r target/musl` undoes it.

set -euo pipefail
cd "$(dirname "$0")/.."

target=$(uname -m)-unknown-linux-musl
target_dir=${CARGO_TARGET_DIR:-target}
mkdir -p "$target_dir"
target_dir=$(cd "$target_dir" && pwd)
debian=$target_dir/musl

say() { printf 'build-musl: %s\n' "$*" >&2; }

fail() {
    printf 'build-musl: %s\n\nhint: %s\n' "$1" "$2" >&2
    exit 1
}

# Builds with the flags that both ways share, followed by those given.
build() {
    local cargo=$1 flags
    shift
    flags=(-Ctarget-feature=+crt-static -Crelocation-model=static -Csymbol-mangling-version=v0
        "--remap-path-prefix=$PWD=." "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo" "${extra_flags[@]}")
    CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && printf '%s' "${flags[*]}") \
        CARGO_TARGET_DIR=$target_dir "$cargo" build --profile "$profile" --locked --target "$target" "$@" >&2
}

rustup_has_target() {
    local std
    std=$(rustc --print target-libdir --target "$target" 2>/dev/null) && compgen -G "$std/libstd-*.rlib" >/dev/null
}

rustup_can_add_target() {
    command -v rustup >/dev/null && timeout 120 rustup target add "$target" >/dev/null 2>&1
}

debian_is_unpacked() { [ -e "$debian/complete" ]; }

# Unpacks Debian's compiler, cargo and the source of the standard library into $debian.
unpack_debian() {
    local package
    command -v apt-get >/dev/null || fail "rustup cannot add $target, and this is not a Debian machine" \
        "rustup target add $target"
    command -v musl-gcc >/dev/null || fail 'musl-gcc is missing' 'apt-get install musl-tools'

    say "rustup cannot add $target; fetching Debian's compiler into $debian"
    rm -rf "$debian"
    mkdir -p "$debian/packages/partial" "$debian/root"
    apt-get -qq -o Debug::NoLocking=true -o Dir::Cache::archives="$debian/packages" \
        install --yes --download-only --no-install-recommends rustc-web cargo-web rust-web-src >&2 ||
        fail 'the packages cannot be fetched' 'apt-get update'
    for package in "$debian"/packages/*.deb; do
        dpkg-deb --fsys-tarfile "$package" |
            tar -x -C "$debian/root" --anchored --no-wildcards-match-slash \
                --exclude='./usr/share' --exclude='./usr/src/rustc-*/[!lC]*'
    done
    rm -r "$debian/packages"
    touch "$debian/complete"
}

# Rust's standard library asks the linker for libunwind; gcc's unwinder does the same work.
make_unwinder() {
    mkdir -p "$debian/lib"
    musl-gcc -Os -Wall -Wextra -Werror -c scripts/musl-unwind.c -o "$debian/lib/musl-unwind.o"
    cp --no-preserve=mode "$(musl-gcc -print-file-name=libgcc_eh.a)" "$debian/lib/libunwind.a"
    ar q "$debian/lib/libunwind.a" "$debian/lib/musl-unwind.o"
}

build_with_debian() {
    say "building with Debian's compiler, its standard library from source"
    make_unwinder
    extra_flags=(-Clinker=musl-gcc -Clink-self-contained=no "-Lnative=$debian/lib"
        "--remap-path-prefix=$debian/root/usr=rust")
    LD_LIBRARY_PATH=$(dirname "$debian"/root/usr/lib/*-linux-gnu/librustc_driver-*.so) \
        RUSTC=$debian/root/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        build "$debian/root/usr/bin/cargo" -Zbuild-std=std,panic_unwind
}

download=yes profile=release
while [ $# -gt 0 ]; do
    case $1 in
        --no-download) download= ;;
        --profile) profile=${2:?--profile needs a name} && shift ;;
        *) fail "unknown argument: $1" 'scripts/build-musl.sh --no-download' ;;
    esac
    shift
done

if rustup_has_target || { [ "$download" ] && ! debian_is_unpacked && rustup_can_add_target; }; then
    say "building with the $target of rustup"
    extra_flags=()
    build cargo
elif debian_is_unpacked; then
    build_with_debian
elif [ "$download" ]; then
    unpack_debian
    build_with_debian
else
    fail "rustup does not have $target" "rustup target add $target"
fi

program=$target_dir/$target/$profile/guard
if readelf --program-headers "$program" | grep -q INTERP; then
    fail "$program is not static" "readelf -l $program"
fi
printf '%s\n' "$program"
