//! The session that the README shows: an agent's command waits in one terminal, and a person answers it in
//! another. Recorded here, screen by screen, from the real thing.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::stage::Stage;

/// The lines around the recording in the README.
const BEGINS: &str = "<!-- recorded by tests/it/session.rs -->\n```text\n";
const ENDS: &str = "```\n";

/// Both sit in a terminal multiplexer that was there before the agent. Each screen is written down as it is.
const SCENE: &str = r#"
    export TMUX_TMPDIR=$HOME
    mkfifo "$HOME/never"
    a_while() { read -r -t "$1" _ <> "$HOME/never"; }
    on() { # TERMINAL TEXT: waits until it is on the screen
        until tmux capture-pane -p -J -t "$1" | grep -q -e "$2"; do a_while 0.1; done
    }
    screen() { # TITLE TERMINAL
        printf '\n── %s ──\n\n' "$1"
        tmux capture-pane -p -J -t "$2" | sed -e 's/[[:space:]]*$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    }
    cd "$HOME/shop"
    echo 'PS1="you$ "; guard() { "$GUARD" "$@"; }' > "$HOME/you"
    echo 'PS1="agent$ "; guard() { "$GUARD" "$@"; }; clear' > "$HOME/agent"
    tmux -f /dev/null new-session -d -s you -x 80 -y 24 bash --rcfile "$HOME/you"
    # The system tells times to a hundredth of a second.
    python3 -c ''
    tmux new-session -d -s agent -x 80 -y 8 "CLAUDECODE=1 exec -a claude bash --rcfile $HOME/agent"
    on agent 'agent\$'
    tmux send-keys -t you 'guard watch' Enter
    on you 'Nothing waits'
    tmux send-keys -t agent 'guard exec -- railway volume delete --volume data --yes' Enter
    on agent 'a person answers'
    screen 'the agent, in its own terminal' agent
    on you catastrophic
    screen 'you, in another one, where guard watch runs' you
    tmux send-keys -t you Enter
    on you 'To run it, type'
    # What is typed before anybody can have read the question does not count.
    a_while 0.5
    tmux send-keys -t you -l "$phrase"
    on you "> $phrase"
    screen 'you press Enter, read, and type the phrase' you
    tmux send-keys -t you Enter
    on you 'it runs where it was asked'
    on agent 'deleted'
    screen 'you press Enter again' you
    screen 'the agent' agent
    tmux kill-server
"#;

#[test]
fn the_readme_shows_a_session_as_it_was_recorded() {
    let Some(stage) = Stage::new(&["tmux", "sed"]) else { return };
    stage.guard.tool("railway", "#!/bin/sh\necho \"volume $4 deleted\"\n");
    fs::create_dir_all(stage.guard.path("shop/.git")).unwrap();
    stage.guard.file("shop/.git/HEAD", "ref: refs/heads/main\n");
    let recorded = named(&stage.play(SCENE), &stage.guard.path("").display().to_string());
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let shown = readme.split_once(BEGINS).and_then(|(_, rest)| rest.split_once(ENDS));
    let shown = shown.map_or("", |(shown, _)| shown);
    if shown != recorded {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session.txt");
        fs::write(&path, &recorded).unwrap();
        panic!("the README shows another session than {}, which is:\n{recorded}", path.display());
    }
}

/// Gives the session the names that its times, its code and its directory have in every recording.
fn named(screens: &str, home: &str) -> String {
    let mut text = screens.trim_start_matches('\n').replace(home.trim_end_matches('/'), "/home/you");
    let code = Regex::new("guard approve ([A-Z0-9]{6})").unwrap();
    let Some(code) = code.captures(&text).map(|found| found[1].to_owned()) else {
        panic!("no question was asked:\n{text}");
    };
    text = text.replace(&code, "3FCCTD");
    for (pattern, name) in [
        (r"1[0-5]:[0-9]{2} left", "14:58 left"),
        (r"1[0-5] min", "14 min"),
        // Screens that are empty below what was said last are shown without that.
        (r"\n{4,}", "\n\n\n"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}
