//! The ancestors of a process, as the system reports them.
//!
//! Ancestry cannot be set or unset like a variable: a process has the parent it has. On Linux all of it is
//! read from `/proc`. On other systems only this process itself is seen.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// More ancestors than any process has; a longer line is not followed.
const MAX_ANCESTORS: usize = 64;

/// Variables that put other code into a program, or another program in its place. Not all: every interpreter has its own.
const CODE: [&str; 20] = [
    "LD_PRELOAD",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "GCONV_PATH",
    "BASH_ENV",
    "ENV",
    "ZDOTDIR",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "PERL5LIB",
    "RUBYOPT",
    "RUBYLIB",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
];

/// A process: this one or one above it.
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it was started, in the clock ticks of the system since it booted. Numbers are used again,
    /// a number with its start is not.
    pub start: u64,
    /// The name the system has for it, at most 15 bytes on Linux.
    pub name: String,
    /// Its arguments, beginning with the name it was called by.
    pub argv: Vec<String>,
    /// The names and values of the environment it was started with; none if that is not ours to see.
    pub variables: Option<Vec<(String, String)>>,
}

/// A process for as long as the system runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// Its number.
    pub pid: u32,
    /// When it was started.
    pub start: u64,
}

impl Process {
    /// Returns what tells the process from all others.
    pub const fn id(&self) -> ProcessId {
        ProcessId { pid: self.pid, start: self.start }
    }
}

/// A process and those above it, the nearest first.
pub struct Ancestry {
    /// The processes; the first is the one asked about.
    pub processes: Vec<Process>,
    /// Whether those above are not shown although this system shows them.
    pub hidden: bool,
}

impl Ancestry {
    /// Returns whether a process is in the line.
    pub fn holds(&self, id: ProcessId) -> bool {
        self.processes.iter().any(|process| process.id() == id)
    }
}

/// Returns this process and those above it.
pub fn of_this_process() -> Ancestry {
    let stat = stat("self");
    let own = this_process(stat.as_ref().map_or(0, |stat| stat.start));
    above(own, stat)
}

/// Returns a process and those above it.
pub fn of(pid: u32) -> Ancestry {
    let stat = stat(&pid.to_string());
    above(process(pid, stat.as_ref().map_or(0, |stat| stat.start)), stat)
}

fn above(first: Process, first_stat: Option<Stat>) -> Ancestry {
    let hidden = cfg!(target_os = "linux") && first_stat.is_none();
    let mut processes = vec![first];
    let mut parent = first_stat.map(|stat| stat.parent);
    while let Some(pid) = parent.filter(|pid| *pid > 0 && processes.len() <= MAX_ANCESTORS) {
        let found = stat(&pid.to_string());
        processes.push(process(pid, found.as_ref().map_or(0, |stat| stat.start)));
        parent = found.map(|stat| stat.parent);
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

/// Returns whether a variable may put other code into the program that gets it.
pub fn puts_code(name: &str) -> bool {
    CODE.contains(&name)
}

/// Returns whether a process got such a variable.
pub fn is_altered(variables: &[(String, String)]) -> bool {
    variables.iter().any(|(name, _)| puts_code(name))
}

/// Returns the working directory of a process. Only Linux tells.
pub fn directory(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Returns when a process was started, to a hundredth of a second.
fn started(pid: u32) -> Option<SystemTime> {
    // A hundredth on every Linux: what the kernel counts by is not what it tells by (`USER_HZ`).
    const TICK: Duration = Duration::from_millis(10);
    let ticks = u32::try_from(stat(&pid.to_string())?.start).ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let age = Duration::try_from_secs_f64(uptime).ok()?.saturating_sub(TICK * ticks);
    SystemTime::now().checked_sub(age)
}

/// Returns whether a file exists.
pub fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

/// Returns the control groups of a process as one text; empty where they cannot be read. What a
/// process starts stays in its groups, also after it lost its parent, unless it is put elsewhere.
pub fn control_groups(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default()
}

fn this_process(start: u64) -> Process {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    Process {
        pid: std::process::id(),
        start,
        name: "guard".to_owned(),
        argv: crate::process::start::words().iter().cloned().map(text).collect(),
        variables: Some(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()),
    }
}

fn process(pid: u32, start: u64) -> Process {
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
        start,
        name: String::from_utf8_lossy(&read("comm").unwrap_or_default()).trim_end().to_owned(),
        argv: read("cmdline").map(list).unwrap_or_default(),
        variables: read("environ").map(|bytes| list(bytes).into_iter().filter_map(pair).collect()),
    }
}

/// What the system tells of any process to anybody.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// The parent's number; 0 is above the first process that can be seen.
    pub parent: u32,
    /// The device number of its terminal; 0 is none.
    pub terminal: u32,
    /// When it was started, as [`Process::start`].
    pub start: u64,
}

/// Returns what the system tells of a process, by its number or `self`.
pub fn stat(pid: &str) -> Option<Stat> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, parentheses too.
    let after_name = stat.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(stat.get(after_name + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // proc(5) counts from 1 and from the number before the name: these are its 4, 7 and 22.
    let terminal: i32 = fields.get(4)?.parse().ok()?;
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        terminal: terminal.cast_unsigned(),
        start: fields.get(19)?.parse().ok()?,
    })
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

    #[test]
    fn a_parent_is_never_younger() {
        let own = of_this_process();
        assert!(own.processes.windows(2).all(|pair| pair[1].start <= pair[0].start));
        let seen = of(std::process::id());
        assert_eq!(seen.processes[0].id(), own.processes[0].id());
        assert!(seen.holds(own.processes.last().unwrap().id()));
    }
}
