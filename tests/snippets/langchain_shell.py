import os
from pathlib import Path

from langchain.agents.middleware.shell_tool import ShellSession
from snippet import middleware

environment = dict(os.environ)
session = ShellSession(Path.cwd(), middleware._execution_policy, middleware._shell_command, environment)
session.start()


def call(command):
    done = session.execute(command, timeout=60)
    return f"{done.output}[exit status {done.exit_code}]"


print(call("echo fine"))
print(call("rm -rf ~/precious"))
print(call("cd / && pwd"))
assert "/" in call("pwd")
session.stop(5)
