//! Texts that would never end, or take all there is: reading them ends, and what was not read is told.
//!
//! Nothing here is timed; `benches/judge.rs` measures the same texts.

use guard::parse::Dialect;
use guard::parse::gap::GapKind;
use guard::place::Place;
use guard::proposal::{Environment, Form, Origin, Proposal};
use guard::resolve::{self, Resolution, action::Effect};
use guard::rulebook::Rulebook;
use guard::unknown::is_known;
use guard::world::MadeUp;

fn resolved(text: &str) -> Resolution {
    let mut world = MadeUp::default();
    world.directory("/home/dev/app");
    let cwd = std::path::PathBuf::from("/home/dev/app");
    let place = Place::new(cwd.clone(), Environment::default(), &world);
    let form = Form::Shell { text: text.into(), dialect: Dialect::Bash };
    let proposal =
        Proposal { form, cwd, environment: Environment::default(), origin: Origin::Exec, carrier: None };
    resolve::resolve(&proposal, &place, &Rulebook::builtin())
}

/// Checks that reading a text ends with a gap that says so.
#[track_caller]
fn check_told(text: &str) {
    let gaps = resolved(text).gaps;
    let shown: String = text.chars().take(60).collect();
    assert!(gaps.iter().any(|gap| gap.kind >= GapKind::Program), "{shown}: {gaps:?}");
}

/// Checks that a program is run with a word that is not known.
#[track_caller]
fn check_unknown(text: &str, program: &str) {
    let actions = resolved(text).actions;
    let shown: String = text.chars().take(60).collect();
    let runs = |action: &guard::resolve::action::Action| match &action.effect {
        Effect::Run(line) => line.program == program && line.words.iter().any(|word| !is_known(word)),
        _ => false,
    };
    assert!(actions.iter().any(runs), "{shown}: {actions:?}");
}

#[test]
fn long_texts() {
    check_told(&"a".repeat(10 * 1024 * 1024));
    check_told(&"a ".repeat(100_000));
    check_told(&"true\n".repeat(30_000));
    check_told(&format!("cat <<E\n{}\nE\nrm -rf /srv", "x\n".repeat(100_000)));
    check_told(&":;".repeat(25_000));
}

#[test]
fn deep_texts() {
    for (open, close) in
        [("$(", ")"), ("{ ", ";}"), ("\"$(", ")\""), ("${x:-", "}"), ("if ", ";then :;fi;"), ("<(", ")")]
    {
        check_told(&format!("{}rm -rf /srv{}", open.repeat(10_000), close.repeat(10_000)));
    }
    check_told(&"'\"`$(".repeat(10_000));
}

#[test]
fn text_that_runs_itself() {
    check_told("x='eval \"$x\"'; eval \"$x\"");
    check_told("x='bash -c \"$x\"'; export x; bash -c \"$x\"");
    check_told("f() { g; }; g() { f; }; h() { f; g; h; }; x='h; eval \"$x\"'; eval \"$x\"");
    check_told("x='$(eval \"$x\")'; eval \"$x\"");
    check_told("trap 'trap \"$x\" EXIT; eval \"$x\"' EXIT; x='eval \"$x\"'; eval \"$x\"");
}

#[test]
fn names_that_go_in_circles_end() {
    for text in [
        "alias a=b b=a; a",
        "alias rm='rm rm'; rm rm",
        "f() { f; }; f",
        "f() { f | f & }; f",
        ":(){ :|:& };:",
        "x=y y=x; echo $((x))",
        "x=x; echo ${!x}",
        "declare -n x=x; x=1; echo $x",
        "while :; do x=$x$x; done",
        "x=a; while :; do x=$x$x; done; rm -rf $x",
        "for ((;;)); do :; done",
        "for i in {1..1000000}; do for j in {1..1000000}; do :; done; done",
    ] {
        resolved(text);
    }
}

#[test]
fn what_would_be_too_many_words_is_not_known() {
    check_unknown("rm {1..1000000}{1..1000000}", "rm");
    check_unknown(&format!("rm {}", "{a,b}".repeat(64)), "rm");
    check_unknown(&format!("rm {}x{}", "{a,".repeat(1_000), "}".repeat(1_000)), "rm");
}

#[test]
fn what_would_be_too_long_is_not_known() {
    let doubled = format!("x=aaaaaaaaaaaaaaaa; {}rm \"$x\"", "x=$x$x; ".repeat(40));
    check_unknown(&doubled, "rm");
    let replaced = format!("x=aaaaaaaaaaaaaaaa; {}rm \"$x\"", "x=${x//a/aaaaaaaaaaaaaaaa}; ".repeat(10));
    check_unknown(&replaced, "rm");
    let sed = format!("rm \"$(echo aaaaaaaa {})\"", "| sed s/a/aaaaaaaaaaaaaaaa/g ".repeat(10));
    check_unknown(&sed, "rm");
    let base64 = format!("rm \"$(head -c 9999 x; echo {} {})\"", "a".repeat(9_000), "| base64 ".repeat(20));
    check_unknown(&base64, "rm");
    check_unknown("rm \"$(printf %999999999s x)\"", "rm");
    check_unknown("rm \"$(seq 1000000000)\"", "rm");
}

#[test]
fn bytes_that_are_no_text_are_told_or_not_known() {
    assert!(resolved("rm -rf a\0b").gaps.iter().any(|gap| gap.kind == GapKind::Syntax));
    check_unknown("rm $'\\xff\\xfe'", "rm");
}
