//! An answer never becomes milder by what is put around a command.

use crate::corpus::{answers, commands};

/// How many pairs of a command that is stopped and one that passes are tried.
const PAIRS: usize = 1_000;

/// Ways to put a command into a longer text, with `①` for what is stopped and `②` for what passes.
const FRAMES: &[&str] = &[
    "①\n②",
    "②\n①",
    "②\n①\n②",
    "{ ①\n}",
    "( ①\n)",
    "if ②\nthen ①\nfi",
    "if ①\nthen ②\nfi",
    "while ①\ndo ②\ndone",
    "for each in one two\ndo ①\ndone",
    "case x in x) ①\nesac",
    "wrapped() { ①\n}\nwrapped",
    "! { ①\n}",
    "time { ①\n}",
    "{ ①\n} 2>/dev/null",
    "{ ①\n} | cat",
    "echo $(\n①\n)",
    "{ ②\n} && {\n①\n}",
    "true || {\n①\n}",
    "{\n①\n} &",
    "eval \"$(cat <<'WRAPPED'\n①\nWRAPPED\n)\"",
    "bash <<'WRAPPED'\n①\nWRAPPED",
    "unset nothing\nset -e\n①",
    "x=1 y='a b'\n①",
    "# a remark\n① # another",
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
            FRAMES[nth % FRAMES.len()].replace('①', stopped).replace('②', benign)
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
