//! Hooks in a git repository. A hook that is there already is kept, and called by guard's.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Change, Door, Health, Here, Plan, Scope, files};
use crate::place::doors::MARK;

const HOOK: &str = include_str!("../../shims/git-hooks/hook.sh");

/// What the name of a hook ends with that makes room for guard's.
const KEPT: &str = ".kept-by-guard";

/// A hook in the repository around the working directory.
pub(super) struct Git {
    /// The hook's name.
    hook: &'static str,
    /// The door's name on the command line.
    name: &'static str,
    project: Option<PathBuf>,
}

impl Git {
    /// Returns the hook that sees what is really pushed.
    pub(super) fn pushes(here: &Here) -> Self {
        Self { hook: "pre-push", name: "git", project: here.project.clone() }
    }

    /// Returns the hook that sees branches and stashes go.
    pub(super) fn references(here: &Here) -> Self {
        Self { hook: "reference-transaction", name: "git-references", project: here.project.clone() }
    }

    /// Returns the hook that sees what a commit brings.
    pub(super) fn commits(here: &Here) -> Self {
        Self { hook: "pre-commit", name: "git-commits", project: here.project.clone() }
    }

    /// Returns the file of the hook that git would run, wherever `core.hooksPath` puts it.
    fn file(&self, here: &Here) -> Option<PathBuf> {
        let project = self.project.as_ref()?;
        let output = Command::new(here.find("git")?)
            .args(["rev-parse", "--git-path", "hooks"])
            .current_dir(project)
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        let directory = said.strip_suffix('\n').filter(|directory| !directory.is_empty())?;
        output.status.success().then(|| project.join(directory).join(self.hook))
    }

    fn content(&self, here: &Here) -> String {
        let program = here.program.display().to_string();
        HOOK.replace("@guard@", &shell_words::quote(&program))
            .replace("@name@", self.hook)
            .replace("@kept@", KEPT)
    }

    /// Returns whether a file is a hook of guard's, of whatever version.
    fn is_ours(file: &Path) -> bool {
        files::read(file).ok().flatten().is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains(MARK))
    }
}

impl Door for Git {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn receipt(&self) -> String {
        match &self.project {
            Some(project) => format!("{}@{}", self.name, project.display()),
            None => self.name.to_owned(),
        }
    }

    fn title(&self) -> String {
        format!("the {} hook of this repository", self.hook)
    }

    fn plan(&self, here: &Here) -> Result<Plan, String> {
        if here.scope == Scope::System {
            return Err("git hooks are a project's, not the system's".to_owned());
        }
        let file = self.file(here).ok_or(
            "the working directory is not in a git repository, or git was not found; run it inside one",
        )?;
        let mut plan = Plan::default();
        if file.exists() && !Self::is_ours(&file) {
            let mut kept = file.clone().into_os_string();
            kept.push(KEPT);
            plan.changes.push(Change::Move { from: file.clone(), to: kept.into() });
            plan.notes.push("the hook that is there is kept, and called after guard's".to_owned());
        }
        let inside = self.project.as_ref().is_some_and(|project| file.starts_with(project));
        if inside && !file.components().any(|part| part.as_os_str() == ".git") {
            plan.notes.push(
                "core.hooksPath points into the project: what makes its hooks may overwrite this one"
                    .to_owned(),
            );
        }
        if self.hook == "pre-push" {
            plan.notes.push("guard install git-commits scans what a commit brings, as well".to_owned());
        }
        plan.changes.push(Change::File { file, content: self.content(here), program: true });
        Ok(plan)
    }

    fn tried(&self, here: &Here) -> Vec<Health> {
        let Some(file) = self.file(here) else {
            return vec![Health::bad("git does not say where its hooks are")];
        };
        let shown = here.shown(&file);
        if !Self::is_ours(&file) {
            return vec![Health::bad(format!(
                "{shown} is not guard's any more: guard install {}",
                self.name
            ))];
        }
        if file.metadata().is_ok_and(|found| found.permissions().mode() & 0o111 == 0) {
            return vec![Health::bad(format!("{shown} is not executable, so git passes over it"))];
        }
        let current =
            files::read(&file).ok().flatten().is_some_and(|bytes| bytes == self.content(here).into_bytes());
        let mut health = vec![Health::good(format!("git runs {shown}"))];
        if !current {
            health.push(Health::note(format!(
                "{shown} calls another guard than this one: guard install {}",
                self.name
            )));
        }
        if self.hook == "pre-push" {
            health.push(self.tried_with(&here.program));
        }
        health
    }

    fn belongs(&self, here: &Here) -> bool {
        self.hook == "pre-push" && self.file(here).is_some()
    }
}

impl Git {
    /// Tells guard's half of the hook about pushes that are none.
    fn tried_with(&self, program: &Path) -> Health {
        const ZERO: &str = "0000000000000000000000000000000000000000";
        const ONE: &str = "1111111111111111111111111111111111111111";
        let call = |line: String| {
            let mut command = Command::new(program);
            command.args(["hook", "git", self.hook, "origin", "guard-status"]);
            super::probe::run_with(&mut command, line.as_bytes())
        };
        let created = call(format!("refs/heads/x {ONE} refs/heads/x {ZERO}\n"));
        let deleted = call(format!("(delete) {ZERO} refs/heads/x {ONE}\n"));
        super::probe::health("a push", created, deleted)
    }
}
