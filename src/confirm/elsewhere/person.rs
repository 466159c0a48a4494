//! Whether a process is guard itself, run at a terminal by a person who is not the asker.
//!
//! Four things must hold. It is this program, run by this user. No agent is above it, and neither is the
//! asker. It has a terminal. And whoever holds the other side of that terminal does not belong to an agent
//! and was not started by the asker. What cannot be established counts as no.
//!
//! An orphan is the hard case: a process that outlived its parent is adopted by another, and its ancestry no
//! longer shows where it came from. Two things can still show it: the process is older than the asker, or it
//! is in another control group, into which only the system's own services put processes.

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;

use super::request::Asked;
use crate::ancestry::{self, Ancestry, Process};
use crate::decide::Answerer;
use crate::decide::surroundings::agent_among;
use crate::terminals::{self, Terminal};

/// Processes that adopt orphans, beside the first of all.
const ADOPTING: [&str; 7] =
    ["systemd", "tini", "docker-init", "catatonit", "conmon", "containerd-shim", "s6-svscan"];

/// What serves a login from another machine.
const LOGIN_SERVERS: [&str; 2] = ["sshd", "sshd-session"];

/// Returns the person who would answer at this process's terminal.
///
/// # Errors
///
/// Returns why nobody can, as a lower-case fragment.
pub fn here(request: &super::Request) -> Result<Answerer, String> {
    at(std::process::id(), &request.asker)
}

/// Returns the person at this process's terminal where there is no question, and so no asker, to compare them
/// with: no agent that runs on this machine as this user may be above it, hold its terminal or have started
/// what does.
///
/// # Errors
///
/// Returns why no person can be assumed there, as a lower-case fragment.
pub fn alone() -> Result<Answerer, String> {
    let own = std::process::id();
    let line = ancestry::of(own);
    if line.hidden {
        return Err("its parent processes cannot be read".to_owned());
    }
    if let Some((agent, how)) = agent_among(&line.processes) {
        return Err(format!("{agent} is at this terminal ({how})"));
    }
    let terminal = terminals::of(own).ok_or("it has no terminal")?;
    if let Some(agent) = agent_at_terminal() {
        return Err(format!("{agent} holds the other side of this terminal"));
    }
    for agent in agents() {
        at(own, &agent)?;
    }
    Ok(Answerer { tty: Some(terminal.name()), ..Answerer::here() })
}

/// Returns every process of this user with an agent's sign on it, as if it asked something.
fn agents() -> Vec<Asked> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let own = nix::unistd::getuid().as_raw();
    pids.filter(|pid| owner(*pid) == Some(own))
        .filter_map(|pid| {
            let line = ancestry::of(pid);
            let process = line.processes.first()?;
            let (agent, _) = agent_among(std::slice::from_ref(process))?;
            let top = line.processes.last().map_or(pid, |top| top.pid);
            Some(Asked { agent: Some(agent), root: process.id(), groups: ancestry::control_groups(pid), top })
        })
        .collect()
}

/// Returns the person at the other process, after checking that it is the guard that it claims to be.
pub(super) fn behind(pid: u32, uid: u32, asker: &Asked) -> Result<Answerer, String> {
    if uid != nix::unistd::getuid().as_raw() {
        return Err("another user answered".to_owned());
    }
    let before = ancestry::stat(&pid.to_string()).map(|stat| stat.start);
    if ancestry::kin(pid).is_none() {
        return Err("what answered is not guard".to_owned());
    }
    let person = at(pid, asker)?;
    // The number was not given to another process meanwhile.
    let after = ancestry::stat(&pid.to_string()).map(|stat| stat.start);
    if before.is_none() || before != after {
        return Err("whoever answered is gone".to_owned());
    }
    Ok(person)
}

/// Checks that a process may be handed credentials: it is guard, run by this user, and nothing that can be seen is in it
/// or watches it.
pub(super) fn may_take_credentials(pid: u32, uid: u32) -> Result<(), String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let traced = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    let line = ancestry::of(pid);
    let variables = line.processes.first().and_then(|process| process.variables.as_deref());
    match () {
        () if uid != nix::unistd::getuid().as_raw() => Err("another user waits".to_owned()),
        () if ancestry::kin(pid).is_none() => Err("what waits is not guard".to_owned()),
        () if traced.map(str::trim) != Some("0") => Err("the guard that waits is being traced".to_owned()),
        () if variables.is_none_or(ancestry::is_altered) => {
            Err("a variable may have put other code into the guard that waits".to_owned())
        }
        () => Ok(()),
    }
}

fn at(pid: u32, asker: &Asked) -> Result<Answerer, String> {
    let line = ancestry::of(pid);
    if line.hidden {
        return Err("its parent processes cannot be read".to_owned());
    }
    if let Some((agent, how)) = agent_among(&line.processes) {
        return Err(format!("{agent} is at this terminal ({how})"));
    }
    if line.holds(asker.root) {
        return Err(format!("the process that asked (pid {}) is above it", asker.root.pid));
    }
    let terminal = terminals::of(pid).ok_or("it has no terminal")?;
    let held_by = match terminal {
        Terminal::Console(_) => "the machine itself".to_owned(),
        Terminal::Pty(number) => holder(number, &line, asker)?,
    };
    Ok(Answerer {
        tty: Some(terminal.name()),
        proof: Some(format!("typed the phrase at {}, which {held_by} holds", terminal.name())),
        ..Answerer::here()
    })
}

/// Returns who holds the other side of a terminal, if that does not belong to the asker.
fn holder(number: u32, line: &Ancestry, asker: &Asked) -> Result<String, String> {
    let login = login(line).transpose()?;
    let mut names = Vec::new();
    for pid in terminals::holders(number) {
        let above = ancestry::of(pid);
        let name = above.processes.first().map_or(String::new(), |process| process.name.clone());
        innocent(&name, pid, &above, asker)?;
        names.push(format!("{name} (pid {pid})"));
    }
    if !names.is_empty() {
        return Ok(names.join(", "));
    }
    let unknown = || "who holds the other side of this terminal cannot be determined".to_owned();
    login.or_else(|| from_outside(line, asker)).ok_or_else(unknown)
}

/// Checks that the holder of a terminal's other side is no agent's and was not started by the asker.
fn innocent(name: &str, pid: u32, line: &Ancestry, asker: &Asked) -> Result<(), String> {
    if line.hidden {
        return Err(format!("{name} (pid {pid}), which holds this terminal, went away"));
    }
    if let Some((agent, how)) = agent_among(&line.processes) {
        return Err(format!("{agent} holds the other side of this terminal ({how})"));
    }
    if line.holds(asker.root) {
        return Err(format!("{name} (pid {pid}), which holds this terminal, was started by who asked"));
    }
    // The nearest that is older than the asker; what is below it was started meanwhile.
    let older = line.processes.iter().position(|process| process.start < asker.root.start);
    let unknown =
        || format!("who started {name} (pid {pid}), which holds this terminal, cannot be determined");
    let at = older.ok_or_else(unknown)?;
    let (Some(started), true) = (at.checked_sub(1), adopts(line, at)) else { return Ok(()) };
    let groups = ancestry::control_groups(line.processes[started].pid);
    if groups.is_empty() || asker.groups.is_empty() || groups == asker.groups {
        return Err(unknown());
    }
    Ok(())
}

fn adopts(line: &Ancestry, at: usize) -> bool {
    line.processes
        .get(at)
        .is_some_and(|process| process.pid == 1 || ADOPTING.iter().any(|name| process.name.starts_with(name)))
}

/// Returns from where somebody logged in over the network, where that is how a process began: the
/// system's own server gave them the terminal. A login from this very machine is one that an agent on
/// it could have made.
fn login(line: &Ancestry) -> Option<Result<String, String>> {
    let is_server =
        |process: &Process| LOGIN_SERVERS.contains(&process.name.as_str()) && owner(process.pid) == Some(0);
    let server = line.processes.iter().position(is_server)?;
    let login = line.processes[..server].iter().rev().find_map(|process| process.variables.as_ref());
    let connection = login.and_then(|login| login.iter().find(|(name, _)| name == "SSH_CONNECTION"));
    let client = connection.and_then(|(_, value)| value.split(' ').next());
    Some(match client.and_then(|client| client.parse::<IpAddr>().ok()) {
        Some(client) if !is_this_machine(client) => Ok(format!("sshd, for {client},")),
        Some(client) => Err(format!("somebody logged in from this machine ({client}), as an agent can")),
        None => Err("where somebody logged in from cannot be determined".to_owned()),
    })
}

fn is_this_machine(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let is_own = |own: nix::ifaddrs::InterfaceAddress| {
        let own = own.address?;
        let four = own.as_sockaddr_in().map(|own| IpAddr::from(own.ip()));
        four.or_else(|| own.as_sockaddr_in6().map(|own| IpAddr::from(own.ip())))
    };
    // Where that cannot be told, it may be.
    address.is_loopback()
        || nix::ifaddrs::getifaddrs().map_or(true, |mut all| all.any(|own| is_own(own) == Some(address)))
}

/// Returns what serves a terminal that came into this container from outside, where no process of the
/// container's can go.
fn from_outside(line: &Ancestry, asker: &Asked) -> Option<String> {
    let top = line.processes.last()?.pid;
    (top != 1 && asker.top == 1).then(|| "somebody outside this container".to_owned())
}

/// Returns the number of the topmost process above one.
pub(super) fn top(pid: u32) -> u32 {
    ancestry::of(pid).processes.last().map_or(pid, |process| process.pid)
}

/// Returns the agent that is seen to hold the other side of this process's terminal.
pub fn agent_at_terminal() -> Option<String> {
    let Terminal::Pty(number) = terminals::of(std::process::id())? else { return None };
    let lines = terminals::holders(number).into_iter().map(ancestry::of);
    lines.into_iter().find_map(|line| Some(agent_among(&line.processes)?.0))
}

fn owner(pid: u32) -> Option<u32> {
    Some(std::fs::metadata(format!("/proc/{pid}")).ok()?.uid())
}
