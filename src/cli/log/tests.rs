use std::fs;

use clap::Parser;

use super::*;
use crate::record::{Command, End, Entry, Ledger, Person, Receipt, RefusedBy, Subject};
use crate::test_process::Scratch;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    log: LogArgs,
}

fn args(words: &str) -> LogArgs {
    Cli::try_parse_from(std::iter::once("log").chain(words.split_whitespace())).unwrap().log
}

const RULES: &[&str] = &["railway/volume-delete"];

struct Sample {
    _scratch: Scratch,
    path: PathBuf,
}

impl Sample {
    /// A ledger with one of everything.
    fn new() -> Self {
        let scratch = Scratch::new();
        let sample = Self { path: scratch.path("ledger.jsonl"), _scratch: scratch };
        let ada = Person { uid: 1000, user: Some("ada"), tty: Some("/dev/pts/3"), proof: None, secret: None };
        let phrase = "delete volume data";
        let delete = || about("railway volume delete --volume data --yes", RULES);

        sample.add(&Entry::Ran(about("railway volume list", &[])));
        let asked = sample.add(&Entry::Asked { subject: delete(), agent: None, phrase });
        let opened = sample.add(&Entry::Cleared {
            subject: delete(),
            phrase,
            by: ada,
            second: None,
            asked: Some(asked),
            keys: &[],
        });
        sample.add(&Entry::Ran(about("echo between", &[])));
        let took = Duration::from_millis(1234);
        sample.add(&Entry::Ended { opened, end: End::Exited(0), took });
        let asked = sample.add(&Entry::Asked { subject: delete(), agent: None, phrase });
        sample.add(&Entry::Refused { subject: delete(), by: RefusedBy::Person(ada), asked: Some(asked) });
        let push = about("git push --force", &["git/push-force", "git/push-main"]);
        sample.add(&Entry::Refused { subject: push, by: RefusedBy::Policy("released from CI"), asked: None });
        sample.add(&Entry::Warned { subject: None, warning: "2 loosening lines are ignored" });
        sample.add(&Entry::Asked {
            subject: about("rm -rf \u{1b}[2J ~", &["files/remove"]),
            agent: Some("codex"),
            phrase,
        });
        sample
    }

    fn add(&self, entry: &Entry<'_>) -> Receipt {
        Ledger::at(&self.path).append(entry).unwrap()
    }

    /// Returns what `guard log` prints, with `T` for each time.
    fn shown(&self, words: &str, columns: Option<usize>) -> String {
        let mut out = Vec::new();
        show(&args(words), &self.path, View { paint: Paint::PLAIN, columns }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let year = &Stamp::now().to_string()[..4];
        let line = |line: &str| {
            if line.starts_with(year) { format!("T{}\n", &line[19..]) } else { format!("{line}\n") }
        };
        text.lines().map(line).collect()
    }

    fn json(&self, words: &str) -> Vec<u64> {
        let mut out = Vec::new();
        print(&args(&format!("--json {words}")), &self.path, false, &mut out).unwrap();
        let ledger = fs::read_to_string(&self.path).unwrap();
        let lines: Vec<_> = ledger.lines().collect();
        String::from_utf8(out)
            .unwrap()
            .lines()
            .map(|line| 1 + lines.iter().position(|whole| *whole == line).unwrap() as u64)
            .collect()
    }

    fn verified(&self) -> (Exit, String) {
        let mut out = Vec::new();
        let exit = verify(&self.path, &mut out).unwrap();
        (exit, String::from_utf8(out).unwrap().replace(self.path.to_str().unwrap(), "LEDGER"))
    }
}

fn about<'a>(command: &'a str, rules: &'a [&'a str]) -> Subject<'a> {
    Subject {
        command: Command::Text(command.as_ref()),
        origin: "exec",
        cwd: Path::new("/srv"),
        rules,
        gaps: &[],
    }
}

#[test]
fn one_row_a_command() {
    insta::assert_snapshot!(Sample::new().shown("", None));
}

#[test]
fn commands_are_cut_to_the_width_of_the_terminal() {
    insta::assert_snapshot!(Sample::new().shown("", Some(110)));
}

#[test]
fn columns_without_content_are_left_out() {
    let sample = Sample::new();
    assert_eq!(
        sample.shown("--what ran", None),
        "time (UTC)           what  command\nT  ran   railway volume list\nT  ran   echo between\n"
    );
}

#[test]
fn what_was_kept_and_frozen_can_be_chosen() {
    let sample = Sample::new();
    let before = sample.json("").len() as u64;
    let by = Person { uid: 1000, user: Some("ada"), tty: None, proof: None, secret: None };
    sample.add(&Entry::Kept { asked: None, what: "1 file" });
    sample.add(&Entry::Frozen { how: "restoring", by });
    assert_eq!(sample.json("--what kept"), [before + 1]);
    assert_eq!(sample.json("--what frozen"), [before + 2]);
}

#[test]
fn rows_can_be_chosen() {
    let sample = Sample::new();
    let check = |words: &str, expect: &[&str]| {
        let shown = sample.shown(words, None);
        let found: Vec<_> =
            shown.lines().skip(1).map(|line| line[1..].split_whitespace().next().unwrap()).collect();
        assert_eq!(found, expect, "{words}");
    };
    check("", &["ran", "allowed,", "ran", "refused", "refused", "warned", "asked,"]);
    check("--refused", &["refused", "refused"]);
    check("--what asked", &["allowed,", "refused", "asked,"]);
    check("--what cleared --what warned", &["allowed,", "warned"]);
    check("--rule git", &["refused"]);
    check("--rule git/push-main", &["refused"]);
    check("--rule railway/volume-delete", &["allowed,", "refused"]);
    check("--rule railway/volume-delete --refused", &["refused"]);
    check("--agent codex", &["asked,"]);
    check("--agent claude-code", &[]);
    check("--decision allowed", &["allowed,"]);
    check("--project /srv -n 1", &["asked,"]);
    check("--project /sr", &[]);
    check("-n 2", &["warned", "asked,"]);
    check("--last 1 --refused", &["refused"]);
    check("-n 5", &["ran", "refused", "refused", "warned", "asked,"]);
    check("--since 1h -n 1", &["asked,"]);
    assert_eq!(sample.shown("--rule git/push", None), "nothing on record\n");
    assert_eq!(sample.shown("--since 0s --rule nothing", None), "nothing on record\n");
}

#[test]
fn an_answer_outlives_a_question_that_scrolled_away() {
    let sample = Sample::new();
    let ada = Person { uid: 1000, user: Some("ada"), tty: None, proof: None, secret: None };
    let subject = || about("railway volume delete", RULES);
    let asked = Some(sample.add(&Entry::Asked { subject: subject(), agent: None, phrase: "x" }));
    sample.add(&Entry::Ran(about("ls", &[])));
    sample.add(&Entry::Ran(about("pwd", &[])));
    let opened = sample.add(&Entry::Cleared {
        subject: subject(),
        phrase: "x",
        by: ada,
        second: None,
        asked,
        keys: &[],
    });
    sample.add(&Entry::Ended { opened, end: End::Signalled(9), took: Duration::from_secs(4000) });
    assert!(sample.shown("-n 1", None).contains("T  allowed, signal 9  1 h 6 min  ada"));
}

#[test]
fn lines_as_they_are() {
    let sample = Sample::new();
    assert_eq!(sample.json(""), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(sample.json("--refused"), [7, 8]);
    assert_eq!(sample.json("--rule railway"), [2, 3, 5, 6, 7]);
    assert_eq!(sample.json("--what ended"), [5]);
    assert_eq!(sample.json("-n 2"), [9, 10]);
}

#[test]
fn a_whole_ledger() {
    let (exit, said) = Sample::new().verified();
    assert_eq!((exit, &*said), (Exit::Done, "LEDGER: 10 lines, all as they were written\n"));
}

#[test]
fn a_ledger_that_was_changed() {
    let sample = Sample::new();
    let text = fs::read_to_string(&sample.path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    fs::write(
        &sample.path,
        format!("{}\n{}\n", lines[..3].join("\n"), lines[4..9].join("\n").replace("push", "pull")),
    )
    .unwrap();
    let (exit, said) = sample.verified();
    assert_eq!(exit, Exit::Failed);
    assert_eq!(
        said,
        "LEDGER:4: entry 4 is missing before it\nLEDGER:7: changed after it was written\n\
         LEDGER:8: entry 10 was cut off after it\nLEDGER: 8 lines, 3 faults\n"
    );
}

#[test]
fn no_ledger() {
    let sample = Sample { path: PathBuf::from("/nonexistent/guard/ledger.jsonl"), _scratch: Scratch::new() };
    assert_eq!(sample.shown("", None), "nothing on record\n");
    assert_eq!(sample.verified(), (Exit::Done, "LEDGER: 0 lines, all as they were written\n".into()));
}

#[test]
fn lines_that_cannot_be_read_hinder_nothing() {
    let sample = Sample::new();
    let mut bytes = fs::read(&sample.path).unwrap();
    bytes.extend(b"half\xff a line\n{\"n\":11,\"what\":\"foretold\",\"command\":\"x\"}\n");
    fs::write(&sample.path, bytes).unwrap();
    assert!(sample.shown("-n 1", None).contains("unknown"));
}

#[test]
fn spans_of_time() {
    let check =
        |words: &str, seconds| assert_eq!(args(words).since, Some(Moment::Ago(Duration::from_secs(seconds))));
    check("--since 90s", 90);
    check("--since 10m", 600);
    check("--since 2h", 7200);
    check("--since 3d", 259_200);
    check("--since 18446744073709551615w", u64::MAX);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for words in [
        "--what foretold",
        "--since soon",
        "--since 3y",
        "--since m",
        "-n many",
        "--json verify",
        "validate",
        "--since 2026-1-2",
        "--json --format csv",
    ] {
        let words = std::iter::once("log").chain(words.split_whitespace());
        assert!(Cli::try_parse_from(words).is_err());
    }
    assert!(matches!(args("verify --file x").action, Some(Action::Verify)));
    assert_eq!(args("verify --file x").file, Some("x".into()));
}
