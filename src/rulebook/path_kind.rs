//! The kinds of places that rules know paths by; [`crate::place::kinds`] tells which a path is of.

use serde::{Deserialize, Serialize};

/// What kind of place a path is. A path that is not known may be of every kind, but for those that
/// make it harmless (`temporary`, `artefact`), which must be certain, and for `personal` and
/// `existing`, because `rm "$file"` and `git checkout "$BRANCH"` are everyday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathKind {
    /// Not below the project's directory (nor a temporary directory).
    OutsideProject,
    /// Below the project's directory, or the directory itself.
    InsideProject,
    /// Below a temporary directory, or below a directory this command made with `mktemp`.
    Temporary,
    /// What a build or a tool makes again: `target`, `node_modules`, `__pycache__`….
    Artefact,
    /// The root, a system directory, the home directory, the project itself or a parent of it.
    Vital,
    /// A disk or partition.
    Device,
    /// `/dev/null` and the like: what is written there is gone, nothing is overwritten.
    Sink,
    /// Something that is there now.
    Existing,
    /// Nothing is there now.
    Missing,
    /// A directory that is there now.
    Directory,
    /// Looks like a database's files or data directory.
    Database,
    /// Looks like backups.
    Backup,
    /// Keys, credentials, shell start-up files and other configuration of the person's account.
    Personal,
    /// A version-control directory such as `.git`.
    Repository,
    /// Recorded by version control and unchanged since: it can be checked out again.
    Committed,
    /// Work: inside the project, neither ignored nor a known artefact.
    Work,
    /// A hook of guard's in git, the directory of such hooks, or the configuration that says where it is.
    Door,
}
