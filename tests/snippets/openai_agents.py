import asyncio

from agents import RunContextWrapper, ShellActionRequest, ShellCallData, ShellCommandRequest
from snippet import shell


def call(command):
    action = ShellActionRequest(commands=[command], timeout_ms=20_000)
    request = ShellCommandRequest(RunContextWrapper(None), ShellCallData("1", action))
    [done] = asyncio.run(shell.executor(request)).output
    return f"{done.stdout}{done.stderr}[exit status {done.exit_code}]"


print(call("printf fine"))
print(call("rm -rf ~/precious"))
