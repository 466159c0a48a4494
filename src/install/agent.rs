//! The hooks of agents, each by the file that is known of it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Change, Door, Health, Here, Plan, Scope, files, switches};
use crate::agents::file::{Agent, Decision, Edit};

/// What stands for guard's program in an agent's file.
const GUARD: &str = "{guard}";

/// What stands there for asking guard.
const HOOK: &str = "{hook}";

/// How long a shell waits for guard, in seconds: longer than guard gives itself, and shorter than any
/// agent waits, since most of them take a hook that is late for a yes.
const LIMIT: u8 = 5;

/// Where the program is that ends what takes too long. Not looked up: the words in an agent's settings
/// must not change with the `PATH` of whoever asks.
const TIMEOUTS: [&str; 3] = ["/usr/bin/timeout", "/bin/timeout", "/opt/homebrew/bin/timeout"];

/// The hooks of one agent, in the settings of a user, of a project or of the machine.
pub(super) struct Hook {
    agent: Agent,
    scope: Scope,
    /// The project around the working directory.
    project: Option<PathBuf>,
}

/// Returns the hooks of all agents.
pub(super) fn all(scope: Scope, here: &Here) -> impl Iterator<Item = Box<dyn Door>> {
    let project = here.project.clone();
    crate::agents::all()
        .filter(|agent| !agent.install.found_by.is_empty())
        .map(move |agent| Box::new(Hook { agent, scope, project: project.clone() }) as Box<dyn Door>)
}

impl Hook {
    fn is_found(&self, here: &Here) -> bool {
        self.agent.install.found_by.iter().any(|sign| match sign.strip_prefix("~/") {
            Some(below_home) => here.home.join(below_home).is_dir(),
            None => here.find(sign).is_some(),
        })
    }

    /// Returns the file that an edit is about, if it has one here.
    fn file(&self, edit: &Edit, here: &Here) -> Option<PathBuf> {
        match self.scope {
            Scope::User => Some(here.home.join(edit.user.as_ref()?.strip_prefix("~/")?)),
            Scope::Project => Some(self.project.as_ref()?.join(edit.project.as_ref()?)),
            Scope::System => edit.system.as_ref().map(PathBuf::from),
        }
    }

    fn change(&self, edit: &Edit, here: &Here) -> Option<Change> {
        let file = self.file(edit, here)?;
        match (&edit.merge, &edit.write) {
            (Some(merge), _) => {
                let ours = serde_json::from_str(merge).ok().map(|value| self.filled(value, here))?;
                Some(Change::Merge { file, ours, mark: self.mark() })
            }
            (None, Some(content)) => {
                let content = content.replace(HOOK, &self.asks(here));
                let content = content.replace(GUARD, &here.program.to_string_lossy());
                Some(Change::File { file, content, program: edit.program })
            }
            (None, None) => None,
        }
    }

    /// Returns the words by which a part of guard's is known.
    fn mark(&self) -> String {
        format!(" hook {}", self.agent.agent)
    }

    /// Returns the shell's words that ask guard, and end with a failure where it hangs.
    fn asks(&self, here: &Here) -> String {
        let program = here.program.to_string_lossy();
        let limit = timeout().map_or(String::new(), |timeout| format!("{timeout} -s KILL {LIMIT} "));
        format!("{limit}{}{}", shell_words::quote(&program), self.mark())
    }

    /// Returns a value with guard's program in its place.
    fn filled(&self, value: Value, here: &Here) -> Value {
        match value {
            Value::String(text) => Value::String(text.replace(HOOK, &self.asks(here))),
            Value::Array(list) => list.into_iter().map(|value| self.filled(value, here)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(key, value)| (key, self.filled(value, here))).collect()
            }
            other => other,
        }
    }

    /// Returns why the agent may pass its hooks over, where nothing says that a person agreed to them.
    fn passed_over(&self, here: &Here) -> Option<String> {
        let agreed = self.agent.install.agreed.as_ref().filter(|_| self.scope != Scope::System)?;
        let file = here.home.join(agreed.file.strip_prefix("~/")?);
        let text = files::read(&file).ok().flatten().unwrap_or_default();
        let holds = String::from_utf8_lossy(&text).contains(&agreed.holds);
        let file = here.shown(&file);
        (!holds).then(|| {
            format!("are passed over until a person agrees, and {file} does not say so: {}", agreed.by)
        })
    }

    /// Returns what the agent runs to ask guard, by what was set up for it.
    fn calls(&self, changes: &[Change], here: &Here) -> Vec<Command> {
        let mark = self.mark();
        let mut calls = Vec::new();
        for change in changes {
            match change {
                Change::Merge { ours, .. } => {
                    let mut lines = Vec::new();
                    texts(ours, &mut |text| {
                        if text.contains(&mark) {
                            lines.push(text.to_owned())
                        }
                    });
                    lines.dedup();
                    calls.extend(lines.into_iter().map(|line| {
                        let mut shell = Command::new("sh");
                        shell.args(["-c", &line]);
                        shell
                    }));
                }
                Change::File { file, program: true, .. } => calls.push(Command::new(file)),
                // A plugin asks guard itself.
                _ => {
                    let mut guard = Command::new(&here.program);
                    guard.args(["hook", &self.agent.agent]);
                    calls.push(guard);
                }
            }
        }
        calls
    }

    /// Asks as the agent would; returns whether the answer is the one for `decision`.
    fn answers(&self, decision: Decision, call: &mut Command) -> bool {
        let example = self.agent.examples.iter().find(|example| example.decision == decision);
        let (Some(example), Some(answers)) = (example, &self.agent.answers) else { return false };
        let elsewhere = std::env::temp_dir().join(format!("guard-status-{}", std::process::id()));
        let output = call
            .env(crate::env_vars::XDG_STATE_HOME, &elsewhere)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .and_then(|mut child| {
                let _ = child.stdin.take().map(|mut stdin| stdin.write_all(example.event.as_bytes()));
                child.wait_with_output()
            });
        let _ = std::fs::remove_dir_all(elsewhere);
        let answer = answers.to(decision);
        output.is_ok_and(|output| {
            let said = !output.stdout.trim_ascii().is_empty();
            output.status.code() == Some(answer.exit.into()) && said == answer.stdout.is_some()
        })
    }
}

impl Door for Hook {
    fn name(&self) -> String {
        self.agent.agent.clone()
    }

    fn receipt(&self) -> String {
        match (self.scope, &self.project) {
            // There can be one in each project.
            (Scope::Project, Some(project)) => format!("hook-{}@{}", self.agent.agent, project.display()),
            (Scope::Project, None) => format!("hook-{}@", self.agent.agent),
            _ => format!("hook-{}", self.agent.agent),
        }
    }

    fn title(&self) -> String {
        let whose = if self.scope == Scope::Project { " in this project" } else { "" };
        format!("the hooks of {}{whose}", self.agent.title)
    }

    fn plan(&self, here: &Here) -> Result<Plan, String> {
        let install = &self.agent.install;
        let changes: Vec<Change> = install.edits.iter().filter_map(|edit| self.change(edit, here)).collect();
        if changes.is_empty() {
            return Err(format!("nothing is known to change for it here: {}", install.notes.join(" ")));
        }
        for change in &changes {
            change.check()?;
        }
        let mut notes = install.notes.clone();
        if timeout().is_none() {
            notes.push("there is no `timeout` here that would end a guard that hangs".to_owned());
        }
        Ok(Plan { changes, notes })
    }

    fn tried(&self, here: &Here) -> Vec<Health> {
        let name = self.title();
        let changes = self.agent.install.edits.iter().filter_map(|edit| self.change(edit, here));
        let changes: Vec<Change> = changes.collect();
        let lost = changes.iter().filter(|change| !change.is_done(&here.program));
        let mut health: Vec<Health> = lost
            .map(|change| {
                let file = here.shown(change.path());
                Health::bad(format!("{name} are not in {file} as they were put there"))
            })
            .collect();
        let off = switches::off(&self.agent.install.off_switches, self.scope, here);
        health.extend(off.into_iter().map(|by| Health::bad(format!("{name} are switched off: {by}"))));
        health.extend(self.passed_over(here).map(|why| Health::note(format!("{name} {why}"))));
        let mut calls = self.calls(&changes, here);
        let mut right =
            |decision| !calls.is_empty() && calls.iter_mut().all(|call| self.answers(decision, call));
        health.push(match right(Decision::Run) && right(Decision::Confirm) {
            true => Health::good(format!("{name}: a harmless command may run, one that destroys is refused")),
            false => Health::bad(format!("{name}: the answers are not as they should be")),
        });
        health
    }

    fn belongs(&self, here: &Here) -> bool {
        let here_too = |edit: &Edit| match (self.scope, self.file(edit, here)) {
            // Settings of an agent that nobody uses in this project do not belong there.
            (Scope::Project, Some(file)) => file.parent().is_some_and(|directory| directory.is_dir()),
            (_, file) => file.is_some(),
        };
        self.is_found(here) && self.agent.install.edits.iter().any(here_too)
    }

    fn is_here(&self, here: &Here) -> bool {
        self.is_found(here)
    }

    fn instead(&self, here: &Here) -> Vec<String> {
        let install = &self.agent.install;
        let nothing = install.edits.iter().all(|edit| self.file(edit, here).is_none());
        if nothing { install.notes.clone() } else { Vec::new() }
    }
}

/// Returns the program that ends what takes too long, if there is one.
fn timeout() -> Option<&'static str> {
    TIMEOUTS.into_iter().find(|timeout| Path::new(timeout).exists())
}

/// Shows every text in a value.
fn texts(value: &Value, show: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => show(text),
        Value::Array(list) => list.iter().for_each(|value| texts(value, show)),
        Value::Object(map) => map.values().for_each(|value| texts(value, show)),
        _ => {}
    }
}
