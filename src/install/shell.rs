//! The terminal tool: guard under the names of shells, for an agent to be given.

use std::path::PathBuf;
use std::process::Command;

use super::plan::is_current;
use super::{Change, Door, Health, Here, Plan, Scope, probe};
use crate::called::{GUARD_SH, SHELLS};

/// The shells that agents start by name.
const NAMES: [&str; 3] = ["bash", "sh", "zsh"];

/// The terminal tool.
pub(super) struct Shell;

fn directory(here: &Here) -> PathBuf {
    here.data.join(SHELLS)
}

impl Door for Shell {
    fn name(&self) -> String {
        "shell".to_owned()
    }

    fn title(&self) -> String {
        "the shell of an agent's terminal tool".to_owned()
    }

    fn plan(&self, here: &Here) -> Result<Plan, String> {
        if here.scope == Scope::Project {
            return Err("the terminal tool is a user's or the system's, not a project's".to_owned());
        }
        let mut names: Vec<String> =
            NAMES.iter().filter(|name| here.find(name).is_some()).map(|name| (*name).to_owned()).collect();
        names.push(GUARD_SH.to_owned());
        let bash = directory(here).join("bash");
        let notes = vec![
            format!(
                "give it to an agent: CLAUDE_CODE_SHELL={0} for Claude Code, SHELL={0} for OpenCode and Continue",
                bash.display()
            ),
            "it is for agents: it reads each command whole, and has no line editing".to_owned(),
        ];
        Ok(Plan { changes: vec![Change::Links { directory: directory(here), names }], notes })
    }

    fn tried(&self, here: &Here) -> Vec<Health> {
        let there = NAMES.iter().map(|name| directory(here).join(name)).filter(|shell| shell.exists());
        there
            .flat_map(|shell| {
                let call = |text: String| probe::run(Command::new(&shell).args(["-c", &text]));
                let name = format!("the shell {}", here.shown(&shell));
                let destroys = format!("rm -rf {}", probe::NOWHERE);
                let tried = probe::health(&name, call("true".to_owned()), call(destroys));
                let stale = !is_current(&shell, &here.program);
                let said = || format!("{name} is of another guard than this one: guard install shell");
                [Some(tried), stale.then(|| Health::note(said()))]
            })
            .flatten()
            .collect()
    }

    fn belongs(&self, here: &Here) -> bool {
        here.scope != Scope::Project
    }
}
