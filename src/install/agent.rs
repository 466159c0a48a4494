//! The hooks of agents, each by the file that is known of it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Change, Door, Health, Here, Plan, Scope};
use crate::agents::file::{Agent, Decision, Edit};

/// What stands for guard's program in an agent's file.
const GUARD: &str = "{guard}";

/// The hooks of one agent.
pub(super) struct Hook {
    agent: Agent,
}

/// Returns the hooks of all agents.
pub(super) fn all() -> impl Iterator<Item = Box<dyn Door>> {
    crate::agents::all()
        .filter(|agent| !agent.install.found_by.is_empty())
        .map(|agent| Box::new(Hook { agent }) as Box<dyn Door>)
}

impl Hook {
    fn is_found(&self, here: &Here) -> bool {
        self.agent.install.found_by.iter().any(|sign| match sign.strip_prefix("~/") {
            Some(below_home) => here.home.join(below_home).is_dir(),
            None => here.find(sign).is_some(),
        })
    }

    /// Returns the file that an edit is about, if it has one here.
    fn file(edit: &Edit, here: &Here) -> Option<PathBuf> {
        match here.scope {
            Scope::User => Some(here.home.join(edit.user.as_ref()?.strip_prefix("~/")?)),
            Scope::Project => Some(here.project.as_ref()?.join(edit.project.as_ref()?)),
            Scope::System => edit.system.as_ref().map(PathBuf::from),
        }
    }

    fn change(&self, edit: &Edit, here: &Here) -> Option<Change> {
        let file = Self::file(edit, here)?;
        let program = here.program.to_string_lossy();
        match (&edit.merge, &edit.write) {
            (Some(merge), _) => {
                let quoted = shell_words::quote(&program);
                let ours = serde_json::from_str(merge).ok().map(|value| filled(value, &quoted))?;
                Some(Change::Merge { file, ours, mark: format!(" hook {}", self.agent.agent) })
            }
            (None, Some(content)) => {
                Some(Change::File { file, content: content.replace(GUARD, &program), program: edit.program })
            }
            (None, None) => None,
        }
    }

    /// Asks as the agent would; returns whether the answer is the one for `decision`.
    fn answers(&self, decision: Decision, here: &Here) -> bool {
        let example = self.agent.examples.iter().find(|example| example.decision == decision);
        let (Some(example), Some(answers)) = (example, &self.agent.answers) else { return false };
        let elsewhere = std::env::temp_dir().join(format!("guard-status-{}", std::process::id()));
        let output = Command::new(&here.program)
            .args(["hook", &self.agent.agent])
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
        format!("hook-{}", self.agent.agent)
    }

    fn title(&self) -> String {
        format!("the hooks of {}", self.agent.title)
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
        Ok(Plan { changes, notes: install.notes.clone() })
    }

    fn tried(&self, here: &Here) -> Vec<Health> {
        let name = self.title();
        let changes = self.agent.install.edits.iter().filter_map(|edit| self.change(edit, here));
        let mut health: Vec<Health> = changes
            .filter(|change| !change.is_done(&here.program))
            .map(|change| {
                let file = here.shown(change.path());
                Health::bad(format!("{name} are not in {file} as they were put there"))
            })
            .collect();
        let right = self.answers(Decision::Run, here) && self.answers(Decision::Confirm, here);
        health.push(match right {
            true => Health::good(format!("{name}: a harmless command may run, one that destroys is refused")),
            false => Health::bad(format!("{name}: the answers are not as they should be")),
        });
        health
    }

    fn belongs(&self, here: &Here) -> bool {
        let here_too = |edit: &Edit| match (here.scope, Self::file(edit, here)) {
            // Settings of an agent that nobody uses in this project do not belong there.
            (Scope::Project, Some(file)) => file.parent().is_some_and(|directory| directory.is_dir()),
            (_, file) => file.is_some(),
        };
        self.is_found(here) && self.agent.install.edits.iter().any(here_too)
    }

    fn is_here(&self, here: &Here) -> bool {
        self.is_found(here)
    }
}

/// Returns a value with guard's program in its place.
fn filled(value: Value, program: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(GUARD, program)),
        Value::Array(list) => list.into_iter().map(|value| filled(value, program)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, filled(value, program))).collect(),
        other => other,
    }
}
