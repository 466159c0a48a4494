"""Plays guard at the socket of a request: forge.py send|serve|take REQUESTS CODE PHRASE [DIGEST]. Prints what it hears.

Who serves claims to have kept the answer; who takes claims to be the run that waits for it."""

import fcntl
import hashlib
import json
import os
import socket
import sys

how, directory, code, phrase = sys.argv[1:5]
os.chdir(directory)
path = f"{code}.sock"
with open(f"{code}.json", "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
digest = sys.argv[5] if len(sys.argv) > 5 else digest
answer = json.dumps({"say": "answer", "digest": digest, "phrase": phrase}).encode() + b"\n"
peer = socket.socket(socket.AF_UNIX)
if how in ("serve", "take"):
    lock = open(f"{code}.json", "rb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.path.exists(path):
        os.remove(path)
    peer.bind(path)
    peer.listen()
    print("serving", flush=True)
    peer, _ = peer.accept()
    print(peer.recv(4096).decode(), end="", flush=True)
else:
    peer.connect(path)
if how == "take":
    answer = b'{"say":"taken"}\n'
peer.sendall(answer)
print(peer.recv(4096).decode(), end="", flush=True)
