//! Where doors are set up: whose, and in which directories.

use std::path::PathBuf;

use crate::called;
use crate::env_vars;
use crate::place::Place;
use crate::run;

/// For whom a door is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// For this user.
    #[default]
    User,
    /// For whoever works in this project.
    Project,
    /// For everybody on this machine.
    System,
}

/// The directories that doors are set up in.
#[derive(Clone, Debug)]
pub struct Here {
    /// For whom.
    pub scope: Scope,
    /// Guard's own program.
    pub program: PathBuf,
    /// The user's home.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`.
    pub config: PathBuf,
    /// What holds `guard/shims`.
    pub data: PathBuf,
    /// Where receipts are kept.
    pub receipts: PathBuf,
    /// The working directory.
    pub cwd: PathBuf,
    /// The project around it.
    pub project: Option<PathBuf>,
    /// Where programs are looked up.
    pub path: Option<std::ffi::OsString>,
    /// Where zsh keeps its files.
    pub zsh: PathBuf,
}

impl Here {
    /// Returns where doors are set up for `scope`.
    ///
    /// # Errors
    ///
    /// Returns what is missing.
    pub fn new(place: &Place<'_>, scope: Scope) -> Result<Self, String> {
        let home = place.home.clone().ok_or("HOME is not an absolute path")?;
        let variable =
            |name| place.environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let below_home = |name, usual: &str| variable(name).unwrap_or_else(|| home.join(usual));
        let (data, receipts) = match scope {
            Scope::System => ("/usr/local/lib".into(), "/var/lib/guard/receipts".into()),
            Scope::User | Scope::Project => (
                below_home(env_vars::XDG_DATA_HOME, ".local/share"),
                below_home(env_vars::XDG_STATE_HOME, ".local/state").join("guard/receipts"),
            ),
        };
        Ok(Self {
            scope,
            program: called::own().ok_or("the path of guard's own program is not known")?,
            config: below_home(env_vars::XDG_CONFIG_HOME, ".config"),
            zsh: below_home("ZDOTDIR", ""),
            data,
            receipts,
            cwd: place.cwd.clone(),
            project: place.project.clone(),
            path: place.environment.get(env_vars::PATH).map(std::ffi::OsStr::to_owned),
            home,
        })
    }

    /// Returns the program of this name that would be found without guard's shims.
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        run::find(program.as_ref(), self.path.as_deref()).ok()
    }

    /// Returns a path as a person writes it.
    pub fn shown(&self, path: &std::path::Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if !rest.as_os_str().is_empty() => format!("~/{}", rest.display()),
            _ => path.display().to_string(),
        }
    }
}
