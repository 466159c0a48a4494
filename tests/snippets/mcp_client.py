import asyncio
import os

from snippet import run, server

# The SDK hands down little of the environment.
server.env = dict(os.environ)


def call(command):
    done = asyncio.run(run(command))
    return f"{done['stdout']}{done['stderr']}[exit status {done['status']}]"


print(call("printf fine"))
print(call("rm -rf ~/precious"))
