//! Whether a process is guard itself, before a person who is not the asker.
//!
//! Four things must hold of it. It is this program, run by this user. No agent, and not the asker, is
//! above it. It has a terminal. And whoever holds that terminal's other side is no agent's and was not
//! started by the asker. What cannot be established counts as no.
//!
//! An orphan is the hard case: a process that outlived its parent is adopted by one that adopts
//! anything, and its line tells no longer where it came from. Then two things can still tell: it is
//! older than the asker, or it is in another control group, which only the system's own services put
//! a process into.

use std::os::unix::fs::MetadataExt;

use super::request::Asked;
use crate::ancestry::{self, Ancestry};
use crate::confirm::Answerer;
use crate::decide::surroundings::agent_among;
use crate::terminals::{self, Terminal};

/// Processes that adopt orphans, beside the first of all.
const ADOPTING: [&str; 7] =
    ["systemd", "tini", "docker-init", "catatonit", "conmon", "containerd-shim", "s6-svscan"];

/// What serves a login from another machine.
const LOGIN_SERVERS: [&str; 2] = ["sshd", "sshd-session"];

/// Returns who would answer at this process's terminal.
///
/// # Errors
///
/// Returns why nobody can, as a lower-case fragment.
pub fn here(request: &super::Request) -> Result<Answerer, String> {
    at(std::process::id(), &request.asker)
}

/// Returns who sits at this process's terminal, where there is no question whose asker they must not be: no
/// agent that runs on this machine as this user may be above it, hold its terminal or have started
/// what does.
///
/// # Errors
///
/// Returns why nobody can be told to sit there, as a lower-case fragment.
pub fn alone() -> Result<Answerer, String> {
    let own = std::process::id();
    let line = ancestry::of(own);
    if line.hidden {
        return Err("it cannot be seen what is above it".to_owned());
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

/// Returns the person before a guard that another process claims to be.
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
        return Err("who answered is gone".to_owned());
    }
    Ok(person)
}

fn at(pid: u32, asker: &Asked) -> Result<Answerer, String> {
    let line = ancestry::of(pid);
    if line.hidden {
        return Err("it cannot be seen what is above it".to_owned());
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

/// Returns who holds the other side of a terminal, if that is nobody of the asker's.
fn holder(number: u32, line: &Ancestry, asker: &Asked) -> Result<String, String> {
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
    from_outside(line, asker)
        .ok_or_else(|| "it cannot be seen who holds the other side of this terminal".to_owned())
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
    let unknown = || format!("it cannot be told who started {name} (pid {pid}), which holds this terminal");
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

/// Returns what serves a terminal whose other side is held where this process cannot see: a login
/// over the network, which the system's own server gives out; or one that came into this container
/// from outside, where no process of the container's can go.
fn from_outside(line: &Ancestry, asker: &Asked) -> Option<String> {
    let server = line
        .processes
        .iter()
        .position(|process| LOGIN_SERVERS.contains(&process.name.as_str()) && owner(process.pid) == Some(0));
    if let Some(server) = server {
        let login = line.processes[..server].iter().rev().find_map(|process| process.variables.as_ref())?;
        let connection = &login.iter().find(|(name, _)| name == "SSH_CONNECTION")?.1;
        let ends: Vec<&str> = connection.split(' ').collect();
        let (client, own) = (ends.first()?, ends.get(2)?);
        // An agent on this machine can log in to it.
        let is_from_here = client == own || client.starts_with("127.") || *client == "::1";
        return (!is_from_here).then(|| format!("sshd, for {client},"));
    }
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
