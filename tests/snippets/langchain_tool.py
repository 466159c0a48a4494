from snippet import terminal

print(terminal.invoke({"command": "printf fine"}))
print(terminal.invoke({"command": "rm -rf ~/precious"}))
