from snippet import run

print(run("printf fine"))
print(run("rm -rf ~/precious"))
