//! A person's trust in a project's policy, bound to the file's exact content.
//!
//! Trust is a file in `~/.local/share/guard/trust` of the account, whatever the environment says, named by
//! the digest of path and content. So a policy that changed by one byte is no longer trusted, and nothing
//! that comes with a repository, or with a `HOME` of an agent's choosing, can bring trust along.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::account;
use crate::aim::settings::{self, Leaf};
use crate::place::Place;
use crate::rulebook::targets::FileFormat;
use crate::world::Kind;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 64 * 1024;

/// Where trust is kept.
#[derive(Clone, Debug)]
pub struct Trust {
    directory: PathBuf,
}

/// A line of a policy that loosens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosening {
    /// The line, from 1.
    pub line: usize,
    /// What it says: `at.moderate: run`.
    pub says: String,
}

impl Trust {
    /// Returns where this account's person keeps trust; `None` where the account has no home.
    pub fn own() -> Option<Self> {
        Some(Self { directory: account::home()?.join(".local/share/guard/trust") })
    }

    /// Returns whether a person trusts a file of this content.
    pub fn holds(&self, path: &Path, text: &str, place: &Place<'_>) -> bool {
        let mark = self.mark(path, text);
        // A name alone is not trust: `touch` can make one.
        let is_of = |(said, _): (Vec<u8>, bool)| said == path.as_os_str().as_encoded_bytes();
        let is_file = place.world.kind(&mark) == Some(Kind::File);
        is_file
            && place.world.read(&mark, LONGEST_PATH).is_ok_and(is_of)
            && !place.world.others_may_write(&mark)
    }

    /// Trusts a file with exactly this content.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn give(&self, path: &Path, text: &str) -> io::Result<()> {
        self.take_back(path)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let mark = self.mark(path, text);
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(mark)?;
        file.write_all(path.as_os_str().as_encoded_bytes())
    }

    /// Revokes trust in a file, whatever its content was. Returns whether there was any.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    pub fn take_back(&self, path: &Path) -> io::Result<bool> {
        let mut was_trusted = false;
        for mark in self.marks_of(path) {
            fs::remove_file(mark)?;
            was_trusted = true;
        }
        Ok(was_trusted)
    }

    /// Returns whether a person trusted this file as it was at some time.
    pub fn was_given(&self, path: &Path) -> bool {
        !self.marks_of(path).is_empty()
    }

    fn marks_of(&self, path: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let is_of = |mark: &PathBuf| fs::read(mark).is_ok_and(|of| of == path.as_os_str().as_encoded_bytes());
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_of).collect()
    }

    fn mark(&self, path: &Path, text: &str) -> PathBuf {
        let mut digest = Sha256::new();
        digest.update(path.as_os_str().as_encoded_bytes());
        digest.update([0]);
        digest.update(text.as_bytes());
        let name: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(name)
    }
}

/// Returns the lines of a policy that loosen, or could: what stands elsewhere in the file (`at: *usual`) may.
pub fn loosening(text: &str) -> Vec<Loosening> {
    let leaves = settings::read(text, FileFormat::Yaml);
    let unread = (!settings::is_whole(text)).then(|| Loosening {
        line: 1,
        says: "it cannot be told line by line what all of it says".to_owned(),
    });
    let loosens = |leaf: &&Leaf| {
        let keys: Vec<&str> = leaf.keys.iter().map(String::as_str).collect();
        let own = match keys.as_slice() {
            ["environments", _, rest @ ..] => rest,
            all => all,
        };
        match own {
            ["at" | "gaps", _] => leaf.value == "run",
            ["rules", _, "do"] => leaf.value == "run",
            ["proof", _] => leaf.value == "phrase",
            ["before", "unkept"] => leaf.value == "run",
            _ => false,
        }
    };
    let borrows = |leaf: &&Leaf| {
        let first = leaf.keys.first().map_or("", String::as_str);
        leaf.value.is_empty()
            && matches!(
                first,
                "at" | "gaps" | "rules" | "proof" | "approvals" | "before" | "environments" | "<<"
            )
    };
    let told = |leaf: &Leaf| {
        let value = if leaf.value.is_empty() { "what stands elsewhere in the file" } else { &leaf.value };
        Loosening { line: leaf.line, says: format!("{}: {value}", leaf.keys.join(".")) }
    };
    let lines = leaves.iter().filter(|leaf| loosens(leaf) || borrows(leaf)).map(told);
    unread.into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_loosen_are_found() {
        let text = "at: {moderate: run, severe: refuse}\nrules:\n  git/*: {do: confirm}\n  git/push-force:\n    do: run\nenvironments:\n  local:\n    when: {hosts: [localhost]}\n    at:\n      severe: run\n    proof: {severe: phrase}\n";
        let found: Vec<String> =
            loosening(text).iter().map(|line| format!("{}: {}", line.line, line.says)).collect();
        let expect = [
            "1: at.moderate: run",
            "5: rules.git/push-force.do: run",
            "10: environments.local.at.severe: run",
            "11: environments.local.proof.severe: phrase",
        ];
        assert_eq!(found, expect);
    }

    #[test]
    fn nothing_that_loosens_is_hidden() {
        let check = |text: &str, expect: &[&str]| {
            let found: Vec<String> = loosening(text).into_iter().map(|line| line.says).collect();
            assert_eq!(found, expect, "{text}");
        };
        let elsewhere = "what stands elsewhere in the file";
        check(
            "rules: {zz/nothing: {do: &r run}}\nat: {catastrophic: *r}\n",
            &["rules.zz/nothing.do: run", &format!("at.catastrophic: {elsewhere}")],
        );
        check(
            "environments:\n  x: {at: &m {severe: run}}\nat: *m\n",
            &["environments.x.at.severe: run", &format!("at: {elsewhere}")],
        );
        check("before: {unkept: run}", &["before.unkept: run"]);
        check("at: {\"sev\\x65re\": 'run'}", &["at.severe: run"]);
        check(
            "at: {severe: run}\n: [",
            &["it cannot be told line by line what all of it says", "at.severe: run"],
        );
        check("at: {severe: refuse}\napprovals: {severe: 2}\n", &[]);
    }
}
