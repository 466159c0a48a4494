//! What was kept for one command, as it is written down.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What this format is called.
pub(super) const FORMAT: u32 = 1;

/// What was kept for one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format.
    pub format: u32,
    /// Its number, by which people name it.
    pub number: u32,
    /// When it was made: RFC 3339, UTC.
    pub time: String,
    /// The same, in seconds since 1970.
    pub made: u64,
    /// When it is thrown away, in seconds since 1970.
    pub expires: u64,
    /// The command, without its secrets.
    pub command: String,
    /// Where it ran.
    pub cwd: RawPath,
    /// The rules that said what to keep.
    pub rules: Vec<String>,
    /// Whether it was kept without a question.
    #[serde(default)]
    pub unasked: bool,
    /// Whether everything was kept; until then it is incomplete.
    pub whole: bool,
    /// Files, links and special files.
    pub files: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Files and directories.
    pub trees: Vec<Tree>,
    /// What was kept of repositories.
    pub repositories: Vec<Repository>,
    /// What lay there and was not kept: what a build makes again, sockets.
    pub left_out: Vec<RawPath>,
    /// What the rules say about recovering.
    pub recover: Vec<String>,
}

/// A file or directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Where it was.
    pub path: RawPath,
    /// Where it is kept; `None` where nothing was there.
    pub kept: Option<RawPath>,
    /// The modes of directories in it that could not be kept as they were.
    pub modes: Vec<(RawPath, u32)>,
}

/// What was kept of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its own directory.
    pub git_dir: RawPath,
    /// Its work tree.
    pub top: Option<RawPath>,
    /// The namespace under which its commits are kept: `refs/guard/7`.
    pub namespace: String,
    /// Where the index was, and where it is kept.
    pub index: Option<(RawPath, RawPath)>,
    /// The references.
    pub references: Vec<Reference>,
}

/// A reference as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Its name: `refs/heads/main`, `HEAD`, `stash@{0}`.
    pub name: String,
    /// What it pointed at.
    pub object: String,
    /// What it is.
    pub role: Role,
}

/// What a reference is, and so how it is put back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A branch, a tag, any name: it is pointed there again.
    Named,
    /// `HEAD`, on this branch; with none it was detached.
    Head(Option<String>),
    /// An entry of the stash, with its message.
    Stash(String),
    /// A remote's branch as this clone knew it. The remote itself is changed by nobody but a person.
    Remote,
    /// A commit or a file that nothing else reached.
    Loose,
    /// The commit that the index was on.
    Base,
    /// The index or the work tree as a commit, for people to look at.
    View,
}

/// A path of any bytes, as text where it is text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawPath(pub PathBuf);

impl RawPath {
    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl From<&Path> for RawPath {
    fn from(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Serialize for RawPath {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.to_str() {
            Some(text) => to.serialize_str(text),
            None => self.0.as_os_str().as_bytes().serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for RawPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Bytes(Vec<u8>),
        }
        Ok(Self(match Form::deserialize(from)? {
            Form::Text(text) => text.into(),
            Form::Bytes(bytes) => OsString::from_vec(bytes).into(),
        }))
    }
}

impl Manifest {
    /// Returns whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty() && self.repositories.is_empty()
    }

    /// Returns what was kept, as a fragment: `214 files, 3.1 MB and 2 references`.
    pub fn contents(&self) -> String {
        let references = self
            .repositories
            .iter()
            .flat_map(|repository| &repository.references)
            .filter(|reference| !matches!(reference.role, Role::View | Role::Base));
        super::contents(self.files, self.bytes, references.count())
    }
}
