# What every role on the stage can do.

# Asks for the command and goes on at once; prints the question's code.
ask() { # [WORD...]
    "$GUARD" exec --wait 0 "${@:---}" $command 2>&1 </dev/null | code
}

# Prints the last code in what it reads.
code() { sed -n 's/.*guard approve \([A-Z0-9]\{6\}\).*/\1/p' | tail -n 1; }

# Prints the first code in what it reads, at once.
first_code() { tee -p "$HOME/told" | sed -n '/guard approve/{s/.*guard approve \([A-Z0-9]\{6\}\).*/\1/p;q}'; }

# Runs the command and hands its code to whoever answers. All that guard has said is in "$HOME/told" when it returns.
waits() { # SECONDS
    { "$GUARD" exec --wait "$1" -- $command 2>&1 >&3 3>&- | first_code > "$HOME/asked" 3>&-; return "${PIPESTATUS[0]}"; } 3>&1
}

# Sits at a new terminal, types the phrase when it is asked for, and runs its words there.
sit() { python3 "$PLAY" $'\n> ' "$phrase" -- "$@"; }

# The passphrase that a person has enrolled.
passphrase="four plain words here"

# Sits at a new terminal, types a passphrase after the phrase, and runs its words there.
sit_with() { # PASSPHRASE WORD...
    local secret=$1; shift
    python3 "$PLAY" $'\n> ' "$phrase" "assphrase: " "$secret" -- "$@"
}

# Enrolls a passphrase at a new terminal, or tries to.
enroll() { # [WORD...]
    python3 "$PLAY" "assphrase: " "$passphrase" "once more: " "$passphrase" -- "$GUARD" approve --enroll "$@"
}

# Sits at a new terminal, does what its words say (see play.py), and watches for questions there.
watch() { python3 "$PLAY" "$@" -- "$GUARD" watch; }

# Adds so many questions to the one there is.
many() { # COUNT
    python3 - "$requests" "$1" <<'END'
import itertools, os, sys
os.chdir(sys.argv[1])
(first,) = [name for name in os.listdir() if name.endswith(".json")]
with open(first) as file:
    text = file.read()
codes = itertools.islice(itertools.product("BCDF", repeat=5), int(sys.argv[2]))
for code in codes:
    code = "Z" + "".join(code)
    with open(os.open("x", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(text.replace(first[:6], code))
    os.rename("x", code + ".json")
END
}

# Prints the numbers of the guards on the stage.
guards() { sed -n 's/ (guard) .*//p' /proc/[0-9]*/stat 2>/dev/null; }
export -f guards
