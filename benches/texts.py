#!/usr/bin/env python3
"""Measures how long `guard check` takes over 10 kB of ordinary script, and over 60 kB made to be slow to read.

    benches/texts.py PROGRAM...

Prints a Markdown table a program: the processor time of the whole process (the median of RUNS, 5) and its peak memory.
The budget is 5 ms for the ordinary and 50 ms and 64 MB for the other; it fails nothing, because a busy machine proves
little. Made texts are found here, so that whoever finds a slower one adds it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count

ORDINARY, HOSTILE = 10_000, 60_000

# What tells the peak memory of a program.
TIME = "/usr/bin/time"


def lines(size: int, line: Callable[[int], str], between: str = "\n") -> str:
    """Returns as many numbered pieces as fit."""
    pieces: list[str] = []
    length = 0
    for number in count():
        piece = line(number)
        length += len(piece) + len(between)
        if length > size:
            return between.join(pieces)
        pieces.append(piece)
    raise AssertionError


def nested(before: str, inside: str, after: str, size: int) -> str:
    times = size // (len(before) + len(after))
    return before * times + inside + after * times


def ordinary() -> Iterator[tuple[str, str]]:
    def repeat(line: Callable[[int], str]) -> str:
        return lines(ORDINARY, line)

    yield "rm -f", repeat(lambda n: f"rm -f file{n}.tmp")
    yield "curl -s", repeat(lambda n: f"curl -s https://api.example.com/v1/things/{n} -o o{n}.json")
    yield (
        "if, sed, >",
        repeat(lambda n: f'if [ -f a{n} ]; then x=$(basename a{n} .txt); echo "$x" | sed s/a/b/ > out{n}; fi'),
    )
    yield "git", repeat(lambda n: f"git log --oneline -n {n} -- src/f{n}.rs; git diff --stat HEAD~{n}")
    yield "kubectl", repeat(lambda n: f"kubectl get pods -n team{n} -o wide | grep -v Running | wc -l")
    yield "npm, docker", repeat(lambda n: f"npm run build:{n} && docker build -t app:{n} . && docker push app:{n}")
    yield "cp, mkdir, mv", repeat(lambda n: f"mkdir -p build/{n} && cp -r src/{n} build/{n}/ && mv build/{n}/a build/{n}/b")
    python = lines(
        ORDINARY - 40, lambda n: f"x{n} = open('f{n}').read().replace('a','b')\nprint(x{n})"
    )
    yield "python3 <<", f"python3 - <<'E'\n{python}\nE\n"
    yield "psql <<", "psql app <<'E'\n" + repeat(lambda n: f"SELECT a, b FROM t{n} WHERE id = {n};") + "\nE\n"


def hostile() -> Iterator[tuple[str, str]]:
    def repeat(line: Callable[[int], str], between: str = ";") -> str:
        return lines(HOSTILE, line, between)

    yield "rm -rf", repeat(lambda n: f"rm -rf /srv/d{n}")
    yield "git branch -D", repeat(lambda n: f"git branch -D b{n}")
    yield "ssh", repeat(lambda n: f"ssh h 'rm -rf /srv/d{n}'")
    yield "curl -X DELETE", repeat(lambda n: f"curl -X DELETE https://api.x.io/v1/{n}")
    yield "cd x", repeat(lambda _: "cd x")
    yield "alias", repeat(lambda n: f"alias a{n}='rm -rf /x{n}'")
    yield "functions", repeat(lambda n: f"f{n}(){{ f{n - 1}; }}")
    yield "variables", repeat(lambda n: f"x{n}=$x{n - 1}")
    yield "tee", "cat a" + repeat(lambda _: "|tee b", "")
    yield "xargs", repeat(lambda _: "xargs", " ")
    yield "bash -c", repeat(lambda _: "bash -c", " ")
    yield "find -o", "find . " + repeat(lambda _: "-name x", " -o ") + " -delete"
    yield "for", "for i in " + repeat(lambda _: "a", " ") + '; do rm -rf "/srv/$i"; done'
    yield "braces", "echo " + repeat(lambda _: "{a,b}", "")
    yield "here-documents", repeat(lambda n: f"cat <<E{n}\nx\nE{n}", "\n") + "\n"
    yield "substitutions", nested("$(", "x", ")", HOSTILE)
    yield "DELETE", 'psql -c "' + repeat(lambda n: f"DELETE FROM t{n}") + '"'
    yield "WITH", 'psql -c "WITH ' + repeat(lambda n: f"b{n} AS (DELETE FROM u)", ", ") + ' SELECT 1"'
    yield (
        "GraphQL",
        "curl https://backboard.railway.app/graphql/v2 -d '"
        + '{"query":"mutation{' + repeat(lambda n: f"a{n}:x", " ") + '}"}\'',
    )
    yield "JSON", "curl -d '" + nested('{"a":', "1", "}", HOSTILE) + "' https://x.io"
    yield "Python", "python3 -c 'import os;" + repeat(lambda n: f'os.remove("/srv/{n}")') + "'"


def measure(program: str, text: str, runs: int) -> tuple[float, float]:
    """Returns milliseconds and megabytes."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as home, tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(text)
        script.flush()
        environment = {"HOME": home, "PATH": os.environ["PATH"]}
        command = [program, "check", "--", "bash", script.name]
        # What a process that was started here had before it became the program would count as its memory.
        measured = subprocess.run(
            [TIME, "-f", "%M", *command], cwd=home, env=environment, capture_output=True, text=True
        )
        memory = int(measured.stderr.split()[-1])
        for _ in range(runs):
            process = subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in (0, 10, 11):
                sys.exit(f"texts: {program} check ended with {process.returncode}")
            times.append(1000 * (used.ru_utime + used.ru_stime))
    return statistics.median(times), memory / 1024


def main() -> None:
    programs = sys.argv[1:]
    if not programs:
        sys.exit("texts: no program was named\n\nhint: cargo build --release && benches/texts.py target/release/guard")
    if not os.access(TIME, os.X_OK):
        sys.exit(f"texts: {TIME} is missing\n\nhint: apt-get install time")
    runs = int(os.environ.get("RUNS", "5"))
    for program in programs:
        print(f"\n`{program}`\n\n| text | bytes | milliseconds | MB |\n|---|--:|--:|--:|")
        for name, text in [*ordinary(), *hostile()]:
            milliseconds, megabytes = measure(os.path.abspath(program), text, runs)
            print(f"| {name} | {len(text):,} | {milliseconds:.1f} | {megabytes:.0f} |")


if __name__ == "__main__":
    main()
