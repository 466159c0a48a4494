"""Somebody at a terminal: play.py ON LINE COMMAND... runs a command at a new terminal, types LINE once
ON is on the screen, and prints what the screen has shown and the status of the command."""

import os
import pty
import sys

on, line, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
child, screen = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen, typed = b"", False
while True:
    try:
        shown = os.read(screen, 4096)
    except OSError:
        break
    if not shown:
        break
    seen += shown
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    if not typed and on in seen:
        os.write(screen, line + b"\r")
        typed = True
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(f"[status {status}]", flush=True)
