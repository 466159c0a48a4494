"""Somebody at a terminal: play.py [ON LINE]... [--] COMMAND... runs a command at a new terminal, types each LINE once its
ON is on the screen after what was typed before, and prints what the screen has shown and the status of the command.
Without --, one pair is typed. CODE as a line is the present one-time code of the secret on the screen, NEXT the one after
it, of the secret that is enrolled."""

import base64
import hmac
import json
import os
import pty
import struct
import sys
import time

words = sys.argv[1:]
dashes = words.index("--") if "--" in words else 2
pairs = [(words[at].encode(), words[at + 1]) for at in range(0, dashes, 2)]
command = words[dashes:]
if command[0] == "--":
    command = command[1:]


def code(seen, ahead):
    if b"secret=" in seen:
        seed = seen.rsplit(b"secret=", 1)[1].split(b"&")[0]
    else:
        with open(os.path.expanduser("~/.config/guard/enrolled.json")) as file:
            seed = json.load(file)["people"][0]["codes"]["seed"]
    mac = hmac.new(base64.b32decode(seed), struct.pack(">Q", int(time.time()) // 30 + ahead), "sha1").digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF) % 1000000)


child, screen = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen, typed = b"", 0
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
    while pairs and pairs[0][0] in seen[typed:]:
        on, line = pairs.pop(0)
        typed = len(seen)
        line = code(seen, 0) if line == "CODE" else code(seen, 1) if line == "NEXT" else line
        os.write(screen, line.encode() + b"\r")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(f"[status {status}]", flush=True)
