//! Where a command would act: its working directory, the project around it, the person's home.

pub mod doors;
pub mod git_config;
mod git_ignore;
pub mod git_index;
pub mod kinds;
mod names;
pub mod path;
mod site;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::gitignore::Gitignore;

pub use self::site::Site;

use self::git_index::Index;
use self::names::VERSION_CONTROL;
use self::path::{Looks, fits, is_normal};
use crate::proposal::{Environment, Form, Origin, Proposal};
use crate::rulebook::format::PathKind;
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
    seen: Seen,
}

/// What was seen of the machine already: every rule asks again, of every line of a script.
#[derive(Default)]
struct Seen {
    /// Paths without symbolic links, by their bytes.
    canonical: RefCell<HashMap<OsString, Option<PathBuf>>>,
    /// Where paths lead of which neither they nor their directories are there, by their bytes; `None` where no link
    /// leads them elsewhere.
    missing: RefCell<HashMap<OsString, Option<PathBuf>>>,
    /// Where paths lead, and of what kinds they are.
    looks: RefCell<Looks>,
    /// Of which kinds directories are by a name of theirs or above them, by their bytes.
    named: RefCell<HashMap<OsString, Vec<(PathKind, bool)>>>,
    /// Whether git runs a hook of guard's in directories, by their bytes.
    guarded: RefCell<HashMap<OsString, bool>>,
    /// What git has recorded in the project.
    index: OnceCell<Option<Index>>,
    /// Files of patterns of what git ignores.
    ignored: RefCell<BTreeMap<PathBuf, Option<Rc<Gitignore>>>>,
}

impl Proposal {
    /// Returns a command that is proposed to `guard exec` at a place.
    pub fn at(place: &Place<'_>, form: Form) -> Self {
        let (cwd, environment) = (place.cwd.clone(), place.environment.clone());
        Self { form, cwd, environment, origin: Origin::Exec, carrier: None }
    }
}

impl<'w> Place<'w> {
    /// Looks around from `cwd`.
    pub fn new(cwd: PathBuf, environment: Environment, world: &'w dyn World) -> Self {
        let home = environment.text("HOME").filter(|home| home.starts_with('/')).map(PathBuf::from);
        let project = project_root(&cwd, home.as_deref(), world);
        Self { cwd, home, project, environment, world, seen: Seen::default() }
    }

    /// Returns `path` without symbolic links, where all of it exists.
    pub fn canonical(&self, path: &Path) -> Option<PathBuf> {
        if let Some(known) = self.seen.canonical.borrow().get(path.as_os_str()) {
            return known.clone();
        }
        if !is_normal(path.as_os_str().as_bytes()) || !fits(path) {
            let found = self.world.canonical(path);
            self.seen.canonical.borrow_mut().insert(path.into(), found.clone());
            return found;
        }
        self.follow(path)
    }

    /// Follows links from the nearest directory above that was looked at already, which costs one question a
    /// directory instead of one for each that is above it.
    fn follow(&self, path: &Path) -> Option<PathBuf> {
        let mut canonical = self.seen.canonical.borrow_mut();
        let above: Vec<&Path> = path.ancestors().collect();
        let known = above.iter().position(|above| canonical.contains_key(above.as_os_str()));
        let (below, known) = above.split_at(known.unwrap_or(above.len()));
        let mut real =
            known.first().map_or(Some(PathBuf::new()), |known| canonical[known.as_os_str()].clone());
        for path in below.iter().rev() {
            let Some(parent) = real else { break };
            real = self.world.kind(path).and_then(|kind| match path.file_name() {
                Some(name) if kind != Kind::Link => Some(parent.join(name)),
                _ => self.world.canonical(path),
            });
            canonical.insert(path.into(), real.clone());
        }
        canonical.insert(path.into(), real.clone());
        real
    }

    /// Returns where the program called `name` is; its name where it is nowhere on `PATH`.
    pub fn program(&self, name: &str) -> String {
        let is_there =
            |path: &PathBuf| matches!(self.world.kind(path), Some(kind) if kind != Kind::Directory);
        let directories = self.environment.get("PATH").filter(|_| !name.contains('/') && !name.is_empty());
        let mut paths = directories.into_iter().flat_map(std::env::split_paths).map(|path| path.join(name));
        paths.find(is_there).map_or_else(|| name.to_owned(), |path| path.to_string_lossy().into_owned())
    }

    /// Returns what git has recorded in the project: `None` where that is not known.
    fn index(&self) -> Option<&Index> {
        let read = || Index::read(self.project.as_deref()?, self.world);
        self.seen.index.get_or_init(read).as_ref()
    }

    /// Returns where git's index of the project is.
    pub fn index_file(&self) -> Option<PathBuf> {
        git_index::path(self.project.as_deref()?, self.world)
    }

    /// Returns what git's index says of these files, by their names relative to the project.
    pub fn seen_by_git(&self, index: &Path, names: &[&str]) -> BTreeMap<String, git_index::Seen> {
        git_index::seen(index, names, self.world)
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
            let is_there =
                |name| matches!(world.kind(&directory.join(name)), Some(Kind::Directory | Kind::File));
            VERSION_CONTROL.into_iter().any(is_there)
        })
        .map(Path::to_owned)
}
