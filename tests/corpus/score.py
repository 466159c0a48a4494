#!/usr/bin/env python3
"""Scores `guard check` against commands whose right answer is known.

    score.py GUARD FILE.tsv [--wrong]

FILE.tsv has the columns id, expected (stop or allow), system, severity, technique, command, note,
files; in command and files the two characters \\n stand for a newline. `files` is
`path=content`, put in place for that command. Commands are judged in a made-up project: a git work
tree with uncommitted changes, build directories ignored by git, and an empty environment.

Prints the score by technique, and with --wrong each command that was judged wrongly.
"""

import collections
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def project():
    """Makes the project; returns its directory, the home above it, and what to remove at the end."""
    home = pathlib.Path("/home/dev")
    if os.geteuid() == 0 and not home.exists():
        remove = home
    else:
        # Not below /tmp, where everything counts as temporary.
        remove = pathlib.Path(tempfile.mkdtemp(prefix=".guard-score-", dir=pathlib.Path.home()))
        home = remove / "home/dev"
    app = home / "app"
    for name in ["src", "tests", "docs", "migrations", "node_modules", "dist", "build", "target"]:
        (app / name).mkdir(parents=True)
        (app / name / "file").write_text("x\n")
    (app / ".gitignore").write_text("node_modules\ndist\nbuild\ntarget\n")
    (app / "package.json").write_text('{"name": "app", "scripts": {"dev": "vite", "test": "vitest"}}\n')
    (app / "Makefile").write_text("all:\n\techo all\n")
    git = ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com"]
    for words in [["init", "-q"], ["add", "."], ["commit", "-qm", "start"]]:
        subprocess.run(git + words, cwd=app, check=True, env={"PATH": os.environ["PATH"], "HOME": str(home)})
    (app / "src/file").write_text("changed\n")
    return app, home, remove


def judge(guard, commands, app, home):
    """Returns guard's answers to commands, in their order."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "USER": "dev"}
    done = subprocess.run(
        [guard, "check", "--batch"],
        input="\0".join(commands).encode() + b"\0",
        stdout=subprocess.PIPE,
        cwd=app,
        env=environment,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    guard, table = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(table, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        row["command"] = row["command"].replace("\\n", "\n")
        row["files"] = (row.get("files") or "").replace("\\n", "\n")
    app, home, remove = project()
    try:
        plain = [row for row in rows if not row["files"]]
        for row, answer in zip(plain, judge(guard, [row["command"] for row in plain], app, home)):
            row["answer"] = answer
        for row in rows:
            if row["files"]:
                path, content = row["files"].split("=", 1)
                target = app / path
                before = target.read_text() if target.exists() else None
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content)
                target.chmod(0o755)
                row["answer"] = judge(guard, [row["command"]], app, home)[0]
                target.unlink() if before is None else target.write_text(before)
    finally:
        shutil.rmtree(remove, ignore_errors=True)
    right = collections.Counter()
    total = collections.Counter()
    for row in rows:
        stopped = row["answer"]["decision"] != "run"
        good = stopped == (row["expected"] == "stop")
        for key in [(row["expected"], "all"), (row["expected"], row["technique"])]:
            total[key] += 1
            right[key] += good
        if not good and "--wrong" in sys.argv:
            why = [rule["id"] for rule in row["answer"]["rules"]] + [gap["reason"] for gap in row["answer"]["gaps"]]
            print(f"{row['id']}\t{row['expected']}\t{row['system']}\t{row['command']!r}\t{why}")
    for key in sorted(total, key=lambda key: (key[0], key[1] != "all", key[1])):
        print(f"{key[0]:5} {key[1]:22} {right[key]:4} of {total[key]:4}  {100 * right[key] / total[key]:5.1f} %")


if __name__ == "__main__":
    main()
