//! The ledger for other programs: CSV for tables, CEF for what collects security events.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::record::{By, Line, What};
use crate::text::safe;

/// How many unfinished commands are remembered for the lines that continue them.
const MOST: usize = 4096;

/// How lines are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A row a command, for people.
    #[default]
    Table,
    /// The ledger's own lines, which are JSON.
    Json,
    /// Comma-separated, as RFC 4180 has it, with a line of names.
    Csv,
    /// The Common Event Format, a line an event.
    Cef,
}

/// The names of the columns.
pub(super) const COLUMNS: &str = "n,time,what,of,agent,origin,cwd,rules,command,by,user,terminal,proof,second,because,status,signal,ms,not_read,uid,hash_before";

/// Completes a line with what only the line that it continues says.
#[derive(Debug, Default)]
pub(super) struct Whole(BTreeMap<u64, Line>);

impl Whole {
    /// Returns a line with the command that it is about.
    pub(super) fn line(&mut self, mut line: Line) -> Line {
        if let Some(begun) = line.of.and_then(|of| self.0.get(&of)) {
            line.command = line.command.or_else(|| begun.command.clone());
            line.agent = line.agent.or_else(|| begun.agent.clone());
            line.origin = line.origin.or_else(|| begun.origin.clone());
            line.cwd = line.cwd.or_else(|| begun.cwd.clone());
            if line.rules.is_empty() {
                line.rules.clone_from(&begun.rules);
            }
        }
        match line.what {
            What::Asked | What::Cleared => {
                self.0.insert(line.n, line.clone());
                if self.0.len() > MOST {
                    self.0.pop_first();
                }
            }
            What::Ended => _ = line.of.and_then(|of| self.0.remove(&of)),
            _ => {}
        }
        line
    }
}

/// Returns a line as a row of a table, without its end.
pub(super) fn csv(line: &Line) -> String {
    let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    let person = line.person.as_ref();
    let gaps =
        line.gaps.iter().map(|gap| format!("{}: {}", gap.kind, gap.reason)).collect::<Vec<_>>().join("; ");
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let cells = [
        line.n.to_string(),
        line.time.clone(),
        what(line.what).to_owned(),
        line.of.map_or(String::new(), |of| of.to_string()),
        text(line.agent.as_deref()),
        text(line.origin.as_deref()),
        text(line.cwd.as_deref()),
        line.rules.join(" "),
        text(line.command.as_deref()),
        by(line.by).to_owned(),
        person.map_or(String::new(), |person| person.shown().to_owned()),
        text(person.and_then(|person| person.tty.as_deref())),
        person.map_or(String::new(), proof),
        line.second.as_ref().map_or(String::new(), |second| second.shown().to_owned()),
        text(line.because.as_deref()),
        number(line.status.map(i64::from)),
        number(line.signal.map(i64::from)),
        line.ms.map_or(String::new(), |ms| ms.to_string()),
        gaps,
        line.uid.to_string(),
        line.prev.to_string(),
    ];
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")
}

fn proof(person: &crate::record::Answerer) -> String {
    [person.secret.as_deref(), person.proof.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Returns a cell. One that a spreadsheet would evaluate gets a leading apostrophe: commands are outside
/// text.
fn quoted(cell: &str) -> String {
    let cell = safe(cell);
    let computes = cell.starts_with(['=', '+', '-', '@']);
    let cell = if computes { format!("'{cell}") } else { cell.into_owned() };
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

/// Returns a line as an event of the Common Event Format, on one line and in printable characters, so that it
/// can be the message of a syslog line (RFC 5424) as it is.
pub(super) fn cef(line: &Line) -> String {
    let rule = line.rules.first().map_or("guard", String::as_str);
    let mut event = format!(
        "CEF:0|guard|guard|{}|{}|{}|{}|",
        head(env!("CARGO_PKG_VERSION")),
        head(rule),
        head(told(line.what)),
        severity(line)
    );
    let mut first = true;
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            let space = if std::mem::take(&mut first) { "" } else { " " };
            let _ = write!(event, "{space}{key}={}", extension(value));
        }
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    add("externalId", &line.n.to_string());
    add("rt", &line.time);
    add("act", what(line.what));
    add("outcome", &outcome(line));
    if let Some(person) = &line.person {
        add("suser", person.shown());
        add("suid", &person.uid.to_string());
        add("cs5", &proof(person));
        add("cs5Label", "proof");
        add("cs6", &text(&person.tty));
        add("cs6Label", "terminal");
    }
    if let Some(second) = &line.second {
        add("duser", second.shown());
    }
    add("spid", &line.pid.to_string());
    add("sourceServiceName", &text(&line.agent));
    add("requestContext", &text(&line.origin));
    add("filePath", &text(&line.cwd));
    add("cs1", &line.rules.join(" "));
    add("cs1Label", "rules");
    add("cs2", &text(&line.command));
    add("cs2Label", "command");
    add("cn1", &line.of.map_or(String::new(), |of| of.to_string()));
    add("cn1Label", if line.of.is_some() { "continues" } else { "" });
    add("reason", &text(&line.because));
    event
}

fn outcome(line: &Line) -> String {
    match (line.status, line.signal) {
        (Some(status), _) => format!("exit {status}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => by(line.by).to_owned(),
    }
}

/// From 0 to 10: the format's own scale.
fn severity(line: &Line) -> u8 {
    match line.what {
        What::Ran | What::Kept | What::Ended | What::Shown | What::Unknown => 1,
        What::Warned => 3,
        What::Observed | What::Asked | What::Answered | What::Refused => 6,
        What::Enrolled | What::Cleared | What::Frozen => 8,
    }
}

/// Escapes a value in the head of an event.
fn head(value: &str) -> String {
    safe(value).replace('\\', "\\\\").replace('|', "\\|")
}

/// Escapes a value behind the head. Line ends are escaped already, as all that cannot be seen is.
fn extension(value: &str) -> String {
    safe(value).replace('\\', "\\\\").replace('=', "\\=")
}

fn told(what: What) -> &'static str {
    match what {
        What::Ran => "A command ran",
        What::Observed => "A command ran that would be asked about",
        What::Asked => "A person was asked",
        What::Shown => "The question was read",
        What::Answered => "A person answered",
        What::Cleared => "A person let a command run",
        What::Kept => "What a command drops was saved, or could not be",
        What::Frozen => "Everything was frozen, or no longer",
        What::Ended => "A command that was let through ended",
        What::Refused => "A command was not run",
        What::Enrolled => "A secret was enrolled",
        What::Warned => "Something was wrong",
        What::Unknown => "Something that a newer guard wrote",
    }
}

fn what(what: What) -> &'static str {
    match what {
        What::Ran => "ran",
        What::Observed => "observed",
        What::Asked => "asked",
        What::Shown => "shown",
        What::Answered => "answered",
        What::Cleared => "cleared",
        What::Kept => "kept",
        What::Frozen => "frozen",
        What::Ended => "ended",
        What::Refused => "refused",
        What::Enrolled => "enrolled",
        What::Warned => "warned",
        What::Unknown => "unknown",
    }
}

fn by(by: Option<By>) -> &'static str {
    match by {
        Some(By::Person) => "person",
        Some(By::Policy) => "policy",
        Some(By::NobodyToAsk) => "nobody to ask",
        Some(By::Timeout) => "timeout",
        Some(By::Broken) => "broken",
        Some(By::Unknown) => "unknown",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str) -> Line {
        Line {
            n: 7,
            time: "2026-11-22T01:40:00.123Z".into(),
            what: What::Refused,
            command: Some(command.into()),
            rules: vec!["git/push-force".into()],
            because: Some("a|b=c\\d".into()),
            ..Line::default()
        }
    }

    #[test]
    fn cells_are_quoted_and_compute_nothing() {
        let check = |cell: &str, expect: &str| assert_eq!(quoted(cell), expect);
        check("git push", "git push");
        check("echo \"a\", b", "\"echo \"\"a\"\", b\"");
        check("=HYPERLINK(1)", "'=HYPERLINK(1)");
        check("-rf", "'-rf");
        assert_eq!(csv(&line("ls")).split(',').count(), COLUMNS.split(',').count());
    }

    #[test]
    fn an_event_is_one_line_whatever_the_command_is() {
        let event = cef(&line("a=b|c\\d\n\u{1b}[2J\u{202e}é"));
        assert!(event.starts_with("CEF:0|guard|guard|"), "{event}");
        assert!(event.contains("|git/push-force|A command was not run|6|externalId=7 "), "{event}");
        assert!(event.contains("reason=a|b\\=c\\\\d"), "{event}");
        assert!(event.contains("cs2=a\\=b|c\\\\d"), "{event}");
        assert!(event.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{event}");
    }

    #[test]
    fn what_continues_a_line_is_told_with_its_command() {
        let mut whole = Whole::default();
        let asked = Line { n: 1, what: What::Asked, agent: Some("codex".into()), ..line("rm -rf x") };
        whole.line(asked);
        let shown = whole.line(Line { n: 2, of: Some(1), what: What::Shown, ..Line::default() });
        assert_eq!((shown.command.as_deref(), shown.agent.as_deref()), (Some("rm -rf x"), Some("codex")));
        assert_eq!(shown.rules, ["git/push-force"]);
        let stray = whole.line(Line { n: 3, of: Some(9), what: What::Ended, ..Line::default() });
        assert_eq!(stray.command, None);
    }
}
