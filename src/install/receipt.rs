//! What was changed for a door, so that it can be undone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files;

/// The receipt of one door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The door.
    pub door: String,
    /// The version of guard that set it up.
    pub guard: String,
    /// What was done, in this order.
    pub steps: Vec<Step>,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "did")]
pub enum Step {
    /// A directory was made.
    Made {
        /// The directory.
        path: PathBuf,
    },
    /// A file was written.
    Wrote {
        /// The file.
        path: PathBuf,
        /// What it held before; nothing if there was none.
        before: Option<Bytes>,
        /// The SHA-256 of what it held afterwards.
        after: String,
        /// Whether only a block in it is guard's.
        block: bool,
    },
    /// Guard's part was put into a file of JSON.
    Merged {
        /// The file.
        path: PathBuf,
        /// What it held before; nothing if there was none.
        before: Option<Bytes>,
        /// The SHA-256 of what it held afterwards.
        after: String,
        /// What was put into it.
        ours: serde_json::Value,
    },
    /// Guard's program got further names.
    Linked {
        /// The directory.
        path: PathBuf,
        /// The names.
        names: Vec<String>,
    },
    /// A file was moved.
    Moved {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
}

/// A file's bytes, as text where they are text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bytes {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Raw(Vec<u8>),
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Raw(error.into_bytes()), Self::Text)
    }
}

impl Bytes {
    /// Returns the bytes.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Raw(bytes) => bytes,
        }
    }
}

impl Receipt {
    /// Returns the receipt of a door, if it was set up.
    ///
    /// # Errors
    ///
    /// Returns why a receipt that is there cannot be read.
    pub fn read(directory: &Path, door: &str) -> io::Result<Option<Self>> {
        let path = path(directory, door);
        let Some(bytes) = files::read(&path)? else { return Ok(None) };
        let told = |error| io::Error::other(format!("{}: {error}", path.display()));
        serde_json::from_slice(&bytes).map(Some).map_err(told)
    }

    /// Writes the receipt, or removes it if it has nothing on it.
    ///
    /// # Errors
    ///
    /// Returns why the receipt is as it was.
    pub fn write(&self, directory: &Path) -> io::Result<()> {
        let path = path(directory, &self.door);
        if self.steps.is_empty() {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        files::make_directory(directory)?;
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        files::write(&path, &text, Some(0o600))
    }
}

/// Returns the names of the doors that have receipts.
pub fn all(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let name =
        |entry: fs::DirEntry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.replace('%', "/"));
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

fn path(directory: &Path, door: &str) -> PathBuf {
    directory.join(format!("{}.json", door.replace('/', "%")))
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
