//! The processes above this one, as the system tells of them.
//!
//! Ancestry cannot be put on or off like a variable: a process has the parent it has. On Linux all of
//! it is read from `/proc`. Elsewhere nothing but this process is seen.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// More ancestors than any process has; a longer line is not followed.
const MAX_ANCESTORS: usize = 64;

/// A process: this one or one above it.
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The name the system has for it, at most 15 bytes on Linux.
    pub name: String,
    /// Its arguments, beginning with the name it was called by.
    pub argv: Vec<String>,
    /// The names and values of the environment it was started with; none if that is not ours to see.
    pub variables: Option<Vec<(String, String)>>,
}

/// This process and those above it, the nearest first.
pub struct Ancestry {
    /// The processes; the first is this one.
    pub processes: Vec<Process>,
    /// Whether those above are not shown although this system shows them.
    pub hidden: bool,
}

/// Returns this process and those above it.
pub fn of_this_process() -> Ancestry {
    let mut processes = vec![this_process()];
    let mut parent = parent_of("self");
    let hidden = cfg!(target_os = "linux") && parent.is_none();
    while let Some(pid) = parent.filter(|pid| *pid > 0 && processes.len() <= MAX_ANCESTORS) {
        parent = parent_of(&pid.to_string());
        processes.push(process(pid));
    }
    Ancestry { processes, hidden }
}

/// What a process above this one started as, where it runs this very program.
pub struct Kin {
    /// When it was started.
    pub started: SystemTime,
}

/// Returns what else is known of a process that runs this very program: not one of its name, but its
/// file. Only Linux tells.
pub fn kin(pid: u32) -> Option<Kin> {
    let identity = |path: String| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let own = identity("/proc/self/exe".to_owned())?;
    if identity(format!("/proc/{pid}/exe"))? != own {
        return None;
    }
    Some(Kin { started: started(pid)? })
}

/// Returns the working directory of a process. Only Linux tells.
pub fn directory(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Returns when a process was started, to a hundredth of a second.
fn started(pid: u32) -> Option<SystemTime> {
    // A hundredth on every Linux: what the kernel counts by is not what it tells by (`USER_HZ`).
    const TICK: Duration = Duration::from_millis(10);
    let ticks: u32 = stat(&pid.to_string(), 19)?.parse().ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let age = Duration::try_from_secs_f64(uptime).ok()?.saturating_sub(TICK * ticks);
    SystemTime::now().checked_sub(age)
}

/// Returns whether a file exists.
pub fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

fn this_process() -> Process {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    Process {
        pid: std::process::id(),
        name: "guard".to_owned(),
        argv: std::env::args_os().map(text).collect(),
        variables: Some(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()),
    }
}

fn process(pid: u32) -> Process {
    let read = |what: &str| std::fs::read(format!("/proc/{pid}/{what}")).ok();
    // Every text ends with a zero byte; an argument may be empty.
    let list = |mut bytes: Vec<u8>| -> Vec<String> {
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        match bytes.pop() {
            Some(_) => bytes.split(|byte| *byte == 0).map(text).collect(),
            None => Vec::new(),
        }
    };
    let pair = |text: String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    Process {
        pid,
        name: String::from_utf8_lossy(&read("comm").unwrap_or_default()).trim_end().to_owned(),
        argv: read("cmdline").map(list).unwrap_or_default(),
        variables: read("environ").map(|bytes| list(bytes).into_iter().filter_map(pair).collect()),
    }
}

/// Returns the parent's number; 0 is above the first process that can be seen.
fn parent_of(pid: &str) -> Option<u32> {
    stat(pid, 1)?.parse().ok()
}

/// Returns a field of what the system says of a process, counted from the one after its name.
fn stat(pid: &str, field: usize) -> Option<String> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, parentheses too.
    let after_name = stat.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(stat.get(after_name + 1..)?).ok()?;
    fields.split_ascii_whitespace().nth(field).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_line_leads_from_here_to_the_first_process() {
        let Ancestry { processes, hidden } = of_this_process();
        assert!(!hidden);
        assert_eq!(processes[0].pid, std::process::id());
        assert!(processes[0].variables.as_ref().unwrap().iter().any(|(name, _)| name == "PATH"));
        if cfg!(target_os = "linux") {
            let parent = &processes[1];
            assert_eq!(parent.pid, std::os::unix::process::parent_id());
            assert!(!parent.argv.is_empty() && !parent.name.is_empty());
            assert_eq!(processes.last().unwrap().pid, 1);
        }
    }
}
