//! The agent file: what one agent's hook sends, what it takes for an answer, and how it is set up.
//!
//! These types are read from `shims/agents/*.yaml` when guard is built (`build.rs` includes this
//! file), checked there, and kept in a compact form. Nothing here is read at run time.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::load::{self, PackError};
use super::places::Places;

/// Stands for the message in an answer.
pub const MESSAGE: &str = "{message}";

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Its name: the file's name without `.yaml`, kebab-case.
    pub agent: String,
    /// What people call it.
    pub title: String,
    /// Where its hooks are documented.
    #[serde(default)]
    pub docs: Option<String>,
    /// How the facts in this file are known: a version that was run, documentation, hearsay.
    pub checked: String,
    /// What guard sees of it.
    pub covers: String,
    /// What it does not see.
    pub misses: String,
    /// What the agent does when the hook cannot answer: it crashed, it is gone, it took too long.
    pub fails: String,
    /// Where things are in what arrives, by kind; without any the agent has no hook that could refuse.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What goes back.
    #[serde(default)]
    pub answers: Option<Answers>,
    /// How it is set up.
    #[serde(default)]
    pub install: Install,
    /// What it writes down of its sessions.
    #[serde(default)]
    pub transcripts: Vec<Transcript>,
    /// Events with the answers they get.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// Where commands are in what an agent writes down. Places are as in an [`Event`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transcript {
    /// The files: `~/.claude/projects/**/*.jsonl`.
    pub files: Vec<String>,
    /// In a file that is one document, the list of its entries; else every line is an entry.
    pub entries: Option<String>,
    /// In an entry, the list of its calls; else the entry is a call itself.
    pub each: Option<String>,
    /// In an entry, the working directory from there on.
    pub cwd: Vec<String>,
    /// The calls that run commands.
    pub calls: Vec<Event>,
}

/// Where things are in an event. A place is a JSON pointer (RFC 6901); a text on its way that holds
/// JSON is read as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Event {
    /// What must be so. The first kind of which it is so counts; an event of no kind is not understood,
    /// and that refuses.
    pub applies: BTreeMap<String, String>,
    /// The name of the tool; without it every event is about a command.
    pub tool: Option<String>,
    /// The tools that run commands.
    pub tools: Vec<String>,
    /// The tools that run none, whatever their arguments look like.
    pub passes: Vec<String>,
    /// Tools that are refused, and why.
    pub refuses: BTreeMap<String, String>,
    /// The arguments of a tool that is not named here.
    pub arguments: Option<String>,
    /// The command: a text for a shell, or a list of such; the first place that is there counts.
    pub command: Vec<String>,
    /// The command as a list of a program and its arguments.
    pub argv: Option<String>,
    /// The working directory: the first that is there and not empty.
    pub cwd: Vec<String>,
    /// The shell that reads the text.
    pub shell: Shell,
    /// Whether the agent can later type into what it started, unseen by its hook. Then nothing is
    /// started that waits for commands.
    pub types: bool,
}

/// The shells whose text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// POSIX sh.
    Sh,
    /// Bash.
    #[default]
    Bash,
    /// Zsh.
    Zsh,
}

impl Shell {
    /// Returns the program's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Bash => "bash",
            Self::Zsh => "zsh",
        }
    }
}

/// What goes back, by decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// It may run: without an opinion on it, where the agent has such an answer.
    pub run: Answer,
    /// A person must be asked; the agent's own yes or no is no typed phrase, so it is refused here.
    pub confirm: Answer,
    /// It may not run.
    pub refuse: Answer,
    /// Guard could not judge it.
    pub broken: Answer,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The exit status.
    pub exit: u8,
    /// JSON for standard output, as text; `{message}` in it stands for the message.
    #[serde(deserialize_with = "json")]
    pub stdout: Option<String>,
    /// Text for standard error.
    pub stderr: Option<String>,
}

/// How an agent is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Install {
    /// Programs or directories (`~/.claude`) that say that the agent is here.
    pub found_by: Vec<String>,
    /// Files to change.
    pub edits: Vec<Edit>,
    /// What a person has to do or know besides, a sentence each.
    pub notes: Vec<String>,
    /// The agent's own ways to switch its hooks off.
    pub off_switches: Vec<OffSwitch>,
    /// Where it is seen that a person agreed to the hooks, for an agent that passes over others without a word.
    pub agreed: Option<Agreed>,
}

/// A sign that a person agreed to hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// The user's file, from `~/`.
    pub file: String,
    /// What stands in it then.
    pub holds: String,
    /// What a person has to do, a sentence.
    pub by: String,
}

/// A setting or a variable by which an agent switches its hooks off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OffSwitch {
    /// The files it may stand in, as in [`Edit`]: from `~/`, from `/`, or from the project's root. JSON,
    /// and TOML where the name ends so.
    pub files: Vec<String>,
    /// Where it stands in them, as a JSON pointer.
    pub key: Option<String>,
    /// What it is then, as JSON text. A list counts if it holds that.
    #[serde(deserialize_with = "json")]
    pub is: Option<String>,
    /// The variable that is set to more than nothing, `0` or `false` instead.
    pub variable: Option<String>,
    /// Whether it leaves on what is set up for the machine.
    pub spares_system: bool,
}

/// A file to change: merged into, or written whole. In it `{guard}` stands for guard's program, and
/// `{hook}` for the shell's words that ask guard and end with a failure where guard does not answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    /// The user's file: `~/.claude/settings.json`.
    pub user: Option<String>,
    /// The project's file, from its root.
    pub project: Option<String>,
    /// The machine's file.
    pub system: Option<String>,
    /// JSON, as text, that is merged into the file: maps key by key, lists by what they lack.
    #[serde(deserialize_with = "json")]
    pub merge: Option<String>,
    /// What the file holds.
    pub write: Option<String>,
    /// Whether it is a program.
    pub program: bool,
}

/// An event with the answer it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The event, as JSON text.
    #[serde(deserialize_with = "json_text")]
    pub event: String,
    /// What is decided.
    pub decision: Decision,
    /// What is told, in part.
    #[serde(default)]
    pub says: Option<String>,
}

/// What is decided about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may run.
    Run,
    /// A person must be asked.
    Confirm,
    /// It may not run.
    Refuse,
    /// Guard could not judge it.
    Broken,
}

impl Answers {
    /// Returns the answer to a decision.
    pub fn to(&self, decision: Decision) -> &Answer {
        match decision {
            Decision::Run => &self.run,
            Decision::Confirm => &self.confirm,
            Decision::Refuse => &self.refuse,
            Decision::Broken => &self.broken,
        }
    }
}

impl Agent {
    /// Reads and checks an agent's file; `path` is for messages, and its name is the agent's.
    ///
    /// # Errors
    ///
    /// Returns the first fault with its place.
    pub fn read(text: &str, path: &str) -> Result<Self, PackError> {
        let agent: Self = load::read(text, path)?;
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yaml");
        match agent.fault(stem) {
            Some((place, message)) => Err(PackError::new(path, text, Places::of(text).find(&place), message)),
            None => Ok(agent),
        }
    }

    /// Returns the first fault: the path of keys to it, and what it is.
    fn fault(&self, stem: &str) -> Option<(String, String)> {
        let fault = |place: &str, message: &str| Some((place.to_owned(), message.to_owned()));
        if self.agent != stem
            || !stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        {
            return fault("agent", "the agent is called as its file, in lower case: `claude-code`");
        }
        match &self.answers {
            None if !self.events.is_empty() => fault("events", "`answers` is missing"),
            None if !self.examples.is_empty() => {
                fault("examples", "there is no event that they could be examples of")
            }
            None => None,
            Some(_) if self.events.is_empty() => fault("answers", "`events` is missing"),
            Some(answers) => {
                let events = self.events.iter().enumerate();
                let mut faults = events.filter_map(|(at, event)| event.fault(&format!("events/{at}")));
                faults.next().or_else(|| answers.fault()).or_else(|| self.faulty_examples())
            }
        }
        .or_else(|| self.install.fault())
        .or_else(|| self.transcripts.iter().enumerate().find_map(|(at, known)| known.fault(at)))
    }

    fn faulty_examples(&self) -> Option<(String, String)> {
        let shows = |decision| self.examples.iter().any(|example| example.decision == decision);
        let lacks = [(Decision::Run, "run"), (Decision::Confirm, "confirm"), (Decision::Broken, "broken")];
        let lacking = lacks.iter().find(|(decision, _)| !shows(*decision));
        lacking.map(|(_, name)| ("examples".to_owned(), format!("there is no example for `{name}`")))
    }
}

impl Transcript {
    fn fault(&self, at: usize) -> Option<(String, String)> {
        let calls = self.calls.iter().enumerate();
        let wrong = if self.files.is_empty() || !self.files.iter().all(|file| file.starts_with("~/")) {
            "expected files that begin with `~/`"
        } else if self.calls.is_empty() {
            "`calls` is missing"
        } else if self.calls.iter().any(|call| call.applies.is_empty() || call.tool.is_some()) {
            "a call is known by what `applies`"
        } else {
            return calls
                .into_iter()
                .find_map(|(n, call)| call.fault(&format!("transcripts/{at}/calls/{n}")));
        };
        Some((format!("transcripts/{at}"), wrong.to_owned()))
    }
}

impl Event {
    /// Returns the first fault of this event, which stands at `place`.
    fn fault(&self, place: &str) -> Option<(String, String)> {
        let one = |key: &'static str, pointer: &Option<String>| pointer.clone().map(|pointer| (key, pointer));
        let many = |key: &'static str, pointers: &[String]| {
            pointers.iter().cloned().map(|pointer| (key, pointer)).collect::<Vec<_>>()
        };
        let mut pointers = many("command", &self.command);
        pointers.extend(many("cwd", &self.cwd));
        pointers.extend(self.applies.keys().cloned().map(|pointer| ("applies", pointer)));
        pointers.extend(one("tool", &self.tool));
        pointers.extend(one("arguments", &self.arguments));
        pointers.extend(one("argv", &self.argv));
        if let Some((key, pointer)) = pointers.iter().find(|(_, pointer)| !pointer.starts_with('/')) {
            return Some((format!("{place}/{key}"), format!("`{pointer}` is no place: it begins with `/`")));
        }
        let fault = |message: &str| Some((place.to_owned(), message.to_owned()));
        let has_command = !self.command.is_empty() || self.argv.is_some();
        match &self.tool {
            None if !has_command => fault("`command` is missing"),
            None if !self.tools.is_empty() => fault("`tool` is missing"),
            None => None,
            Some(_) if has_command == self.tools.is_empty() => {
                fault("`tools` and `command` need each other: which tools run commands, and where these are")
            }
            Some(_) if self.arguments.is_none() => fault("`arguments` is missing, for tools not named here"),
            Some(_) => None,
        }
    }
}

impl Answers {
    fn fault(&self) -> Option<(String, String)> {
        let says = |answer: &Answer| {
            let texts = answer.stdout.iter().chain(&answer.stderr);
            texts.into_iter().any(|text| text.contains(MESSAGE))
        };
        [("confirm", &self.confirm), ("refuse", &self.refuse), ("broken", &self.broken)].into_iter().find_map(
            |(name, answer)| {
                let place = format!("answers/{name}");
                if !says(answer) {
                    Some((place, format!("it does not tell the {MESSAGE}")))
                } else if answer == &self.run {
                    Some((place, "it is the answer by which a command runs".to_owned()))
                } else {
                    None
                }
            },
        )
    }
}

impl OffSwitch {
    fn fault(&self) -> Option<&'static str> {
        match (&self.variable, &self.key, &self.is) {
            (Some(_), None, None) if self.files.is_empty() => None,
            (None, Some(key), Some(_)) if key.starts_with('/') && !self.files.is_empty() => None,
            _ => Some("expected either `variable`, or `files`, `key` (which begins with `/`) and `is`"),
        }
    }
}

impl Install {
    fn fault(&self) -> Option<(String, String)> {
        let switches = self.off_switches.iter().enumerate();
        let mut faults = switches.filter_map(|(at, switch)| {
            Some((format!("install/off_switches/{at}"), switch.fault()?.to_owned()))
        });
        faults.next().or_else(|| self.faulty_sign()).or_else(|| self.faulty_edit())
    }

    fn faulty_sign(&self) -> Option<(String, String)> {
        let elsewhere = self.agreed.as_ref().is_some_and(|agreed| !agreed.file.starts_with("~/"));
        elsewhere.then(|| ("install/agreed/file".to_owned(), "a user's file begins with `~/`".to_owned()))
    }

    fn faulty_edit(&self) -> Option<(String, String)> {
        self.edits.iter().enumerate().find_map(|(at, edit)| {
            let wrong = if edit.merge.is_some() == edit.write.is_some() {
                "expected either `merge` or `write`"
            } else if edit.user.as_ref().is_some_and(|path| !path.starts_with("~/")) {
                "a user's file begins with `~/`"
            } else if edit.project.as_ref().is_some_and(|path| path.starts_with(['/', '~'])) {
                "a project's file is given from the project's root"
            } else if edit.system.as_ref().is_some_and(|path| !path.starts_with('/')) {
                "the machine's file begins with `/`"
            } else if edit.user.is_none() && edit.project.is_none() && edit.system.is_none() {
                "no file is named"
            } else {
                return None;
            };
            Some((format!("install/edits/{at}"), wrong.to_owned()))
        })
    }
}

/// Reads anything as JSON text.
fn json_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    // What guard was built with is text already.
    if !from.is_human_readable() {
        return String::deserialize(from);
    }
    let value = serde_json::Value::deserialize(from)?;
    serde_json::to_string(&value).map_err(D::Error::custom)
}

fn json<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    if !from.is_human_readable() {
        return Option::deserialize(from);
    }
    json_text(from).map(Some)
}
