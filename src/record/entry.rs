//! The entries that callers record, and how each becomes a line.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Receipt;
use super::line::{Answerer, By, Line, Shortened, Unread, What};
use super::redact::{redact, redact_argv};
use crate::parse::gap::{Gap, GapKind};

/// Commands longer than this many bytes are stored without their middle.
const LONGEST_COMMAND: usize = 4096;
/// Other texts longer than this many bytes are stored without their middle.
const LONGEST_TEXT: usize = 512;
/// The longest list; longer ones end in a count of what was left out.
const LONGEST_LIST: usize = 16;

/// Something to put on record.
#[derive(Clone, Debug)]
pub enum Entry<'a> {
    /// A harmless command is about to replace guard.
    Ran(Subject<'a>),
    /// A command that a person would be asked about, where policy only watches, is about to replace guard.
    Observed(Subject<'a>),
    /// A person is about to be asked.
    Asked {
        /// The command in question.
        subject: Subject<'a>,
        /// The agent that asks, where it is known.
        agent: Option<&'a str>,
        /// What must be typed.
        phrase: &'a str,
    },
    /// A question is put to a person at another terminal.
    Shown {
        /// The question.
        asked: Receipt,
        /// Who reads it.
        to: Person<'a>,
    },
    /// A person answered at another terminal.
    Answered {
        /// The question.
        asked: Receipt,
        /// Who answered.
        by: Person<'a>,
        /// With which words, if it was not the phrase.
        declined: Option<&'a str>,
    },
    /// A person allowed the command, which is about to run.
    Cleared {
        /// The command.
        subject: Subject<'a>,
        /// What was typed.
        phrase: &'a str,
        /// Who typed it.
        by: Person<'a>,
        /// Who typed it as well, where two people had to.
        second: Option<Person<'a>>,
        /// The question that this answers.
        asked: Option<Receipt>,
        /// The names of the credentials that it gets.
        keys: &'a [&'a str],
    },
    /// What a command drops was saved before it ran, or could not be, or older savings made room for it.
    Kept {
        /// The question, if one was asked.
        asked: Option<Receipt>,
        /// What was saved.
        what: &'a str,
    },
    /// Everything is frozen, or no longer.
    Frozen {
        /// Since when and why, or that it was lifted.
        how: &'a str,
        /// By whom.
        by: Person<'a>,
    },
    /// A cleared command ended.
    Ended {
        /// The line that opened it.
        opened: Receipt,
        /// How it ended.
        end: End,
        /// How long it ran.
        took: Duration,
    },
    /// A command was not run.
    Refused {
        /// The command.
        subject: Subject<'a>,
        /// Who or what refused it.
        by: RefusedBy<'a>,
        /// The question that this answers, if one was asked.
        asked: Option<Receipt>,
    },
    /// Somebody enrolled a secret.
    Enrolled {
        /// What was enrolled: `passphrase of ada`.
        what: &'a str,
        /// Who sat at the terminal.
        by: Person<'a>,
    },
    /// Something is wrong that stops nothing.
    Warned {
        /// The command at hand, if there is one.
        subject: Option<Subject<'a>>,
        /// What is amiss.
        warning: &'a str,
    },
}

/// The command that an entry is about, and how it was read.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The command as it was proposed, with its secrets.
    pub command: Command<'a>,
    /// The door through which it came: `exec`, `shim railway`, `agent claude-code`, `git-hook pre-push`.
    pub origin: &'a str,
    /// The directory in which it runs.
    pub cwd: &'a Path,
    /// The identifiers of the rules that matched.
    pub rules: &'a [&'a str],
    /// What could not be read.
    pub gaps: &'a [Gap],
}

/// A command as it was proposed.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// A text for a shell.
    Text(&'a OsStr),
    /// A program and its arguments.
    Argv(&'a [OsString]),
}

/// The person who answered.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The user id.
    pub uid: u32,
    /// The user's name, where there is one.
    pub user: Option<&'a str>,
    /// The terminal on which the answer was typed.
    pub tty: Option<&'a str>,
    /// What shows that it was a person.
    pub proof: Option<&'a str>,
    /// Which enrolled secret was shown.
    pub secret: Option<&'a str>,
}

/// Who or what refused a command.
#[derive(Clone, Copy, Debug)]
pub enum RefusedBy<'a> {
    /// A person, by another answer than the phrase.
    Person(Person<'a>),
    /// A policy, for the given reason.
    Policy(&'a str),
    /// Nobody: no person could be reached.
    NobodyToAsk,
    /// Nobody: no answer came in time.
    Timeout,
    /// Nobody: guard itself failed as described.
    Broken(&'a str),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It could not be started, or its end was not seen.
    Unknown,
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, Some(signal)) => Self::Signalled(signal),
            (None, None) => Self::Unknown,
        }
    }
}

impl Entry<'_> {
    /// Returns whether the entry must be on the disk before anything else happens. A harmless
    /// command is not worth the wait, and neither is what is over.
    pub(super) fn must_last(&self) -> bool {
        matches!(
            self,
            Self::Asked { .. }
                | Self::Answered { .. }
                | Self::Cleared { .. }
                | Self::Refused { .. }
                | Self::Enrolled { .. }
                | Self::Frozen { .. }
        )
    }

    /// Returns the line of this entry, without what only the writer knows.
    pub(super) fn line(&self) -> Line {
        match self {
            Self::Ran(subject) => about(What::Ran, subject),
            Self::Observed(subject) => about(What::Observed, subject),
            Self::Asked { subject, agent, phrase } => {
                Line { phrase: Some(short(phrase)), agent: agent.map(short), ..about(What::Asked, subject) }
            }
            Self::Shown { asked, to } => {
                Line { what: What::Shown, of: Some(asked.n), person: Some(to.into()), ..Line::default() }
            }
            Self::Answered { asked, by, declined } => Line {
                what: What::Answered,
                of: Some(asked.n),
                by: Some(By::Person),
                person: Some(by.into()),
                because: declined.map(|text| short(&redact(text))),
                ..Line::default()
            },
            Self::Cleared { subject, phrase, by, second, asked, keys } => Line {
                of: asked.map(|receipt| receipt.n),
                phrase: Some(short(phrase)),
                by: Some(By::Person),
                person: Some(by.into()),
                second: second.as_ref().map(Answerer::from),
                keys: list(keys),
                ..about(What::Cleared, subject)
            },
            Self::Kept { asked, what } => Line {
                what: What::Kept,
                of: asked.map(|receipt| receipt.n),
                because: Some(short(&redact(what))),
                ..Line::default()
            },
            Self::Frozen { how, by } => Line {
                what: What::Frozen,
                person: Some(by.into()),
                because: Some(short(&redact(how))),
                ..Line::default()
            },
            Self::Ended { opened, end, took } => {
                let (status, signal) = match *end {
                    End::Exited(status) => (Some(status), None),
                    End::Signalled(signal) => (None, Some(signal)),
                    End::Unknown => (None, None),
                };
                let ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
                Line { what: What::Ended, of: Some(opened.n), status, signal, ms, ..Line::default() }
            }
            Self::Refused { subject, by, asked } => {
                Line { of: asked.map(|receipt| receipt.n), ..refused(subject, by) }
            }
            Self::Enrolled { what, by } => Line {
                what: What::Enrolled,
                by: Some(By::Person),
                person: Some(by.into()),
                because: Some(short(what)),
                ..Line::default()
            },
            Self::Warned { subject, warning } => Line {
                because: Some(short(&redact(warning))),
                ..subject
                    .as_ref()
                    .map_or(Line { what: What::Warned, ..Line::default() }, |s| about(What::Warned, s))
            },
        }
    }
}

fn refused(subject: &Subject<'_>, by: &RefusedBy<'_>) -> Line {
    let (by, person, because) = match *by {
        RefusedBy::Person(person) => (By::Person, Some(person), None),
        RefusedBy::Policy(reason) => (By::Policy, None, Some(reason)),
        RefusedBy::NobodyToAsk => (By::NobodyToAsk, None, None),
        RefusedBy::Timeout => (By::Timeout, None, None),
        RefusedBy::Broken(fault) => (By::Broken, None, Some(fault)),
    };
    Line {
        by: Some(by),
        person: person.as_ref().map(Answerer::from),
        because: because.map(|text| short(&redact(text))),
        ..about(What::Refused, subject)
    }
}

fn about(what: What, subject: &Subject<'_>) -> Line {
    let command = match subject.command {
        Command::Text(text) => redact(&readable(text)),
        Command::Argv(words) => redact_argv(words),
    };
    let shortened = (command.len() > LONGEST_COMMAND)
        .then(|| Shortened { bytes: command.len() as u64, sha256: sha256(&command) });
    Line {
        what,
        command: Some(shorten(command, LONGEST_COMMAND)),
        shortened,
        rules: list(subject.rules),
        gaps: gaps(subject.gaps),
        origin: Some(short(subject.origin)),
        cwd: Some(short(&readable(subject.cwd.as_os_str()))),
        ..Line::default()
    }
}

fn list(names: &[&str]) -> Vec<String> {
    let mut list: Vec<_> = names.iter().take(LONGEST_LIST).map(|name| short(name)).collect();
    if names.len() > LONGEST_LIST {
        list.push(format!("and {} more", names.len() - LONGEST_LIST));
    }
    list
}

fn gaps(gaps: &[Gap]) -> Vec<Unread> {
    let unread = |gap: &Gap| Unread { kind: kind(gap.kind).into(), reason: short(&redact(&gap.reason)) };
    let mut list: Vec<_> = gaps.iter().take(LONGEST_LIST).map(unread).collect();
    if let Some(rest) = gaps.get(LONGEST_LIST..).filter(|rest| !rest.is_empty()) {
        // What was left out is as grave as the gravest of it.
        let gravest = rest.iter().map(|gap| gap.kind).max().unwrap_or(GapKind::Bound);
        list.push(Unread { kind: kind(gravest).into(), reason: format!("and {} more", rest.len()) });
    }
    list
}

fn kind(kind: GapKind) -> &'static str {
    match kind {
        GapKind::Value => "value",
        GapKind::Syntax => "syntax",
        GapKind::File => "file",
        GapKind::Program => "program",
        GapKind::Code => "code",
        GapKind::Remote => "remote",
        GapKind::Bound => "bound",
    }
}

impl From<&Person<'_>> for Answerer {
    fn from(person: &Person<'_>) -> Self {
        Self {
            uid: person.uid,
            user: person.user.map(short),
            tty: person.tty.map(short),
            proof: person.proof.map(short),
            secret: person.secret.map(short),
        }
    }
}

fn short(text: &str) -> String {
    shorten(text.to_owned(), LONGEST_TEXT)
}

/// Leaves out the middle of a text of more than `most` bytes: how a command begins says what it is,
/// and how it ends often what it is about.
fn shorten(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let (mut front, mut back) = (most / 4 * 3, text.len() - most / 5);
    while !text.is_char_boundary(front) {
        front -= 1;
    }
    while !text.is_char_boundary(back) {
        back += 1;
    }
    format!("{} [...] {}", &text[..front], &text[back..])
}

/// Returns `text` with bytes that are not UTF-8 as `\xff`.
fn readable(text: &OsStr) -> Cow<'_, str> {
    if let Some(text) = text.to_str() {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut text = String::with_capacity(2 * bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text.into()
}

fn sha256(text: &str) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::super::line::LONGEST_LINE;
    use super::*;
    use crate::parse::script::Span;

    fn subject(command: Command<'_>) -> Subject<'_> {
        Subject { command, origin: "exec", cwd: Path::new("/srv/shop"), rules: &[], gaps: &[] }
    }

    fn gap(kind: GapKind, reason: &str) -> Gap {
        Gap { kind, span: Span::default(), reason: reason.into() }
    }

    #[test]
    fn secrets_are_gone_before_there_is_a_line() {
        let text = "psql postgres://ada:hunter2@db/shop";
        let line = Entry::Ran(subject(Command::Text(text.as_ref()))).line();
        assert_eq!(line.command.unwrap(), "psql postgres://ada:[redacted]@db/shop");

        let refused = RefusedBy::Broken("cannot read PASSWORD=hunter2");
        let by =
            Entry::Refused { subject: subject(Command::Text("x".as_ref())), by: refused, asked: None }.line();
        assert_eq!(by.because.unwrap(), "cannot read PASSWORD=[redacted]");

        let gaps = [gap(GapKind::Code, "eval of TOKEN=hunter2")];
        let line = Entry::Ran(Subject { gaps: &gaps, ..subject(Command::Text("x".as_ref())) }).line();
        assert_eq!(line.gaps[0].reason, "eval of TOKEN=[redacted]");

        let warned = Entry::Warned { subject: None, warning: "DB_PASSWORD=hunter2" }.line();
        assert_eq!(warned.because.unwrap(), "DB_PASSWORD=[redacted]");
    }

    #[test]
    fn bytes_that_are_no_text_stay_readable() {
        let words = ["rm", "-rf"].map(OsString::from).into_iter();
        let words: Vec<_> = words.chain([OsString::from_vec(b"caf\xe9 \n".to_vec())]).collect();
        let line = Entry::Ran(subject(Command::Argv(&words))).line();
        assert_eq!(line.command.unwrap(), r"rm -rf $'caf\xe9 \n'");

        let cwd = OsString::from_vec(b"/tmp/\xff\xfe/ok".to_vec());
        let line =
            Entry::Ran(Subject { cwd: Path::new(&cwd), ..subject(Command::Text("ls".as_ref())) }).line();
        assert_eq!(line.cwd.unwrap(), r"/tmp/\xff\xfe/ok");
    }

    #[test]
    fn the_middle_of_a_long_command_is_left_out() {
        let at_most = "x".repeat(LONGEST_COMMAND);
        let line = Entry::Ran(subject(Command::Text(at_most.as_ref()))).line();
        assert_eq!((line.command.unwrap(), line.shortened), (at_most, None));

        let text = format!("echo {} ; rm -rf /srv", "ü".repeat(4000));
        let line = Entry::Ran(subject(Command::Text(text.as_ref()))).line();
        let (command, shortened) = (line.command.unwrap(), line.shortened.unwrap());
        assert!(command.starts_with("echo ü") && command.ends_with("ü ; rm -rf /srv"), "{command}");
        assert!(command.contains("ü [...] ü") && command.len() <= LONGEST_COMMAND);
        assert_eq!(shortened.bytes, text.len() as u64);
        assert_eq!(shortened.sha256, sha256(&text));
    }

    #[test]
    fn lists_end_in_a_count_and_keep_the_gravest_kind() {
        let ids: Vec<_> = (0..20).map(|n| format!("git/{n}")).collect();
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        assert_eq!(list(&ids[..16]).len(), 16);
        assert_eq!(list(&ids).last().unwrap(), "and 4 more");

        let mut many = vec![gap(GapKind::Value, "x"); 18];
        many[17].kind = GapKind::Code;
        let last = Unread { kind: "code".into(), reason: "and 2 more".into() };
        assert_eq!(gaps(&many).last().unwrap(), &last);
    }

    #[test]
    fn no_line_is_too_long() {
        // Every character is escaped as six, in every field at once.
        let worst = "\u{1}".repeat(100_000);
        let ids = vec![worst.as_str(); 40];
        let unread = vec![gap(GapKind::Code, &worst); 40];
        let subject = Subject {
            command: Command::Text(worst.as_ref()),
            origin: &worst,
            cwd: Path::new(&worst),
            rules: &ids,
            gaps: &unread,
        };
        let by = Person {
            uid: u32::MAX,
            user: Some(&worst),
            tty: Some(&worst),
            proof: Some(&worst),
            secret: Some(&worst),
        };
        let asked = Some(Receipt { n: u64::MAX });
        let line = Entry::Cleared { subject, phrase: &worst, by, second: Some(by), asked, keys: &ids }.line();
        assert!(line.seal().unwrap().0.len() as u64 <= LONGEST_LINE);
    }

    #[test]
    fn ends() {
        let end = |raw| End::from(ExitStatus::from_raw(raw));
        assert_eq!((end(0), end(3 << 8), end(9)), (End::Exited(0), End::Exited(3), End::Signalled(9)));
    }
}
