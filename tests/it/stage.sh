# The first process of a PID namespace in which both sides are played: the agent that asks and the
# person, or the agent in the person's clothes, that answers. Read before a test's own lines.

requests=$HOME/.local/state/guard/requests
command='railway volume delete --volume data --yes'
phrase='delete volume data'
export requests command phrase

mkfifo "$HOME/asked" "$HOME/done"

# Runs its text as an agent would: the agent's process, with its variable in the environment. Started a
# while after what was there before it, since the system tells times to a hundredth of a second.
agent() {
    python3 -c ''
    (CLAUDECODE=1 exec -a claude bash -c ". $STAGE_ROLES; $1")
}

# Runs its text where a desktop would: a process that was there before the agent.
desktop() { (exec -a gnome-shell bash -c ". $STAGE_ROLES; $1"); }
. "$STAGE_ROLES"
