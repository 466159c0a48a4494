//! The shims: guard under the names of tools, in a directory that comes first on `PATH`.

mod order;

use std::path::PathBuf;
use std::process::Command;

use super::plan::is_current;
use super::probe;
use super::{Change, Door, Health, Here, Plan, Scope};
use crate::called::SHIMS;
use crate::rulebook::Rulebook;

const POSIX: &str = include_str!("../../shims/path/posix.sh");
const FISH: &str = include_str!("../../shims/path/fish.fish");
const ENVIRONMENT: &str = include_str!("../../shims/path/environment.conf");

/// The shims.
pub(super) struct Path {
    /// The names of all tools that a shim belongs over.
    tools: Vec<String>,
}

impl Path {
    pub(super) fn new(rulebook: &Rulebook) -> Self {
        let shimmed = rulebook.programs().into_iter().filter(|entry| entry.program.shim);
        let mut tools: Vec<String> =
            shimmed.flat_map(|entry| [entry.name].into_iter().chain(entry.program.also)).collect();
        // What is a name on a command line is not always one of a file.
        tools.retain(|name| {
            name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'))
        });
        tools.sort();
        tools.dedup();
        Self { tools }
    }

    /// Returns the tools that are on this machine.
    fn found(&self, here: &Here) -> Vec<String> {
        self.tools.iter().filter(|tool| here.find(tool).is_some()).cloned().collect()
    }
}

fn shims(here: &Here) -> PathBuf {
    here.data.join(SHIMS)
}

/// Returns the lines of a template that put the shims first.
fn lines(template: &str, here: &Here) -> String {
    let directory = shims(here).display().to_string();
    // systemd reads no quotes of a shell's kind there, and paths as they are.
    let directory =
        if template == ENVIRONMENT { directory } else { shell_words::quote(&directory).into_owned() };
    template.replace("@shims@", &directory)
}

/// Returns the files that the shells of this machine read, with what is added to them.
fn profiles(here: &Here) -> Vec<Change> {
    let block = |file: PathBuf| Change::Block { file, lines: lines(POSIX, here) };
    let own =
        |file: PathBuf, template: &str| Change::File { file, content: lines(template, here), program: false };
    let mut changes = Vec::new();
    let etc = PathBuf::from("/etc");
    let fish = if here.scope == Scope::System {
        changes.push(own(etc.join("profile.d/zz-guard.sh"), POSIX));
        changes.extend(there(&etc, &["zsh/zshenv", "zsh/zprofile"]).map(block));
        if here.find("systemctl").is_some() {
            changes.push(own(etc.join("environment.d/zz-guard.conf"), ENVIRONMENT));
        }
        etc.join("fish")
    } else {
        changes.extend(bash(here).into_iter().map(block));
        if here.find("zsh").is_some() {
            changes.extend(zsh(here).into_iter().map(block));
        }
        if here.find("systemctl").is_some() {
            changes.push(own(here.config.join("environment.d/guard.conf"), ENVIRONMENT));
        }
        here.config.join("fish")
    };
    if here.find("fish").is_some() {
        changes.push(own(fish.join("conf.d/guard.fish"), FISH));
        // It is read later, and may put other directories first.
        let main = there(&fish, &["config.fish"]);
        changes.extend(main.map(|file| Change::Block { file, lines: lines(FISH, here) }));
    }
    changes
}

/// Returns those of some files in a directory that are there.
fn there(directory: &std::path::Path, names: &[&str]) -> impl Iterator<Item = PathBuf> {
    let files: Vec<PathBuf> = names.iter().map(|name| directory.join(name)).collect();
    files.into_iter().filter(|file| file.exists())
}

/// Returns the files of bash, and of `sh`: a login shell of bash reads the first of its own that is there, and
/// `.profile` if there is none; one of `sh` reads nothing but `.profile`.
fn bash(here: &Here) -> Vec<PathBuf> {
    let login = there(&here.home, &[".bash_profile", ".bash_login"]).next();
    let profile = here.home.join(".profile");
    std::iter::once(profile).chain(login).chain(there(&here.home, &[".bashrc"])).collect()
}

/// Returns the files of zsh: one that every zsh reads, and those that may put other directories first
/// after it. What sets `ZDOTDIR` may be the one in the home.
fn zsh(here: &Here) -> Vec<PathBuf> {
    let mut first: Vec<PathBuf> = [&here.home, &here.zsh].map(|at| at.join(".zshenv")).into();
    first.dedup();
    first.retain(|file| file.exists());
    if first.is_empty() {
        first.push(here.zsh.join(".zshenv"));
    }
    first.into_iter().chain([here.zsh.join(".zprofile")]).chain(there(&here.zsh, &[".zshrc"])).collect()
}

impl Door for Path {
    fn name(&self) -> String {
        "path".to_owned()
    }

    fn title(&self) -> String {
        "shims over risky tools, first on PATH".to_owned()
    }

    fn plan(&self, here: &Here) -> Result<Plan, String> {
        if here.scope == Scope::Project {
            return Err("PATH is a user's or the system's, not a project's".to_owned());
        }
        let names = self.found(here);
        if names.is_empty() {
            return Err("no tool that a shim belongs over is on PATH".to_owned());
        }
        let mut changes = vec![Change::Links { directory: shims(here), names }];
        changes.extend(profiles(here));
        let notes = vec![
            "shells that are open keep their PATH: start new ones".to_owned(),
            format!(
                "cron reads no profile: begin the crontab with PATH={}:/usr/bin:/bin",
                shims(here).display()
            ),
        ];
        Ok(Plan { changes, notes })
    }

    fn tried(&self, here: &Here) -> Vec<Health> {
        let directory = shims(here);
        let mut health = Vec::new();
        let (with, without): (Vec<_>, Vec<_>) =
            self.found(here).into_iter().partition(|tool| directory.join(tool).exists());
        let stale: Vec<_> =
            with.iter().filter(|tool| !is_current(&directory.join(tool), &here.program)).collect();
        health.push(Health::good(format!("{} shims in {}", with.len(), here.shown(&directory))));
        if !stale.is_empty() {
            let said =
                format!("{} of them are of another guard than this one: guard install path", stale.len());
            health.push(Health::note(said));
        }
        if !without.is_empty() {
            health.push(Health::bad(format!("without a shim: {}: guard install path", without.join(" "))));
        }
        health.extend(self.bites(here, &with));
        if here.scope != Scope::Project && !with.is_empty() {
            health.extend(order::tried(here, &shims(here), &with));
        }
        health
    }

    fn belongs(&self, here: &Here) -> bool {
        here.scope != Scope::Project
    }
}

impl Path {
    /// Sends calls through shims whose tools do no harm even where nobody stands before them.
    fn bites(&self, here: &Here, with: &[String]) -> Vec<Health> {
        let trials: [(&str, &[&str], &[&str]); 2] = [
            ("rm", &["--version"], &["-rf", probe::NOWHERE]),
            ("git", &["--version"], &["-C", probe::NOWHERE, "push", "--force", "origin", "main"]),
        ];
        let trials = trials.iter().filter(|(tool, ..)| with.iter().any(|name| name == tool));
        trials
            .map(|(tool, harmless, stopped)| {
                let shim = shims(here).join(tool);
                let call = |words: &[&str]| probe::run(Command::new(&shim).args(words));
                probe::health(&format!("the shim {tool}"), call(harmless), call(stopped))
            })
            .collect()
    }
}
