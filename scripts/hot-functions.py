#!/usr/bin/env python3
"""Lists what runs before a harmless command, so that the linker puts it side by side.

    export CARGO_PROFILE_RELEASE_STRIP=false CARGO_PROFILE_QUICK_STRIP=false
    cargo build --release && static=$(scripts/build-musl.sh) && quick=$(scripts/build-musl.sh --profile quick)
    scripts/hot-functions.py "$static" target/release/guard "$quick" >scripts/hot-functions.ld

Most of what guard costs is that the system maps the pages of the program that it touches, sixteen at a time. What
runs lies scattered over the whole program if the linker is not told; told, it lies on a few dozen pages.

Each PROGRAM is watched with valgrind and has to have its symbols; what the first one does counts most. The list is a
linker script, which build.rs hands to the linker. Names stand in it without what changes from one compiler to the
next; a name that is not there any more does no harm, and what is not listed lies where it always did.
"""

import bisect
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

# What many have beside it; the last command meets it once more.
POLICY = "at: {moderate: confirm, severe: confirm, catastrophic: refuse}\n"

# As `nm` marks them.
CONSTANTS = "rR"

# So many bytes of namesakes are gathered with what is wanted as if they were wanted too.
LITTLE = 4096


class Symbols:
    """The functions and constants of a program, by address."""

    def __init__(self, program):
        lines = subprocess.run(["nm", "-nS", program], capture_output=True, text=True, check=True).stdout
        found = [line.split() for line in lines.splitlines()]
        found = [fields for fields in found if len(fields) == 4]
        self.all = [(int(at, 16), int(size, 16), kind, pattern(name)) for at, size, kind, name in found]
        self.starts = [at for at, _, _, _ in self.all]
        sizes = collections.defaultdict(list)
        for _, size, _, name in self.all:
            sizes[name].append(size)
        self.namesakes = {name: sum(all_of_it) - max(all_of_it) for name, all_of_it in sizes.items()}

    def at(self, address):
        """Returns what lies at an address, as its kind and all its names."""
        last = bisect.bisect_right(self.starts, address) - 1
        at, size, kind, _ = self.all[max(last, 0)]
        if not at <= address < at + max(size, 1):
            return None, []
        return kind, [name for _, _, _, name in self.all[bisect.bisect_left(self.starts, at) : last + 1]]


def touched(program):
    """Returns, for each command, the sections that a program touches before the command runs, in the order of the
    first touch, with the bytes of the namesakes that come along."""
    symbols = Symbols(program)
    for command, policy in [*((command, "") for command in COMMANDS), (COMMANDS[-1], POLICY)]:
        sections = {}
        functions = []
        for is_code, address in trace(program, command, policy):
            kind, names = symbols.at(address)
            if is_code:
                functions = names
                # Those that are thought to run seldom lie in `.text.unlikely.`.
                sections.update((f".text*.{name}", symbols.namesakes[name]) for name in names)
            elif kind and kind in CONSTANTS:
                sections.update((f".rodata.{name}", symbols.namesakes[name]) for name in names)
            elif not kind and address < symbols.starts[-1]:
                # A constant without a name may be where a `match` goes on, by its value.
                for place in [".rodata.{}", ".rodata..Lswitch.table.{}*"]:
                    sections.update((place.format(name), symbols.namesakes[name]) for name in functions)
        yield sections


def trace(program, command, policy):
    """Returns the addresses that a command touches, in order, and whether each is an instruction's."""
    with tempfile.TemporaryDirectory() as scratch:
        home = pathlib.Path(scratch)
        for place in ["bin", "guard/shims"]:
            (home / place).mkdir(parents=True)
        if policy:
            (home / ".config/guard").mkdir(parents=True)
            (home / ".config/guard/policy.yaml").write_text(policy)
        shutil.copy(program, home / "bin/guard")
        (home / "guard/shims/git").hardlink_to(home / "bin/guard")
        environment = {"HOME": scratch, "PATH": "/usr/bin:/bin"}
        # The first start makes guard's own files, which all others only read.
        subprocess.run(command, cwd=home, env=environment, capture_output=True, check=False)
        watched = ["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={home}/trace", *command]
        subprocess.run(watched, cwd=home, env=environment, capture_output=True, check=False)
        text = (home / "trace").read_text(errors="replace")
    lines = re.findall(r"^(I | L| S| M) +([0-9a-f]+),", text, re.MULTILINE)
    if not lines:
        sys.exit(f"hot-functions: valgrind says nothing of {program}")
    return [(kind == "I ", int(address, 16)) for kind, address in lines]


def pattern(name):
    """Returns what a mangled name is under every compiler, as the linker matches it."""
    name = re.sub(r"17h[0-9a-f]{16}E.*$|(\.llvm)?\.\d+$", "*", name)
    return re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", name).replace("$", "?")


def main():
    """Writes the linker script of the programs named."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    found = {}
    # By command first, so that what the shortest way needs is together.
    for programs in zip(*map(touched, sys.argv[1:])):
        for sections in programs:
            found.update((name, max(size, found.get(name, 0))) for name, size in sections.items())
    # What brings along much that is not touched comes last.
    order = sorted(found, key=lambda name: found[name] if found[name] > LITTLE else 0)
    print("/* Written by scripts/hot-functions.py, which tells what it is for. */")
    # The C library's own assembly has no sections by name.
    for kind, place, always in [
        (".text", "", "*crt1.o(.text) *libc.a:(.text)"),
        # Where sixteen pages begin; the code does so by itself.
        (".rodata", "ALIGN(0x10000) ", "*(.rodata.cst*)"),
    ]:
        print(f"SECTIONS {{\n  {kind}.hot : {place}{{\n    {always}")
        print("\n".join(f"    *({name})" for name in order if name.startswith(kind)))
        print(f"  }}\n}}\nINSERT BEFORE {kind};")


main()
