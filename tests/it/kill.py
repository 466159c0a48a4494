"""Kills guard where it calls the system: kill.py ASKED REQUESTS SPREAD MOST.

A command is run to its end once, to count the boundaries of guard's calls, the begin and the end of each: those from the
question to the answer, and those from the answer (its request is gone then) to the end. Then, for each boundary at which
guard is killed, a command of its own is run: for SPREAD of the first, and for at most MOST of the others. What asks is
told to the person as `CODE VOLUME` on ASKED. Afterwards each command is run once more: it must not run twice."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading

GUARD = os.environ["GUARD"]
TRACEME, SYSCALL, SETOPTIONS = 0, 24, 0x4200
SYSGOOD, EXITKILL = 1, 1 << 20
AT_A_CALL = signal.SIGTRAP | 0x80
WORKERS = 8
asked, requests = os.open(sys.argv[1], os.O_WRONLY), sys.argv[2]
spread, most = map(int, sys.argv[3:])
libc = ctypes.CDLL(None, use_errno=True)


def trace(request, pid, data=0):
    if libc.ptrace(request, pid, None, ctypes.c_void_p(data)) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def words(volume, wait):
    return [GUARD, "exec", "--wait", wait, "--", "railway", "volume", "delete", "--volume", volume, "--yes"]


class Asked(threading.Thread):
    """Reads what guard says, and tells the person of its question."""

    def __init__(self, said, volume):
        super().__init__()
        self.said, self.volume, self.request = said, volume, None
        self.start()

    def run(self):
        with os.fdopen(self.said, errors="replace") as lines:
            for line in lines:
                found = re.search(r"guard approve ([A-Z0-9]{6})", line)
                if found and not self.request:
                    self.request = f"{requests}/{found[1]}.json"
                    os.write(asked, f"{found[1]} {self.volume}\n".encode())


def run(volume, boundary):
    """Runs a command and kills guard at a boundary, `(IS_ANSWERED, COUNT)`; returns how many there were of both."""
    said, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(say, 2)
        trace(TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execv(GUARD, words(volume, "120"))
    os.close(say)
    question = Asked(said, volume)
    os.waitpid(pid, 0)
    trace(SETOPTIONS, pid, SYSGOOD | EXITKILL)
    counts, is_answered, heed = [0, 0], False, 0
    while (is_answered, counts[is_answered]) != boundary:
        trace(SYSCALL, pid, heed)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
        stop = os.WSTOPSIG(status)
        heed = 0 if stop in (signal.SIGTRAP, AT_A_CALL) else stop
        if stop == AT_A_CALL and question.request:
            is_answered = is_answered or not os.path.exists(question.request)
            counts[is_answered] += 1
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    question.join()
    return counts


def work(boundaries):
    for is_answered, count in boundaries:
        volume = f"{'after' if is_answered else 'before'}{count}"
        is_killed = run(volume, (is_answered, count))[is_answered] == count
        again = subprocess.run(words(volume, "0"), stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        print(f"{volume} {'killed' if is_killed else 'ended'} {again.returncode}", flush=True)


before, after = run("whole", None)
boundaries = [(False, count) for count in range(1, before, max(before // spread, 1))]
boundaries += [(True, count) for count in range(1, after, -(-after // most))]
children = []
for worker in range(WORKERS):
    child = os.fork()
    if child == 0:
        work(boundaries[worker::WORKERS])
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print(f"killed at {len(boundaries)} of {before} and {after} boundaries", flush=True)
os.write(asked, b"stop\n")
