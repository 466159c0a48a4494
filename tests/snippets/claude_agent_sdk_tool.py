import asyncio
import subprocess

from claude_agent_sdk import ToolPermissionContext
from snippet import options


def call(command):
    verdict = asyncio.run(options.can_use_tool("Bash", {"command": command}, ToolPermissionContext()))
    if verdict.behavior == "allow":
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        return f"{done.stdout}[exit status {done.returncode}]"
    assert "files/remove-outside-project" in verdict.message and "guard exec -c" in verdict.message, verdict
    return "guard: refused: [exit status 75]"


print(call("printf fine"))
print(call("rm -rf ~/precious"))
