//! Exactly what would run: everything that an answer is bound to.
//!
//! An answer to one command must not let another through, nor the same words where they mean something else.
//! So it covers the command's bytes, the directory, every file it was judged by, every program it would start
//! as far as its words say, the user, and the environment: not a selection of variables but all of them,
//! since nobody can list every variable that points a program elsewhere (`PGHOST`, `KUBECONFIG`,
//! `LD_PRELOAD`). Left out are only those that shells change by themselves.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::decide::Challenge;
use crate::digits::hex;
use crate::place::Place;
use crate::proposal::{Form, Proposal};
use crate::resolve::action::Effect;
use crate::resolve::files::FileRead;
use crate::run;
use crate::world::World;

/// Variables that differ between two runs of the same command and lead no program elsewhere.
const PASSING: [&str; 8] = ["_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "TERM", "WINDOWID"];

/// The most programs of one command that are looked at.
const MOST_PROGRAMS: usize = 32;

/// The largest file, in bytes, that a judgement can rest on.
const LARGEST_READ: usize = 1024 * 1024;

/// Exactly what would run.
#[derive(Debug)]
pub(super) struct Exactly {
    command: Vec<u8>,
    directory: Option<(u64, u64)>,
    environment: Vec<u8>,
    files: Vec<FileRead>,
    programs: Vec<Program>,
}

/// A program's file as it was found.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    path: PathBuf,
    looks: Looks,
    content: [u8; 32],
}

/// What changes with a file's content. The last cannot be set by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Looks {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Exactly {
    /// Returns what a challenge is about.
    pub(super) fn of(challenge: &Challenge, place: &Place<'_>) -> Self {
        let directory = place.cwd.metadata().ok().map(|found| (found.dev(), found.ino()));
        let mut programs: Vec<Program> =
            program_paths(challenge, place).into_iter().filter_map(|path| Program::at(&path).ok()).collect();
        programs.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            command: command(challenge.proposal()),
            directory,
            environment: environment(place),
            files: challenge.files().to_vec(),
            programs,
        }
    }

    /// Returns a digest of all of it for a request. The nonce keeps a weak secret among the values from being
    /// guessed.
    pub(super) fn sealed(&self, nonce: &str) -> String {
        let mut seal = Seal::new("guard request 1");
        seal.add(nonce.as_bytes());
        seal.add(&nix::unistd::getuid().as_raw().to_le_bytes());
        seal.add(&self.command);
        seal.add(format!("{:?}", self.directory).as_bytes());
        seal.add(&self.environment);
        for file in &self.files {
            seal.add(file.path.as_os_str().as_bytes());
            seal.add(file.digest.as_ref().map_or(&[], |digest| digest.as_slice()));
        }
        for Program { path, looks, content } in &self.programs {
            seal.add(path.as_os_str().as_bytes());
            seal.add(&looks.device.to_le_bytes());
            seal.add(&looks.inode.to_le_bytes());
            seal.add(content);
        }
        seal.text()
    }

    /// Returns a file that is no longer what it was.
    pub(super) fn changed(&self, place: &Place<'_>) -> Option<PathBuf> {
        let directory = place.cwd.metadata().ok().map(|found| (found.dev(), found.ino()));
        if directory != self.directory {
            return Some(place.cwd.clone());
        }
        let file = self.files.iter().find(|file| digest(&file.path, place.world) != file.digest);
        let program = || self.programs.iter().find(|program| !program.is_as_it_was());
        file.map(|file| file.path.clone()).or_else(|| Some(program()?.path.clone()))
    }
}

fn digest(path: &Path, world: &dyn World) -> Option<[u8; 32]> {
    world.read(path, LARGEST_READ).ok().map(|(bytes, _)| Sha256::digest(&bytes).into())
}

impl Program {
    fn at(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let looks = Looks::of(&file)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => hash.update(&buffer[..count]),
            }
        }
        Ok(Self { path: path.to_owned(), looks, content: hash.finalize().into() })
    }

    /// Compares looks first: a large program takes longer to read than a person who has answered
    /// should wait.
    fn is_as_it_was(&self) -> bool {
        let looks = File::open(&self.path).and_then(|file| Looks::of(&file));
        looks.is_ok_and(|looks| looks == self.looks)
            || Self::at(&self.path).is_ok_and(|now| {
                (now.looks.device, now.looks.inode, now.content)
                    == (self.looks.device, self.looks.inode, self.content)
            })
    }
}

impl Looks {
    fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

fn command(proposal: &Proposal) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut add = |words: &[OsString]| {
        for word in words {
            bytes.extend_from_slice(word.as_bytes());
            bytes.push(0);
        }
        bytes.push(0);
    };
    add(&[proposal.origin.name().into()]);
    add(proposal.carrier.as_deref().unwrap_or_default());
    match &proposal.form {
        Form::Argv(words) => add(words),
        Form::Shell { text, dialect } => add(&[dialect.program().into(), "-c".into(), text.clone()]),
    }
    bytes
}

fn environment(place: &Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in place.environment.iter() {
        if PASSING.iter().any(|passing| name == OsStr::new(passing)) {
            continue;
        }
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// Returns the files of the programs that the command would start, as far as its words tell.
fn program_paths(challenge: &Challenge, place: &Place<'_>) -> BTreeSet<PathBuf> {
    let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
    match &challenge.proposal().form {
        Form::Argv(words) => names.extend(words.first().map(|word| word.as_bytes().to_vec())),
        Form::Shell { text, dialect } => {
            names.insert(dialect.program().into());
            // A program that is called by its path: the actions know it by its name alone.
            let words = text.as_bytes().split(|byte| b" \t\n\"'|&;()<>`=$".contains(byte));
            names.extend(words.filter(|word| word.contains(&b'/')).map(<[u8]>::to_vec));
        }
    }
    for action in challenge.actions() {
        if let Effect::Run(line) = &action.effect {
            names.insert(line.program.clone().into());
            names
                .extend(line.grammar.iter().flat_map(|grammar| grammar.also.iter().cloned().map(Into::into)));
        }
    }
    let path = place.environment.get("PATH");
    let find = |name: &Vec<u8>| run::find(OsStr::from_bytes(name), path).ok();
    names.iter().filter_map(find).map(|path| place.cwd.join(path)).take(MOST_PROGRAMS).collect()
}

/// A digest over parts, each with its length, so that no two lists of parts look alike.
pub(super) struct Seal(Sha256);

impl Seal {
    pub(super) fn new(purpose: &str) -> Self {
        let mut seal = Self(Sha256::new());
        seal.add(purpose.as_bytes());
        seal
    }

    pub(super) fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    pub(super) fn text(self) -> String {
        hex(&self.0.finalize())
    }
}
