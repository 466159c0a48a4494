//! What happened to people, told as files and judged where it happened.
//!
//! Each file of `tests/incidents/` is one incident that somebody reported: the project it happened in, which
//! is built here with a real file system and a real repository, the commands that did it, and the harmless
//! ones that stood next to them. Guard must stop the first, by the right rule, and let the second run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::harness::{Guard, can_play_a_person};
use crate::needs::needs;
use crate::real::Server;
use crate::scratch::Scratch;

/// Directories in which guard expects nothing of worth. A home in one of them would be no home.
const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/private/tmp", "/dev/shm"];

/// One incident.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incident {
    title: String,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as far as it is known, or `undated`.
    date: String,
    /// Where it was reported.
    source: String,
    story: String,
    #[serde(default)]
    project: Project,
    /// Variables that the command sees besides `HOME` and `PATH`.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// The working directory, below the project (`..` is the home).
    #[serde(default)]
    cwd: PathBuf,
    /// What a person must read in the question about each command that is stopped.
    #[serde(default)]
    question: Vec<String>,
    /// What a question mark must show as well.
    #[serde(default)]
    whole: Vec<String>,
    commands: Vec<Attempt>,
}

/// What was there before. Paths are below the project, those of `home` below the home directory, where `{project}` in a
/// file stands for the project's path.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Project {
    /// Whether it is a repository, with `files` committed.
    git: bool,
    files: BTreeMap<String, String>,
    /// Files changed or made since the commit.
    uncommitted: BTreeMap<String, String>,
    home: BTreeMap<String, String>,
}

/// A command and the answer it must get.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attempt {
    run: String,
    /// Whether the report has this very command; else it is the closest that the report allows.
    as_reported: Option<bool>,
    expect: Expect,
    /// Rules that must be among those that fire.
    #[serde(default)]
    rules: Vec<String>,
    phrase: Option<String>,
    /// What the question must say of where it acts, and with whose key.
    #[serde(default)]
    here: Vec<String>,
    /// Why a command that did harm runs all the same.
    known_gap: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Ask,
    Refuse,
    Run,
}

/// What guard said, as far as it is compared.
#[derive(Deserialize)]
struct Answer {
    decision: Expect,
    rules: Vec<Fired>,
    phrase: Option<String>,
    #[serde(default)]
    here: Vec<String>,
}

#[derive(Deserialize)]
struct Fired {
    id: String,
}

/// Reads all incidents, by the name of their file.
fn incidents() -> BTreeMap<String, Incident> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let incident = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, incident)
    };
    files.map(read).collect()
}

/// Returns a guard with a home in which files are worth something: by the build, or in the person's own home
/// where everything is built in a temporary directory.
fn guard() -> Guard {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let state = std::env::home_dir().map(|home| home.join(".local/state"));
    let lasting = |path: &PathBuf| !TEMPORARY.iter().any(|root| path.starts_with(root));
    let parent = [Some(target), state].into_iter().flatten().find(lasting);
    Guard::at(Scratch::below(&parent.expect("a directory outside /tmp")))
}

/// Puts in place what was there before.
fn build(project: &Project, guard: &Guard) {
    let put = |files: &BTreeMap<String, String>, below: &str| {
        for (name, content) in files {
            let here = guard.project().display().to_string();
            guard.file(&format!("{below}{name}"), &content.replace("{project}", &here));
        }
    };
    put(&project.home, "");
    put(&project.files, "project/");
    // Every project of the harness looks like a repository; here it is one, or is none.
    fs::remove_dir(guard.path("project/.git")).unwrap();
    if project.git {
        git(guard, &["init", "-q"]);
        git(guard, &["add", "-A"]);
        git(guard, &["commit", "-q", "--allow-empty", "-m", "The project as it was"]);
    }
    put(&project.uncommitted, "project/");
}

/// Runs git as if nobody had configured it, and no git were above (the tests may run in a hook of one).
fn git(guard: &Guard, words: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]);
    git.args(words).current_dir(guard.project()).env_clear().env("HOME", guard.path(""));
    git.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    assert!(git.status().unwrap().success(), "git {words:?}");
}

/// Asks guard for all commands of an incident, where it happened.
fn judge(incident: &Incident) -> Vec<Answer> {
    let guard = guard();
    build(&incident.project, &guard);
    let mut check = guard.command(&["check", "--batch"]);
    check.envs(&incident.environment).current_dir(guard.project().join(&incident.cwd));
    let mut child = check.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let commands: Vec<&str> = incident.commands.iter().map(|attempt| attempt.run.trim_end()).collect();
    child.stdin.take().unwrap().write_all((commands.join("\0") + "\0").as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let answers: Vec<Answer> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), commands.len(), "{output}");
    answers
}

/// Says what is wrong with an answer, if anything.
fn complaint(attempt: &Attempt, answer: &Answer) -> Option<String> {
    let wanted = told(attempt.expect, attempt.rules.iter(), attempt.phrase.as_ref());
    let got = told(answer.decision, answer.rules.iter().map(|rule| &rule.id), answer.phrase.as_ref());
    let fired = |id: &String| answer.rules.iter().any(|rule| rule.id == *id);
    let here = answer.here.join("\n");
    let unsaid: Vec<&String> = attempt.here.iter().filter(|text| !here.contains(text.as_str())).collect();
    if !unsaid.is_empty() {
        return Some(format!(
            "  {}\n    does not say: {unsaid:#?}\n    but:          {here}",
            attempt.run.trim_end()
        ));
    }
    let right = attempt.expect == answer.decision
        && attempt.rules.iter().all(fired)
        && (attempt.phrase.is_none() || attempt.phrase == answer.phrase);
    (!right).then(|| format!("  {}\n    expected: {wanted}\n    got:      {got}", attempt.run.trim_end()))
}

fn told<'s>(what: Expect, rules: impl Iterator<Item = &'s String>, phrase: Option<&String>) -> String {
    let mut told = match what {
        Expect::Ask => "ask",
        Expect::Refuse => "refuse",
        Expect::Run => "run",
    }
    .to_owned();
    for rule in rules {
        told += &format!(" {rule}");
    }
    phrase.map_or(told.clone(), |phrase| format!("{told} “{phrase}”"))
}

#[test]
fn what_destroyed_something_once_is_stopped_now() {
    if !needs("git") {
        return;
    }
    let incidents: Vec<(String, Incident)> = incidents().into_iter().collect();
    let judged = |(name, incident): &(String, Incident)| {
        let answers = judge(incident);
        let pairs = incident.commands.iter().zip(&answers);
        let wrong: Vec<String> = pairs.filter_map(|(attempt, answer)| complaint(attempt, answer)).collect();
        (!wrong.is_empty()).then(|| format!("{name}\n{}", wrong.join("\n")))
    };
    let wrong: Vec<String> = incidents.iter().filter_map(judged).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The incident behind this project, from end to end: the agent's call, a real `curl`, a real server.
#[test]
fn nothing_reaches_railway_and_a_person_reads_why() {
    if !["git", "curl", "openssl", "python3"].iter().all(|tool| needs(tool)) || !can_play_a_person() {
        return;
    }
    let incident = &incidents()["pocketos.yaml"];
    let guard = guard();
    build(&incident.project, &guard);
    let server = Server::start(&guard);
    // So that the call itself need not be changed.
    let to: Vec<String> = ["app", "com"]
        .iter()
        .map(|end| format!("connect-to = backboard.railway.{end}:443:127.0.0.1:{}\n", server.port))
        .collect();
    guard.file(".curlrc", &format!("insecure\n{}", to.concat()));
    let calls = incident.commands.iter().filter(|attempt| attempt.expect != Expect::Run);
    for call in calls.filter(|attempt| attempt.run.starts_with("curl")) {
        let mut off_a_terminal = guard.command(&["exec", "-c", &call.run]);
        let output = off_a_terminal.envs(&incident.environment).output().unwrap();
        assert_eq!(output.status.code(), Some(75), "{output:?}");
        let mut person = guard.person(&[
            "env",
            "RAILWAY_ENVIRONMENT_NAME=staging",
            env!("CARGO_BIN_EXE_guard"),
            "exec",
            "-c",
            &call.run,
        ]);
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let tells = |screen: &str, lines: &[String]| {
            for line in lines.iter().chain(&call.here) {
                assert!(plain(screen).contains(&plain(line)), "the question does not say: {line}\n{screen}");
            }
        };
        tells(&person.sees("\n> "), &incident.question);
        person.types("?");
        tells(&person.sees("\n> "), &[&incident.question[..], &incident.whole].concat());
        person.types("");
        assert_eq!(person.leaves(), 77);
        assert!(server.bodies().is_empty(), "something was sent: {:?}", server.bodies());
    }
    // The server is there, and a call that destroys nothing reaches it.
    let harmless = incident
        .commands
        .iter()
        .find(|attempt| attempt.expect == Expect::Run && attempt.run.starts_with("curl"));
    assert_eq!(guard.exec(&harmless.unwrap().run), 0);
    assert_eq!(server.bodies().len(), 1);
}

#[test]
fn incidents_are_told_whole() {
    let incidents = incidents();
    assert!(incidents.len() >= 40, "only {} incidents", incidents.len());
    let mut titles: Vec<&str> = incidents.values().map(|incident| incident.title.as_str()).collect();
    titles.sort_unstable();
    assert!(titles.windows(2).all(|pair| pair[0] != pair[1]), "a title is used twice: {titles:#?}");
    for (name, incident) in &incidents {
        let stem = name.strip_suffix(".yaml").unwrap_or_else(|| panic!("{name} is no .yaml"));
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        assert!(stem.chars().all(plain), "{name}: names are in kebab-case");
        assert!(incident.source.starts_with("https://"), "{name}: source {}", incident.source);
        assert!(is_date(&incident.date), "{name}: date {}", incident.date);
        assert!(incident.story.split_whitespace().count() >= 20, "{name}: the story is too short");
        let did_harm = incident.commands.iter().filter(|attempt| attempt.as_reported.is_some());
        assert!(did_harm.count() > 0, "{name}: no command did harm");
        incident.commands.iter().for_each(|attempt| consistent(name, attempt));
    }
}

/// Checks that a command says enough of itself: where it comes from if it did harm, and which rule stops it.
fn consistent(name: &str, attempt: &Attempt) {
    let run = &attempt.run;
    if attempt.expect == Expect::Run {
        assert!(attempt.rules.is_empty() && attempt.phrase.is_none(), "{name}: nothing stops {run}");
        assert_eq!(attempt.as_reported.is_some(), attempt.known_gap.is_some(), "{name}: why does {run} run?");
    } else {
        assert!(!attempt.rules.is_empty(), "{name}: which rule stops {run}?");
        assert!(attempt.as_reported.is_some(), "{name}: is {run} as reported?");
        assert!(attempt.known_gap.is_none(), "{name}: {run} is no gap");
    }
}

fn is_date(text: &str) -> bool {
    if text == "undated" {
        return true;
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    digits && text.split('-').zip([4, 2, 2]).all(|(part, length)| part.len() == length) && text.len() <= 10
}
