//! Files that a command would read, bounded, with the digests that the run checks again.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::action::Site;
use super::outputs;
use crate::place::Place;
use crate::place::path::{Rest, target};
use crate::unknown::{UNKNOWN, is_known};
use crate::world::{Kind, Unreadable};

/// The largest file that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// After how many bytes no further file is read for one command.
const ALL: usize = 16 * 1024 * 1024;

/// How many files are read for one command.
const MOST: usize = 64;

/// The largest file of which edits are followed, in bytes.
const LARGEST_EDITED: usize = 256 * 1024;

/// How many edits of one file are followed between two readings of it.
const EDITS: usize = 16;

/// Returns whether a file is standard input.
pub(crate) fn is_stdin(path: &str) -> bool {
    matches!(path, "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")
}

/// A file that a judgement rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// Its path.
    pub path: PathBuf,
    /// The SHA-256 of its content, or `None` where there was no file.
    pub digest: Option<[u8; 32]>,
}

/// What reading a file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// Nothing is there: the command will fail, unless something puts it there first.
    Missing,
    /// It is a directory, which only some programs can run.
    Directory,
    /// It may hold anything; the reason is for a person.
    Unknown(String),
}

/// What the command itself put into a file.
#[derive(Clone, Debug)]
enum Written {
    Text(String),
    /// What stood in another file before the command began; it is read only when the copy is.
    CopyOf(PathBuf),
    Edited(Edited),
}

/// A file that is edited where it stands.
#[derive(Clone, Debug)]
struct Edited {
    before: Box<Written>,
    /// What `sed` with each of these lists of words makes of it, one after the other.
    edits: Vec<Vec<String>>,
    /// Whether it stood there before the command: then whoever wrote it is not this command.
    stood: bool,
}

impl Written {
    /// Returns whether it stands where it stood before the command.
    fn stood(&self) -> bool {
        matches!(self, Self::Edited(edited) if edited.stood)
    }

    /// Returns what a copy of it is, which nobody but this command wrote.
    fn copied(self) -> Self {
        match self {
            Self::Edited(edited) => Self::Edited(Edited { stood: false, ..edited }),
            Self::Text(_) | Self::CopyOf(_) => self,
        }
    }
}

/// The files of one judgement.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Files that the command itself writes before it reads them, by their paths' bytes, which are quicker to compare.
    written: HashMap<OsString, Written>,
    /// Their paths, in the order in which they were written first.
    paths: Vec<PathBuf>,
    /// Files that the command changes in a way that is not followed.
    changed: HashSet<OsString>,
    pub reads: Vec<FileRead>,
    /// How many bytes have been read, also of files that are too large.
    bytes: usize,
}

impl Files {
    /// Reads a file by the path that a command gives it at `site`.
    pub(super) fn read(&mut self, text: &str, site: &Site, place: &Place<'_>) -> Content {
        if let Some(written) = self.written.get(OsStr::new(text)).cloned() {
            return self.read_written(written, Path::new(text), place);
        }
        let there = || Content::Unknown("is on another machine".to_owned());
        if site.elsewhere {
            // `docker compose exec web bin/reset`: what has that name here is the best that is known of it.
            let is_here = site.is_copy() && is_known(text) && !text.starts_with(['/', '~']);
            let content = is_here.then(|| self.read(text, &Site::here(&place.cwd), place));
            return content.filter(|content| matches!(content, Content::Text(_))).unwrap_or_else(there);
        }
        let found = target(text, site, place);
        let (Some(path), Rest::Known) = (found.base, found.rest) else {
            return Content::Unknown("has a name that is not known".to_owned());
        };
        match self.written.get(path.as_os_str()).cloned() {
            Some(written) => self.read_written(written, &path, place),
            None => self.read_disk(&path, place),
        }
    }

    /// Reads what the command itself put there.
    fn read_written(&mut self, written: Written, path: &Path, place: &Place<'_>) -> Content {
        match written {
            Written::Text(text) => Content::Text(text),
            Written::CopyOf(source) => match self.read_disk(&source, place) {
                // Nothing is copied then, and what was there stays.
                Content::Missing | Content::Directory => self.read_disk(path, place),
                content => content,
            },
            Written::Edited(Edited { before, edits, stood }) => match self.read_written(*before, path, place)
            {
                Content::Text(text) if text.len() <= LARGEST_EDITED => {
                    // What is not followed leaves the text as it is: most edits change nothing that matters here.
                    let edit = |text: String, words: &Vec<String>| {
                        outputs::read_words(words).map(|sed| sed.edit(&text)).unwrap_or(text)
                    };
                    let text = edits.iter().fold(text, edit);
                    // It is edited once, however often it is read.
                    let before = Box::new(Written::Text(text.clone()));
                    let done = Written::Edited(Edited { before, edits: Vec::new(), stood });
                    self.written.insert(path.as_os_str().to_owned(), done);
                    Content::Text(text)
                }
                content => content,
            },
        }
    }

    /// Reads a file as it is before the command begins.
    fn read_disk(&mut self, path: &Path, place: &Place<'_>) -> Content {
        if path == Path::new("/dev/null") {
            return Content::Text(String::new());
        }
        if self.reads.len() >= MOST {
            return Content::Unknown(format!("is one of more than {MOST} files"));
        }
        if self.bytes > ALL {
            return Content::Unknown(format!("is beyond the first {} MiB", ALL / 1024 / 1024));
        }
        let read = place.world.read(path, LARGEST);
        self.bytes += read.as_ref().map_or(0, |(bytes, _)| bytes.len());
        match read {
            Ok((bytes, true)) => {
                let digest = Some(Sha256::digest(&bytes).into());
                self.reads.push(FileRead { path: path.to_owned(), digest });
                Content::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
            Ok((_, false)) => Content::Unknown("is larger than 1 MiB".to_owned()),
            Err(Unreadable::Missing) => {
                self.reads.push(FileRead { path: path.to_owned(), digest: None });
                Content::Missing
            }
            Err(Unreadable::NotAFile) if place.world.kind(path) == Some(Kind::Directory) => {
                Content::Directory
            }
            Err(why) => Content::Unknown(why.to_string()),
        }
    }

    fn put(&mut self, path: PathBuf, written: Written) {
        if !self.changed.is_empty() {
            self.changed.remove(path.as_os_str());
        }
        if self.written.insert(path.as_os_str().to_owned(), written).is_none_or(|before| before.stood()) {
            self.paths.push(path);
        }
    }

    /// Returns the files that the command itself writes, in the order in which it begins to.
    pub(super) fn all_written(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Returns whether the command itself writes what is at a path that was looked at.
    pub(super) fn writes(&self, path: &Path) -> bool {
        self.written.get(path.as_os_str()).is_some_and(|written| !written.stood())
    }

    /// Returns whether the command itself writes the file.
    pub(super) fn is_written(&self, text: &str, site: &Site, place: &Place<'_>) -> bool {
        self.writes(Path::new(text)) || target(text, site, place).base.is_some_and(|path| self.writes(&path))
    }

    /// Remembers what the command puts into a file, so that what reads it later sees it.
    pub(super) fn write(&mut self, text: &str, content: &str, site: &Site, place: &Place<'_>) {
        let found = target(text, site, place);
        let (Some(path), Rest::Known) = (found.base, found.rest) else { return };
        self.put(path, Written::Text(content.to_owned()));
    }

    /// Remembers what the command adds to the end of a file.
    pub(super) fn append(&mut self, text: &str, content: &str, site: &Site, place: &Place<'_>) {
        let before = match self.read(text, site, place) {
            Content::Text(before) => before,
            // Whatever stands there goes before what is added; elsewhere nothing of it was ever to be known.
            Content::Unknown(_) if !site.elsewhere => format!("{UNKNOWN}\n"),
            Content::Unknown(_) | Content::Missing | Content::Directory => String::new(),
        };
        self.write(text, &(before + content), site, place);
    }

    /// Remembers that the command edits a file as `sed` with these words would its input.
    pub(super) fn edit(&mut self, text: &str, words: Vec<String>, site: &Site, place: &Place<'_>) {
        let found = target(text, site, place);
        let (Some(path), Rest::Known, false) = (found.base, found.rest, site.elsewhere) else { return };
        match self.written.get_mut(path.as_os_str()) {
            Some(Written::Edited(edited)) if edited.edits.len() < EDITS => edited.edits.push(words),
            Some(Written::Edited(_)) => {}
            Some(written) => {
                let before = Box::new(written.clone());
                *written = Written::Edited(Edited { before, edits: vec![words], stood: false });
            }
            None => {
                let before = Box::new(Written::CopyOf(path.clone()));
                let edited = Edited { before, edits: vec![words], stood: true };
                self.written.insert(path.into_os_string(), Written::Edited(edited));
            }
        }
    }

    /// Remembers that the command changes a file in a way that is not followed: what was in it is the best that is
    /// known of it, and no more than that.
    pub(super) fn change(&mut self, text: &str, site: &Site, place: &Place<'_>) {
        let found = target(text, site, place);
        let (Some(path), Rest::Known, false) = (found.base, found.rest, site.elsewhere) else { return };
        self.changed.insert(path.into_os_string());
    }

    /// Returns whether the command changes a file in a way that is not followed.
    pub(super) fn is_changed(&self, text: &str, site: &Site, place: &Place<'_>) -> bool {
        !self.changed.is_empty()
            && target(text, site, place).base.is_some_and(|path| self.changed.contains(path.as_os_str()))
    }

    /// Remembers that the command copies a file or moves it.
    pub(super) fn copy(&mut self, from: &str, to: &str, site: &Site, place: &Place<'_>) {
        if site.elsewhere {
            return;
        }
        let [from, to] = [from, to].map(|text| target(text, site, place));
        let (Some(source), Rest::Known, Some(path), Rest::Known) = (from.base, from.rest, to.base, to.rest)
        else {
            return;
        };
        let is_changed = self.changed.contains(source.as_os_str());
        let written = self.written.get(source.as_os_str()).cloned().unwrap_or(Written::CopyOf(source));
        self.put(path.clone(), written.copied());
        if is_changed {
            self.changed.insert(path.into_os_string());
        }
    }

    /// Gives text a name under which a command can read it (`<( … )`).
    pub(super) fn name(&mut self, content: String) -> String {
        let name = format!("/dev/fd/{}", 63 - self.written.len().min(60));
        let name =
            if self.writes(Path::new(&name)) { format!("{name}.{}", self.written.len()) } else { name };
        self.put(PathBuf::from(&name), Written::Text(content));
        name
    }
}
