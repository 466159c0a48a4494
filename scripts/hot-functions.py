#!/usr/bin/env python3
"""Lists the functions that run before a harmless command, so that the linker puts them side by side.

    export CARGO_PROFILE_RELEASE_STRIP=false CARGO_PROFILE_QUICK_STRIP=false
    cargo build --release && static=$(scripts/build-musl.sh) && quick=$(scripts/build-musl.sh --profile quick)
    scripts/hot-functions.py target/release/guard "$static" "$quick" >scripts/hot-functions.ld

Most of what guard costs is that the system maps the pages of the program that it touches, sixteen at a time. What
runs lies scattered over the whole program if the linker is not told; told, it lies on a few dozen pages.

Each PROGRAM is watched with valgrind and has to have its symbols. The list is a linker script, which build.rs hands
to the linker. Names stand in it without what changes from one compiler to the next; a name that is not there any
more does no harm, and a function that is not listed lies where it always did.
"""

import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What stands before a harmless command: `guard` itself, a shim, and the shell of an agent.
COMMANDS = [
    ["bin/guard", "exec", "--", "/bin/true"],
    ["guard/shims/git", "--version"],
    ["bin/guard", "exec", "-c", "ls -la src | grep -c main && git status --short"],
]


def ran(program):
    """Returns how many of the commands each function of a program ran for."""
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        home = pathlib.Path(scratch)
        for place in ["bin", "guard/shims"]:
            (home / place).mkdir(parents=True)
        shutil.copy(program, home / "bin/guard")
        (home / "guard/shims/git").hardlink_to(home / "bin/guard")
        for command in COMMANDS:
            watched = ["valgrind", "-q", "--tool=callgrind", "--demangle=no", "--dump-before=execve"]
            watched += [f"--callgrind-out-file={home}/profile", *command]
            environment = {"HOME": scratch, "PATH": "/usr/bin:/bin"}
            subprocess.run(watched, cwd=home, env=environment, capture_output=True, check=False)
            profiles = list(home.glob("profile*"))
            if not profiles:
                sys.exit(f"hot-functions: valgrind says nothing of {program}")
            text = "".join(profile.read_text() for profile in profiles)
            counts.update(set(re.findall(r"^c?fn=\(\d+\) ((?:_R|_ZN)[^\s']+)", text, re.MULTILINE)))
            for profile in profiles:
                profile.unlink()
    return counts


def pattern(name):
    """Returns what a mangled name is under every compiler: hashes become stars."""
    name = re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", name)
    return re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", name)


def main():
    """Writes the linker script of the programs named."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    often = collections.Counter()
    needed = collections.Counter()
    taken = collections.Counter()
    for program in sys.argv[1:]:
        counts = ran(program)
        symbols = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
        for line in symbols.splitlines():
            fields = line.split()
            if len(fields) == 4 and fields[3].startswith(("_R", "_ZN")):
                key, size = pattern(fields[3]), int(fields[1], 16)
                taken[key] += size
                needed[key] += size if fields[3] in counts else 0
        for name, count in counts.items():
            often[pattern(name)] = max(often[pattern(name)], count)
    # First what always runs. A name that stands for many functions, of which few run, comes last, the longest at the
    # end.
    many = {key for key in often if needed[key] * 4 < taken[key]}
    order = sorted(often, key=lambda key: (key in many, taken[key] if key in many else -often[key], key))
    print("/* Written by scripts/hot-functions.py, which tells what it is for. */")
    print("SECTIONS {\n  .text.hot : {")
    for key in order:
        print(f"    *(.text.{key})")
    print("  }\n}\nINSERT BEFORE .text;")


main()
