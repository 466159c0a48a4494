//! An answer never becomes milder by what is put around a command.

use crate::corpus::{answers, commands};

/// How many pairs of a command that is stopped and one that passes are tried.
const PAIRS: usize = 1_000;

/// Ways to put a command into a longer text, with `$1` for what is stopped and `$2` for what passes.
const FRAMES: &[&str] = &[
    "$1\n$2",
    "$2\n$1",
    "$2\n$1\n$2",
    "{ $1\n}",
    "( $1\n)",
    "if $2\nthen $1\nfi",
    "if $1\nthen $2\nfi",
    "while $1\ndo $2\ndone",
    "for each in one two\ndo $1\ndone",
    "case x in x) $1\nesac",
    "wrapped() { $1\n}\nwrapped",
    "! { $1\n}",
    "time { $1\n}",
    "{ $1\n} 2>/dev/null",
    "{ $1\n} | cat",
    "echo $(\n$1\n)",
    "{ $2\n} && {\n$1\n}",
    "true || {\n$1\n}",
    "{\n$1\n} &",
    "eval \"$(cat <<'WRAPPED'\n$1\nWRAPPED\n)\"",
    "bash <<'WRAPPED'\n$1\nWRAPPED",
    "unset nothing\nset -e\n$1",
    "x=1 y='a b'\n$1",
    "# a remark\n$1 # another",
];

#[test]
fn what_is_put_around_a_command_makes_no_answer_milder() {
    let stopped = commands(include_str!("../corpus/stopped.txt"));
    let benign = commands(include_str!("../corpus/benign.txt"));
    // Coprime steps through both lists: the same pairs in every run, and every line in turn.
    let pair = |nth: usize| (&stopped[nth * 7 % stopped.len()], &benign[nth * 11 % benign.len()]);
    let texts: Vec<String> = (0..PAIRS)
        .map(|nth| {
            let (stopped, benign) = pair(nth);
            FRAMES[nth % FRAMES.len()].replace("$1", stopped).replace("$2", benign)
        })
        .collect();
    let passed: Vec<&String> = texts
        .iter()
        .zip(answers(&texts))
        .filter(|(_, answer)| answer["decision"] == "run")
        .map(|(text, _)| text)
        .collect();
    assert!(passed.is_empty(), "no longer stopped:\n{passed:#?}");
}
