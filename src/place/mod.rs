//! Where a command would act: its working directory, the project around it, the person's home.

mod git_ignore;
pub mod git_index;
pub mod kinds;
mod names;
pub mod path;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::proposal::Environment;
use crate::world::{Kind, World};

/// How far up a project's root is looked for.
const LEVELS: usize = 32;

/// Where a command would act.
pub struct Place<'w> {
    /// The working directory at the start.
    pub cwd: PathBuf,
    /// The home directory, where it is known.
    pub home: Option<PathBuf>,
    /// The root of the project: the next directory upwards that is a repository.
    pub project: Option<PathBuf>,
    /// Variables that the command would surely see.
    pub environment: Environment,
    /// The machine.
    pub world: &'w dyn World,
    /// Paths without symbolic links, as far as they were asked for: every rule asks again.
    canonical: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl<'w> Place<'w> {
    /// Looks around from `cwd`.
    pub fn new(cwd: PathBuf, environment: Environment, world: &'w dyn World) -> Self {
        let home = environment.text("HOME").filter(|home| home.starts_with('/')).map(PathBuf::from);
        let project = project_root(&cwd, home.as_deref(), world);
        Self { cwd, home, project, environment, world, canonical: RefCell::default() }
    }

    /// Returns `path` without symbolic links, where all of it exists.
    pub fn canonical(&self, path: &Path) -> Option<PathBuf> {
        if let Some(known) = self.canonical.borrow().get(path) {
            return known.clone();
        }
        let found = self.world.canonical(path);
        self.canonical.borrow_mut().insert(path.to_owned(), found.clone());
        found
    }

    /// Returns the directory whose content counts as the project: the repository, or else the
    /// working directory itself, unless that is a home or a system directory.
    pub fn project_or_cwd(&self) -> Option<&Path> {
        self.project.as_deref().or_else(|| {
            let usable =
                Some(self.cwd.as_path()) != self.home.as_deref() && self.cwd.components().count() > 2;
            usable.then_some(self.cwd.as_path())
        })
    }
}

/// Returns the next directory upwards that holds a repository, never at or above the home directory.
pub fn project_root(cwd: &Path, home: Option<&Path>, world: &dyn World) -> Option<PathBuf> {
    let below_home = |directory: &&Path| home.is_none_or(|home| !home.starts_with(directory));
    cwd.ancestors()
        .take(LEVELS)
        .take_while(below_home)
        .find(|directory| {
            [".git", ".hg", ".svn", ".jj"]
                .iter()
                .any(|name| matches!(world.kind(&directory.join(name)), Some(Kind::Directory | Kind::File)))
        })
        .map(Path::to_owned)
}
