//! The files of an enrolment: what is kept of the secrets, and, beside the ledger, how often a wrong one was
//! typed and which codes are used up.
//!
//! | file | where | whose word it is |
//! |---|---|---|
//! | `enrolled.json` | `/etc/guard` | root's, for everybody on the machine; where it is, no other counts |
//! | `enrolled.json` | `~/.config/guard` of the account, whatever the environment says | the user's |
//! | `enrolled.json` | `$XDG_CONFIG_HOME/guard`, where the account's home has none | the user's |
//! | `tries.json` | beside the ledger | |
//! | `credentials.json` | beside that | the user's; see [`vault`](super::vault) |
//!
//! The account's home comes from the system's user database, not from `HOME`: an agent chooses the
//! environment of what it runs. `tries.json` remembers that somebody was enrolled, so removing
//! `enrolled.json` does not undo the enrolment but stops every answer that needs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::geteuid;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::codes::Codes;
use super::passphrase::Verifier;
use crate::account;
use crate::{env_vars, record};

/// The system's directory.
const SYSTEM: &str = "/etc/guard";

/// The names of the formats.
pub(super) const FORMAT: u32 = 1;

/// What others may not do with a file: change it, or anything at all.
const OWN: u32 = 0o022;
pub(super) const PRIVATE: u32 = 0o077;

/// A larger file was not written by guard.
const LARGEST: u64 = 64 * 1024;

/// How many wrong secrets are free of a pause.
const FREE: u32 = 3;

/// The pause after that; it doubles with each, up to the longest.
const PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Somebody who is enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Verifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Codes>,
}

/// The file of those who are enrolled.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    format: u32,
    people: Vec<Person>,
}

/// The file that remembers attempts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tries {
    format: u32,
    /// Whether anybody is enrolled.
    enrolled: bool,
    /// How many wrong secrets were typed since the last right one.
    failed: u32,
    /// When the last of them was, in seconds since 1970.
    last: u64,
    /// The step of the last code of each person, and what it was used for.
    used: BTreeMap<String, (u64, String)>,
}

/// Where an enrolment is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub enrolled: PathBuf,
    pub tries: PathBuf,
    /// Whether it is the machine's, which root alone changes.
    pub system: bool,
}

impl Place {
    /// Returns the machine's.
    pub(super) fn system(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let enrolled = Path::new(SYSTEM).join("enrolled.json");
        Ok(Self { enrolled, tries: beside_ledger(variable)?, system: true })
    }

    /// Returns the place that counts for this user: the first that has an enrolment, else where one
    /// would be made.
    pub(super) fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let system = Self::system(&variable)?;
        if exists(&system.enrolled) {
            return Ok(system);
        }
        if let Some(home) = account::home()
            && exists(&home.join(".config/guard/enrolled.json"))
        {
            let enrolled = home.join(".config/guard/enrolled.json");
            return Ok(Self { enrolled, tries: home.join(".local/state/guard/tries.json"), system: false });
        }
        let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = absolute(env_vars::XDG_CONFIG_HOME)
            .or_else(|| Some(absolute(env_vars::HOME)?.join(".config")))
            .ok_or("neither XDG_CONFIG_HOME nor HOME names a directory for an enrolment")?;
        Ok(Self { enrolled: config.join("guard/enrolled.json"), tries: system.tries, system: false })
    }

    /// Returns those who are enrolled.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the file, or that it is gone.
    pub(super) fn people(&self) -> Result<Vec<Person>, String> {
        let wrong = |why: &str| format!("{} {why}", self.enrolled.display());
        let owner = if self.system { 0 } else { geteuid().as_raw() };
        let Some(file) = read::<People>(&self.enrolled, owner, OWN).map_err(|why| wrong(&why))? else {
            if !self.system && self.remembered()?.enrolled {
                return Err(wrong("is gone, so nobody can show that it is they who answer"));
            }
            return Ok(Vec::new());
        };
        if file.people.is_empty() {
            return Err(wrong("names nobody"));
        }
        Ok(file.people)
    }

    /// Writes those who are enrolled.
    pub(super) fn enroll(&self, people: Vec<Person>) -> Result<(), String> {
        let mode = if self.system { 0o644 } else { 0o600 };
        write(&self.enrolled, &People { format: FORMAT, people }, mode)?;
        self.remember(|tries| {
            tries.enrolled |= !self.system;
            Ok(())
        })
    }

    /// Returns the file of the credentials that guard keeps.
    pub(super) fn credentials(&self) -> PathBuf {
        self.tries.with_file_name("credentials.json")
    }

    fn remembered(&self) -> Result<Tries, String> {
        let read = read(&self.tries, geteuid().as_raw(), OWN);
        Ok(read.map_err(|why| format!("{} {why}", self.tries.display()))?.unwrap_or_default())
    }

    /// Keeps others from changing what is beside the ledger for as long as this lives.
    pub(super) fn lock(&self) -> Result<Flock<File>, String> {
        let directory = self.tries.parent().unwrap_or(&self.tries);
        let failed = |error: io::Error| format!("{} cannot be used: {error}", directory.display());
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let opened = File::open(directory).map_err(failed)?;
        Flock::lock(opened, FlockArg::LockExclusive).map_err(|(_, errno)| failed(errno.into()))
    }

    /// Changes what is remembered, while nobody else does.
    fn remember<T>(&self, change: impl FnOnce(&mut Tries) -> Result<T, String>) -> Result<T, String> {
        let _lock = self.lock()?;
        let mut tries = self.remembered()?;
        let changed = change(&mut tries)?;
        write(&self.tries, &Tries { format: FORMAT, ..tries }, 0o600)?;
        Ok(changed)
    }

    /// Checks that a secret may be tried now.
    pub(super) fn may_try(&self) -> Result<(), String> {
        let tries = self.remembered()?;
        let pause = tries.pause(now());
        if pause.is_zero() { Ok(()) } else { Err(too_many(pause)) }
    }

    /// Counts a try, before it is known whether the secret is right: whoever ends guard meanwhile has
    /// used it up as well.
    pub(super) fn try_one(&self) -> Result<(), String> {
        self.remember(|tries| {
            let pause = tries.pause(now());
            if !pause.is_zero() {
                return Err(too_many(pause));
            }
            (tries.failed, tries.last) = (tries.failed.saturating_add(1), now());
            Ok(())
        })
    }

    /// Notes that the secret was right.
    pub(super) fn was_right(&self) -> Result<(), String> {
        self.remember(|tries| {
            tries.failed = 0;
            Ok(())
        })
    }

    /// Uses up a person's code for one purpose. It counts again for the same purpose, never for another.
    pub(super) fn use_up(&self, name: &str, step: u64, what: &str) -> Result<(), String> {
        let is_new = !exists(&self.tries);
        self.remember(|tries| {
            let used = tries.used.get(name);
            // Without this file it is unknown which codes were used; future ones cannot have been.
            let is_used = is_new || used.is_some_and(|(last, _)| step <= *last);
            if is_used && !used.is_some_and(|(last, why)| (*last, why.as_str()) == (step, what)) {
                return Err("this code was used already; wait for the next one".to_owned());
            }
            tries.used.insert(name.to_owned(), (step, what.to_owned()));
            Ok(())
        })
    }
}

impl Tries {
    fn pause(&self, now: u64) -> Duration {
        let Some(beyond) = self.failed.checked_sub(FREE) else { return Duration::ZERO };
        let pause = PAUSE.saturating_mul(1 << beyond.min(16)).min(LONGEST_PAUSE);
        // Setting the clock back gains nothing: the pause begins again.
        pause.saturating_sub(Duration::from_secs(now.saturating_sub(self.last)))
    }
}

fn too_many(pause: Duration) -> String {
    format!("too many wrong secrets were typed; the next can be tried in {} s", pause.as_secs().max(1))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn beside_ledger(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, String> {
    let ledger = record::default_path(variable).ok_or("neither XDG_STATE_HOME nor HOME names a directory")?;
    Ok(ledger.with_file_name("tries.json"))
}

/// Returns whether something is there. What cannot be looked at may be.
fn exists(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
}

/// Reads a file, unless others may do with it what they must not.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    owner: u32,
    forbidden: u32,
) -> Result<Option<T>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !exists(path) => return Ok(None),
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    let found = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !found.is_file() || found.len() > LARGEST {
        return Err("was not written by guard".to_owned());
    }
    if (found.uid() != owner && found.uid() != 0) || found.mode() & OWN != 0 {
        return Err("can be written by others; it does not count".to_owned());
    }
    if found.mode() & forbidden != 0 {
        return Err("can be read by others; make it private with chmod 600, and take it for known".to_owned());
    }
    // It may hold the seed of codes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default() + 1));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("is damaged: {error}"))
}

/// Writes a file: whole, or not at all.
pub(super) fn write(path: &Path, what: &impl Serialize, mode: u32) -> Result<(), String> {
    let failed = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let directory = path.parent().unwrap_or(path);
    let directory_mode = if mode & 0o044 == 0 { 0o700 } else { 0o755 };
    DirBuilder::new().recursive(true).mode(directory_mode).create(directory).map_err(failed)?;
    let bytes = Zeroizing::new(serde_json::to_vec_pretty(what).map_err(|error| failed(error.into()))?);
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(directory)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(failed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::test_process::Scratch;
    use std::os::unix::fs::PermissionsExt;

    fn place(scratch: &Scratch) -> Place {
        Place {
            enrolled: scratch.path("config/enrolled.json"),
            tries: scratch.path("state/tries.json"),
            system: false,
        }
    }

    fn person(name: &str) -> Person {
        Person { name: name.to_owned(), passphrase: None, codes: Some(Codes::new(&[1; 20])) }
    }

    #[test]
    fn three_tries_are_free_and_the_pause_grows() {
        let check = |failed, since: u64, expect| {
            let tries = Tries { failed, last: 1000, ..Tries::default() };
            assert_eq!(tries.pause(1000 + since), Duration::from_secs(expect), "{failed} {since}");
        };
        check(0, 0, 0);
        check(2, 0, 0);
        check(3, 0, 30);
        check(3, 29, 1);
        check(3, 30, 0);
        check(4, 0, 60);
        check(6, 10, 230);
        check(60, 0, 3600);
        check(u32::MAX, 3600, 0);
        let back = Tries { failed: 3, last: 1000, ..Tries::default() };
        assert_eq!(back.pause(0), Duration::from_secs(30), "a clock that was set back");
    }

    #[test]
    fn tries_are_counted_across_processes() {
        let scratch = Scratch::new();
        for _ in 0..3 {
            place(&scratch).try_one().unwrap();
        }
        assert!(place(&scratch).try_one().unwrap_err().contains("too many"));
        assert!(place(&scratch).may_try().is_err());
        place(&scratch).was_right().unwrap();
        place(&scratch).try_one().unwrap();
    }

    #[test]
    fn a_code_is_used_once_ever() {
        let scratch = Scratch::new();
        let place = place(&scratch);
        assert!(place.use_up("ada", 7, "a").unwrap_err().contains("used already"), "nothing is remembered");
        place.enroll(vec![person("ada")]).unwrap();
        place.use_up("ada", 7, "a").unwrap();
        place.use_up("ada", 7, "a").unwrap();
        for (step, what) in [(7, "b"), (6, "a"), (6, "c")] {
            assert!(place.use_up("ada", step, what).is_err(), "{step} {what}");
        }
        place.use_up("eve", 7, "b").unwrap();
        place.use_up("ada", 8, "b").unwrap();
    }

    #[test]
    fn an_enrolment_that_is_gone_or_open_to_others_stops_answers() {
        let scratch = Scratch::new();
        let place = place(&scratch);
        assert_eq!(place.people(), Ok(Vec::new()));
        place.enroll(vec![person("ada")]).unwrap();
        assert_eq!(place.people().unwrap().len(), 1);
        assert_eq!(place.enrolled.metadata().unwrap().mode() & 0o777, 0o600);

        fs::set_permissions(&place.enrolled, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(place.people().unwrap_err().contains("written by others"));
        fs::remove_file(&place.enrolled).unwrap();
        assert!(place.people().unwrap_err().contains("is gone"));
        for (text, why) in [
            ("{}", "is damaged"),
            ("", "is damaged"),
            (r#"{"format":1,"people":[]}"#, "names nobody"),
            (r#"{"format":1,"people":[{"name":"eve","key":1}]}"#, "is damaged"),
        ] {
            scratch.file("config/enrolled.json", text, 0o600);
            let told = place.people().unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
        fs::remove_file(&place.enrolled).unwrap();
        std::os::unix::fs::symlink("/nowhere", &place.enrolled).unwrap();
        assert!(place.people().unwrap_err().contains("cannot be read"));
    }
}
