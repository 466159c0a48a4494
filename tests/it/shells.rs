//! What a command's words are: by guard, and by the shells themselves.
//!
//! Scripts without unknowns are made from a seed. Each calls `argv`, of which a shell shows the
//! words that it really passes; guard's must be the same, or say with a mark that they are not known.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use guard::parse::Dialect;
use guard::place::Place;
use guard::proposal::{Environment, Form, Origin, Proposal};
use guard::resolve::{self, action::Effect};
use guard::rulebook::Rulebook;
use guard::unknown::{UNKNOWN, UNKNOWN_REMOTE, UNKNOWN_WORDS, is_known};
use guard::world::Machine;

use crate::needs::needs;
use crate::scratch::Scratch;

mod generator;

/// How many scripts are made for each shell.
const SCRIPTS: usize = 1_500;

/// What the shell runs: each argument is a script, each call of `argv` shows its words, and a line
/// of its own ends each script.
const HARNESS: &str = r#"
argv() { printf '<%s>\0' "$@"; printf '.\0'; }
for script in "$@"; do (set --; eval "$script") 2>/dev/null </dev/null; printf '\n\0'; done
"#;

/// The calls of one script, each a list of words.
type Calls = Vec<Vec<String>>;

fn environment(home: &Path) -> BTreeMap<&'static str, String> {
    let home = home.to_str().unwrap().to_owned();
    [("HOME", home), ("PATH", "/usr/bin:/bin".to_owned()), ("LC_ALL", "C.UTF-8".to_owned())].into()
}

/// Returns the calls that a real shell makes, script by script.
fn real(shell: &str, scripts: &[String], directory: &Path) -> Vec<Calls> {
    let mut all = Vec::new();
    for batch in scripts.chunks(100) {
        let mut command = Command::new(shell);
        if shell == "zsh" {
            command.arg("-f");
        }
        command.args(["-c", HARNESS, shell]).args(batch);
        command.env_clear().envs(environment(directory)).current_dir(directory).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let scripts = text.split_terminator("\n\0").map(|calls| {
            let words = |call: &str| call.split_terminator('\0').map(unbracketed).collect();
            calls.split_terminator(".\0").map(words).collect::<Calls>()
        });
        all.extend(scripts);
    }
    assert_eq!(all.len(), scripts.len(), "{shell} ended early");
    all
}

/// Returns a word without its brackets; `argv` without words shows one that is empty.
fn unbracketed(word: &str) -> String {
    word.strip_prefix('<').and_then(|word| word.strip_suffix('>')).unwrap_or(word).to_owned()
}

/// Returns the calls that guard sees in a script.
fn read(dialect: Dialect, script: &str, directory: &Path, rulebook: &Rulebook) -> Calls {
    let environment: Environment = environment(directory).into_iter().collect();
    let place = Place::new(directory.to_owned(), environment.clone(), &Machine);
    let form = Form::Shell { text: script.into(), dialect };
    let proposal =
        Proposal { form, cwd: directory.to_owned(), environment, origin: Origin::Exec, carrier: None };
    let resolution = resolve::resolve(&proposal, &place, rulebook);
    let calls = resolution.actions.into_iter().filter_map(|action| match action.effect {
        Effect::Run(line) if line.program == "argv" => Some(line.words.clone()),
        _ => None,
    });
    // `printf` shows a call without words as one with an empty word.
    calls.map(|words| if words.is_empty() { vec![String::new()] } else { words }).collect()
}

/// Returns whether guard's words may be these, with its marks for anything and its globs for names.
fn may_be(seen: &[String], real: &[String]) -> bool {
    let mut pattern = "(?s)^".to_owned();
    for word in seen {
        if word.chars().all(|c| c == UNKNOWN_WORDS || c == UNKNOWN_REMOTE) && !word.is_empty() {
            pattern += "(\0.*)?";
            continue;
        }
        let mut one = String::new();
        let mut is_glob = false;
        let mut letters = word.chars();
        while let Some(c) = letters.next() {
            match c {
                '[' if letters.as_str().contains(']') => {
                    is_glob = true;
                    letters.find(|c| *c == ']');
                    one += ".";
                }
                UNKNOWN => one += "[^\0]*",
                UNKNOWN_WORDS | UNKNOWN_REMOTE => one += ".*",
                '*' | '?' => {
                    is_glob = true;
                    one += "[^\0]*";
                }
                c => one += &regex::escape(c.encode_utf8(&mut [0; 4])),
            }
        }
        pattern += &format!("(\0{one})");
        pattern += if is_glob { "*" } else { "" };
    }
    let joined: String = real.iter().map(|word| format!("\0{word}")).collect();
    regex::Regex::new(&(pattern + "$")).unwrap().is_match(&joined)
}

/// What came of comparing.
#[derive(Default)]
struct Tally {
    calls: usize,
    exact: usize,
    wrong: Vec<String>,
}

/// Compares the calls of scripts whose calls are all made, in their order.
fn compare(shell: &str, dialect: Dialect, scripts: &[String]) -> Tally {
    let scratch = Scratch::new();
    for name in ["a.txt", "b.txt", "c d.txt", "dir/e.c", "dir/f.c", ".hidden"] {
        scratch.file(name, "one\ntwo words\nthree\n");
    }
    let directory = scratch.path("").canonicalize().unwrap();
    let rulebook = Rulebook::builtin();
    let mut tally = Tally::default();
    for (script, real) in scripts.iter().zip(real(shell, scripts, &directory)) {
        let seen = read(dialect, script, &directory, &rulebook);
        tally.calls += real.len();
        let known = |words: &[String]| words.iter().all(|word| is_known(word));
        tally.exact += seen.iter().zip(&real).filter(|(seen, real)| seen == real && known(seen)).count();
        let fits = seen.len() == real.len() && seen.iter().zip(&real).all(|(seen, real)| may_be(seen, real));
        if !fits {
            tally.wrong.push(format!("{script}\n  {shell}: {real:?}\n  guard: {seen:?}"));
        }
    }
    tally
}

fn check(shell: &str, dialect: Dialect) {
    if !needs(shell) {
        return;
    }
    let scripts = generator::scripts(dialect, SCRIPTS);
    let tally = compare(shell, dialect, &scripts);
    let share = 100 * tally.exact / tally.calls.max(1);
    println!("{shell}: {} calls, {share} % exact, the rest with marks or globs", tally.calls);
    let shown = tally.wrong.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(
        tally.wrong.is_empty(),
        "{} of {SCRIPTS} scripts are read otherwise:\n{shown}",
        tally.wrong.len()
    );
    assert!(share >= 80, "too little is known");
}

#[test]
fn bash_passes_what_guard_reads() {
    check("bash", Dialect::Bash);
}

#[test]
fn dash_passes_what_guard_reads() {
    check("dash", Dialect::Posix);
}

#[test]
fn zsh_passes_what_guard_reads() {
    check("zsh", Dialect::Zsh);
}
