//! Evidence of backups: what a policy demands before something is destroyed, looked up when it is.
//!
//! An agent chooses the variables and the `PATH` of what it runs. So a command that reports on backups gets
//! neither: it runs with an environment of its own (`HOME` from the user database, the system's `PATH`, UTC,
//! and what the entry sets), without a shell, for a bounded time. It comes from the user's or the system's
//! policy, never from a project's.

mod read;

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

pub use self::read::{Found, time};
use crate::account;
use crate::decide::policy::backup::{Backup, Demanded};
use crate::place::{Place, kinds};
use crate::proposal::Proposal;
use crate::record::Stamp;
use crate::resolve::action::Site;
use crate::rulebook::format::PathKind;
use crate::run::bounded::{Said, say};
use crate::truth::Truth;

/// How long a command may take, and how much it may say.
const TIME: Duration = Duration::from_secs(30);
const MOST: usize = 16 * 1024 * 1024;

/// How far two clocks may differ.
const CLOCKS: Duration = Duration::from_secs(600);

/// A backup's name that is shorter than this could occur in a command by chance.
const SHORTEST: usize = 4;

/// Where the tools that report on backups are found.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What was found for an entry of a policy.
#[derive(Debug)]
pub struct Evidence<'p> {
    /// What is demanded.
    pub demanded: &'p Demanded,
    /// The newest backup; or why there is none.
    pub newest: Result<Found, String>,
}

impl Evidence<'_> {
    /// Returns why this does not satisfy the demand, as a lower-case fragment; `None` where it does.
    pub fn lacks(&self) -> Option<String> {
        let found = match &self.newest {
            Ok(found) => found,
            Err(why) => return Some(why.clone()),
        };
        let now = SystemTime::now();
        if found.time.duration_since(now).is_ok_and(|ahead| ahead > CLOCKS) {
            return Some("the newest is of a time that has not come yet".to_owned());
        }
        let age = now.duration_since(found.time).unwrap_or_default();
        let backup = &self.demanded.backup;
        if age > backup.newer_than {
            return Some(format!(
                "the newest is {} old, and may be {} old",
                span(age),
                span(backup.newer_than)
            ));
        }
        (backup.elsewhere && found.elsewhere == Some(false))
            .then(|| "the newest lies where it would go with what it is a backup of".to_owned())
    }

    /// Returns whether a command names the newest backup, so that it may be what the command takes away.
    pub fn is_named_in(&self, command: &str) -> bool {
        let parts = |c: char| !c.is_alphanumeric() && !"-_.:".contains(c);
        let named = |name: &str| name.len() >= SHORTEST && command.split(parts).any(|word| word == name);
        self.newest.as_ref().is_ok_and(|found| named(&found.name))
    }

    /// Returns the newest backup in words: `e5a01870 of 2026-11-22 09:13 UTC`.
    pub fn description(&self) -> String {
        let Ok(found) = &self.newest else { return "none".to_owned() };
        let time = Stamp::from(found.time).to_string();
        let time = time.get(..16).unwrap_or(&time).replacen('T', " ", 1);
        let name = if found.name.is_empty() { "one" } else { &found.name };
        format!("{name} of {time} UTC")
    }
}

/// Looks an entry up.
pub fn look<'p>(demanded: &'p Demanded, place: &Place<'_>) -> Evidence<'p> {
    let backup = &demanded.backup;
    let newest = match &backup.file {
        Some(file) => file_evidence(Path::new(file), place),
        None => hear(backup).and_then(|said| read::newest(&said, backup.elsewhere)),
    };
    let newest = newest.map(|found| match here(backup, place) {
        true => Found { elsewhere: Some(false), ..found },
        false => found,
    });
    Evidence { demanded, newest }
}

/// What came of looking for the backups that are demanded for a command.
#[derive(Debug, Default)]
pub struct Looked {
    /// Those that are there, in words.
    pub there: Vec<String>,
    /// Why the command is refused, if it is.
    pub lacking: Option<String>,
}

/// Looks for the backups that a policy demands for a command. The newest copy is worth more than the
/// original: a command that may remove that copy does not run.
pub fn demanded(demanded: &[Demanded], proposal: &Proposal, place: &Place<'_>) -> Looked {
    let mut looked = Looked::default();
    let command = if demanded.is_empty() { String::new() } else { proposal.form.text() };
    for demanded in demanded {
        let evidence = look(demanded, place);
        let taken = || format!("this would take away the newest, {}", evidence.description());
        match evidence.lacks().or_else(|| evidence.is_named_in(&command).then(taken)) {
            None => looked.there.push(format!("{}: {}", demanded.title(), evidence.description())),
            Some(why) => {
                let mut because = format!("it demands the backup `{}`, and {why}", demanded.title());
                let make = &demanded.backup.make;
                if !make.is_empty() {
                    because += &format!("; make one with: {}", shell_words::join(make));
                }
                looked.lacking = Some(because);
                break;
            }
        }
    }
    looked
}

/// Returns what is demanded, in words: `orders of production, newer than 24 hours, elsewhere`.
pub fn demand(demanded: &Demanded) -> String {
    let elsewhere = if demanded.backup.elsewhere { ", elsewhere" } else { "" };
    format!("{}, newer than {}{elsewhere}", demanded.title(), span(demanded.backup.newer_than))
}

fn hear(backup: &Backup) -> Result<Vec<u8>, String> {
    let words: Vec<OsString> = backup.command.iter().map(OsString::from).collect();
    let home = account::home().unwrap_or(Path::new("/"));
    let mut set: Vec<(&str, &OsStr)> = vec![
        ("HOME", home.as_os_str()),
        ("PATH", PATH.as_ref()),
        // Some tools tell times without a zone.
        ("TZ", "UTC".as_ref()),
        ("LC_ALL", "C".as_ref()),
    ];
    set.extend(backup.env.iter().map(|(name, value)| (name.as_str(), value.as_ref())));
    say(&Said { words: &words, cwd: Some(home), set: &set, clean: true, input: b"", time: TIME, most: MOST })
}

fn file_evidence(file: &Path, place: &Place<'_>) -> Result<Found, String> {
    // Not the home that a variable names: whoever sets the variable could forge the evidence.
    let path = match (file.strip_prefix("~"), account::home()) {
        (Ok(below), Some(home)) => home.join(below),
        _ => file.to_owned(),
    };
    if !path.is_absolute() {
        return Err(format!("{} is no absolute path", path.display()));
    }
    let found = path.metadata().map_err(|error| format!("{}: {error}", path.display()))?;
    let time = found.modified().map_err(|error| error.to_string())?;
    let empty = found.is_file() && found.len() == 0;
    if empty {
        return Err(format!("{} is empty", path.display()));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Found { time, name, elsewhere: Some(!is_here(&path, place)) })
}

/// Whether a command names a repository on the file system that the command it stands before runs on. The
/// repositories of restic and borg are directories with a file `config`.
fn here(backup: &Backup, place: &Place<'_>) -> bool {
    let values = backup.command.iter().chain(backup.env.values());
    values.flat_map(|word| word.rsplit('=').next()).any(|word| {
        let path = Path::new(word.split("::").next().unwrap_or(word));
        path.is_absolute() && path.join("config").is_file() && is_here(path, place)
    })
}

fn is_here(path: &Path, place: &Place<'_>) -> bool {
    let device = |path: &Path| path.metadata().ok().map(|found| found.dev());
    // Who goes to a temporary directory first says nothing of where the data is.
    let site = Site::here(&place.cwd);
    let is_nowhere = kinds::is(".", PathKind::Temporary, &site, place) == Truth::Certain
        || ["/dev", "/proc", "/sys", "/run"].iter().any(|root| place.cwd.starts_with(root));
    is_nowhere || device(path) == device(&place.cwd)
}

/// Returns a span of time as people say it.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    crate::text::so_many(count, unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::rulebook::format::Severity;

    #[test]
    fn deleting_backups_ranks_above_deleting_data() {
        let takes = |id: &str| {
            let what = id.contains("backup") || id.contains("snapshot");
            what && ["-delete", "-disable", "-cancel", "-off", "remove-backups"]
                .iter()
                .any(|end| id.ends_with(end))
        };
        // It takes only the schedule away; the backups stay.
        let excused = ["aws-storage/backup-plan-delete"];
        let mut count = 0;
        for rule in Rulebook::builtin().all_rules() {
            if takes(&rule.rule.id) && !excused.contains(&rule.id().as_str()) {
                assert_eq!(rule.rule.severity, Severity::Catastrophic, "{}", rule.id());
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn spans_are_told_in_one_unit() {
        let check = |seconds, expect: &str| assert_eq!(span(Duration::from_secs(seconds)), expect);
        check(1, "1 second");
        check(7199, "119 minutes");
        check(86_400, "24 hours");
        check(3 * 86_400, "3 days");
    }
}
