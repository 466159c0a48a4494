//! Texts that would never end, or take all there is: reading them ends, and what was not read is told.
//!
//! Nothing here is timed; `benches/judge.rs` measures the same texts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use guard::matcher;
use guard::parse::Dialect;
use guard::parse::gap::GapKind;
use guard::place::Place;
use guard::proposal::{Environment, Form, Origin, Proposal};
use guard::resolve::{self, Resolution, action::Effect};
use guard::rulebook::Rulebook;
use guard::unknown::is_known;
use guard::world::{Kind, MadeUp, Unreadable, World};

fn resolved(text: &str) -> Resolution {
    let mut world = MadeUp::default();
    world.directory("/home/dev/app");
    let place = Place::new(PathBuf::from("/home/dev/app"), Environment::default(), &world);
    resolved_at(text, &place, &Rulebook::builtin())
}

fn resolved_at(text: &str, place: &Place<'_>, book: &Rulebook) -> Resolution {
    let form = Form::Shell { text: text.into(), dialect: Dialect::Bash };
    let proposal = Proposal {
        form,
        cwd: place.cwd.clone(),
        environment: Environment::default(),
        origin: Origin::Exec,
        carrier: None,
    };
    resolve::resolve(&proposal, place, book)
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

/// Every `||` copies what the shell knows.
#[test]
fn much_that_is_known_costs_steps_wherever_it_is_copied() {
    let functions: String = (0..2500).map(|n| format!("f{n}() {{ :; }};")).collect();
    let aliases: String = (0..2500).map(|n| format!("alias a{n}=b;")).collect();
    for known in [functions, aliases] {
        check_told(&(known + &"a||b;".repeat(2500)));
    }
    let (inputs, places) = ("a ".repeat(8000), "{} ".repeat(8000));
    check_told(&format!("zsh -c 'zargs -I{{}} -- {inputs} -- x {places}'"));
    let globals: String = (0..2500).map(|n| format!("alias -g b{n}=1;")).collect();
    check_told(&format!("zsh -c '{globals}{}'", "a b;".repeat(5000)));
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

/// How many rules may be held against what one command does. A rule is held against an action in about
/// half a microsecond.
const RULES: usize = 100_000;

#[test]
fn what_is_held_against_many_rules_runs_out_of_steps() {
    let book = Rulebook::builtin();
    for line in [
        "rm -f file.tmp",
        "curl -X DELETE https://api.example.com/v1/things/7",
        "git push origin main",
        "docker exec app kubectl exec api -- rm -rf /data",
        "python3 -c 'import os; os.remove(\"a\"); os.remove(\"b\")'",
        "psql -c 'delete from a; drop table b; truncate c'",
        "X=1 Y=2 Z=3 aws s3 ls > out",
    ] {
        let text = format!("{line}\n").repeat(60_000 / line.len());
        let held = |action: &guard::resolve::action::Action| {
            action.effect.keys().into_iter().map(|key| book.rules(key).len()).sum::<usize>()
        };
        let all: usize = resolved(&text).actions.iter().map(held).sum();
        assert!(all <= RULES, "{line}: {all}");
    }
}

#[test]
fn code_that_would_take_too_long_is_not_read() {
    for (program, line) in
        [("python3 -", "x = f(x)\n"), ("node -", "x = f(x);\n"), ("perl -", "$x = f($x);\n")]
    {
        let text = |length: usize| format!("{program} <<'E'\n{}E\n", line.repeat(length / line.len()));
        check_told(&text(60_000).repeat(8));
        assert!(resolved(&text(20_000)).gaps.is_empty(), "{program}");
    }
}

/// A machine that counts what is asked of it.
#[derive(Default)]
struct Counting {
    world: MadeUp,
    asked: RefCell<BTreeMap<(&'static str, PathBuf), usize>>,
}

impl Counting {
    fn note(&self, what: &'static str, path: &Path) {
        *self.asked.borrow_mut().entry((what, path.to_owned())).or_default() += 1;
    }
}

impl World for Counting {
    fn kind(&self, path: &Path) -> Option<Kind> {
        self.world.kind(path)
    }

    fn read(&self, path: &Path, limit: usize) -> Result<(Vec<u8>, bool), Unreadable> {
        self.note("read", path);
        self.world.read(path, limit)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.note("canonical", path);
        self.world.canonical(path)
    }

    fn list(&self, directory: &Path, limit: usize) -> Option<Vec<String>> {
        self.world.list(directory, limit)
    }

    fn is_mount_point(&self, path: &Path) -> bool {
        self.world.is_mount_point(path)
    }

    fn others_may_write(&self, path: &Path) -> bool {
        self.world.others_may_write(path)
    }
}

#[test]
fn a_script_that_goes_deeper_than_paths_may_be_is_nowhere() {
    let text = "cd somewhere/below\n".repeat(3000) + "rm -rf x";
    let actions = resolved(&text).actions;
    assert_eq!(actions.last().map(|action| &action.site.cwd), Some(&None));
}

#[test]
fn what_was_seen_of_the_machine_is_not_looked_at_again() {
    let mut machine = Counting::default();
    machine.world.file("/home/dev/app/.git/index", "DIRC\0\0\0\x02\0\0\0\0");
    machine.world.file("/home/dev/app/.gitignore", "build\n");
    for at in 0..40 {
        machine.world.file(format!("/home/dev/app/build/out{at}/x"), "");
    }
    let text: String = (0..40).map(|at| format!("rm -rf build/out{at} build/out{at}\n")).collect();
    let book = Rulebook::builtin();
    let place = Place::new(PathBuf::from("/home/dev/app"), Environment::default(), &machine);
    let resolution = resolved_at(&text, &place, &book);
    assert!(matcher::find(&resolution, &book, &place).is_empty());
    let asked = machine.asked.borrow();
    for path in [".git/index", ".gitignore"] {
        let path = Path::new("/home/dev/app").join(path);
        assert_eq!(asked.get(&("read", path.clone())), Some(&1), "{}", path.display());
    }
    let again: Vec<_> =
        asked.iter().filter(|((what, _), times)| *what == "canonical" && **times > 1).collect();
    assert!(again.is_empty(), "{again:?}");
}
