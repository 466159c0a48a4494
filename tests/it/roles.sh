# What every role on the stage can do.

# Asks for the command and goes on at once; prints the question's code.
ask() { # [WORD...]
    "$GUARD" exec --wait 0 "${@:---}" $command 2>&1 </dev/null | code
}

# Prints the last code in what it reads.
code() { sed -n 's/.*guard approve \([A-Z0-9]\{6\}\).*/\1/p' | tail -n 1; }

# Prints the first code in what it reads, at once.
first_code() { tee -p "$HOME/told" | sed -n '/guard approve/{s/.*guard approve \([A-Z0-9]\{6\}\).*/\1/p;q}'; }

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
