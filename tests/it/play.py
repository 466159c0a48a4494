"""Somebody at a terminal of 80 by 24.

play.py ON LINE COMMAND... runs a command there, types LINE once ON is on the screen, and prints what the
screen has shown and the status of the command. play.py [ON LINE]... -- COMMAND... does so several times, each
after what came before. An ON that is empty waits for nothing. A LINE may also be `keys:` with keys as they are
pressed (\\r, \\t, \\e), `size:COLUMNSxROWS`, or `run:` with a line for a shell; `CODE` is the present one-time code of the
secret on the screen, or of the one that is enrolled, and `NEXT` the one after it."""

import base64
import fcntl
import hmac
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

words = sys.argv[1:]
at = words.index("--") if "--" in words else None
steps, command = (words[:at], words[at + 1 :]) if at is not None else (words[:2], words[2:])
steps = list(zip(steps[::2], steps[1::2]))


def code(seen, ahead):
    if b"secret=" in seen:
        seed = seen.rsplit(b"secret=", 1)[1].split(b"&")[0]
    else:
        with open(os.path.expanduser("~/.config/guard/enrolled.json")) as file:
            seed = json.load(file)["people"][0]["codes"]["seed"]
    mac = hmac.new(base64.b32decode(seed), struct.pack(">Q", int(time.time()) // 30 + ahead), "sha1").digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF) % 1000000)


def resize(columns, rows):
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def act(line):
    if line in ("CODE", "NEXT"):
        line = code(shown_so_far, line == "NEXT")
    kind, _, rest = line.partition(":")
    if kind == "keys":
        keys = rest.replace("\\r", "\r").replace("\\t", "\t").replace("\\e", "\x1b")
        os.write(screen, keys.encode())
    elif kind == "size":
        resize(*map(int, rest.split("x")))
    elif kind == "run":
        subprocess.run(["bash", "-c", rest], stdin=subprocess.DEVNULL)
    else:
        os.write(screen, line.encode() + b"\r")


ready, go = os.pipe()
child, screen = pty.fork()
if child == 0:
    os.read(ready, 1)
    # A job in the background of a script ignores it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(command[0], command)
resize(80, 24)
os.write(go, b".")
seen = shown_so_far = b""
while True:
    while steps and steps[0][0].encode() in seen:
        on, line = steps.pop(0)
        seen = seen[seen.index(on.encode()) + len(on.encode()) :]
        act(line)
    try:
        shown = os.read(screen, 4096)
    except OSError:
        break
    if not shown:
        break
    seen += shown
    shown_so_far += shown
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(f"[status {status}]", flush=True)
