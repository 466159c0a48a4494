//! Commands by the list: what is stopped stays stopped, and a known gap that closes is told.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::harness::Guard;

/// Reads a list: one command a line, `#` for remarks; an indented line, and one after a line that
/// ends in a backslash, continues the one above.
pub(crate) fn commands(list: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match (line.strip_prefix("  "), all.last_mut()) {
            (Some(rest), Some(before)) => *before += &format!("\n{rest}"),
            (None, Some(before)) if before.ends_with('\\') => *before += &format!("\n{line}"),
            _ => all.push(line.to_owned()),
        }
    }
    all
}

/// Returns guard's answer to each command.
pub(crate) fn answers(commands: &[String]) -> Vec<serde_json::Value> {
    let guard = Guard::new();
    let mut child =
        guard.command(&["check", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = commands.join("\0") + "\0";
    // Beside the reading: neither end of a pipe holds all of a long list.
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    writer.join().unwrap().unwrap();
    assert_eq!(output.lines().count(), commands.len());
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the commands of a list that are not answered with one of `expected`.
fn otherwise(list: &str, expected: &[&str]) -> Vec<String> {
    let commands = commands(list);
    assert!(!commands.is_empty());
    let answers = answers(&commands);
    let wrong = commands
        .iter()
        .zip(answers)
        .filter(|(_, answer)| !expected.contains(&answer["decision"].as_str().unwrap()));
    wrong.map(|(command, answer)| format!("{command}\n  {answer}")).collect()
}

#[test]
fn what_was_stopped_stays_stopped() {
    let missed = otherwise(include_str!("../corpus/stopped.txt"), &["ask", "refuse"]);
    assert!(missed.is_empty(), "no longer stopped:\n{}", missed.join("\n"));
}

#[test]
fn everyday_commands_pass() {
    let list = include_str!("../corpus/benign.txt");
    let alarms = otherwise(list, &["run"]);
    println!("false alarms: {} of {} everyday commands", alarms.len(), commands(list).len());
    assert!(alarms.is_empty(), "false alarms:\n{}", alarms.join("\n"));
}

/// What was found out for one line of a script must not stand for another.
#[test]
fn a_line_before_takes_no_rule_away() {
    let plain = |line: &str| line.chars().all(|c| c.is_ascii_alphanumeric() || " ./_:=@-".contains(c));
    let program = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let everyday = commands(include_str!("../corpus/benign.txt"));
    let stopped = commands(include_str!("../corpus/stopped.txt"));
    let before = |stopped: &String| {
        let same = |line: &&String| plain(line) && program(line) == program(stopped) && *line != stopped;
        everyday.iter().rfind(same).cloned()
    };
    let pairs: Vec<(String, String)> =
        stopped.iter().filter_map(|line| Some((before(line)?, line.clone()))).collect();
    assert!(pairs.len() > 500, "{} pairs", pairs.len());
    let rules = |answer: &serde_json::Value| -> BTreeSet<String> {
        answer["rules"].as_array().unwrap().iter().map(|rule| rule["id"].to_string()).collect()
    };
    let alone = answers(&pairs.iter().map(|(_, line)| line.clone()).collect::<Vec<_>>());
    let both: Vec<String> = pairs.iter().map(|(before, line)| format!("{before}\n{line}")).collect();
    for ((alone, together), script) in alone.iter().zip(answers(&both)).zip(&both) {
        assert!(rules(alone).is_subset(&rules(&together)), "{script}\n  {alone}\n  {together}");
    }
}

#[test]
fn known_gaps_are_still_gaps() {
    let closed = otherwise(include_str!("../corpus/known-gaps.txt"), &["run"]);
    assert!(closed.is_empty(), "now stopped, so move to stopped.txt:\n{}", closed.join("\n"));
}

/// Returns the remarks of a list that stand right above a command.
fn headings(list: &str) -> BTreeSet<&str> {
    let lines: Vec<&str> = list.lines().filter(|line| !line.is_empty()).collect();
    let above = |pair: &[&'_ str]| !pair[1].starts_with('#');
    let remarks = lines.windows(2).filter(|pair| above(pair)).filter_map(|pair| pair[0].strip_prefix("# "));
    remarks.collect()
}

#[test]
fn the_document_and_the_lists_agree() {
    let document = include_str!("../../docs/bypasses.md");
    let stopped = headings(include_str!("../corpus/stopped.txt"));
    let gaps = headings(include_str!("../corpus/known-gaps.txt"));
    let table = document.split("| evasion |").nth(1).unwrap();
    let mut told = BTreeSet::new();
    for row in table.lines().skip(2).filter(|line| line.starts_with('|')) {
        let row = row.replace("\\|", "");
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, status, read_by, lines] = cells[..] else { panic!("{row}: not four cells") };
        let list = match status {
            "stopped" | "asked about as unread" => &stopped,
            "known gap" if lines.is_empty() => continue,
            "known gap" => &gaps,
            _ => continue,
        };
        assert!(list.contains(lines), "{row}: no lines under this remark");
        told.insert(lines.to_owned());
        for path in read_by.split('`').filter(|path| path.starts_with("src/") || path.starts_with("rules/")) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{row}: {path} is not there");
        }
    }
    for gap in gaps {
        assert!(told.contains(gap), "{gap}: a gap that docs/bypasses.md does not tell");
    }
    // What holds a door is a test by its name.
    let mut sources = String::new();
    for folder in ["src", "tests/it"] {
        add_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    }
    let is_name = |word: &&str| word.len() > 20 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    for name in document.split("| evasion |").nth(2).unwrap().split('`').filter(is_name) {
        assert!(sources.contains(&format!("fn {name}(")), "{name}: no such test");
    }
}

/// Adds the text of every source file in a folder.
fn add_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn packs_prove_themselves() {
    let output = Guard::new().run(&["rules", "test", "--all"]);
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
