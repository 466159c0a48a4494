//! Who is asking: a person at a shell, or an agent.
//!
//! An agent gives itself away by the variables that it sets for what it runs and by being an ancestor of it.
//! Neither is looked for in one place only: an agent that clears the environment of a command does not clear
//! that of the shell in between, nor its own name. Nothing turns this off. Finding no sign does not prove
//! that a person is asking; it is one condition for treating a terminal as a person's.

use crate::ancestry::{self, Ancestry, Process, ProcessId};

/// The signs of agents, the specific ones before the general.
const MARKERS: &str = include_str!("../../shims/agents/markers.txt");

/// Interpreters, which are identified by the file that they run.
const INTERPRETERS: [&str; 12] =
    ["node", "nodejs", "bun", "deno", "npx", "npm", "python", "sh", "bash", "dash", "zsh", "ksh"];

/// How many words of an interpreter's command line are searched for what it runs.
const SEARCHED_WORDS: usize = 8;

/// The longest text that is taken for a name.
const MAX_NAME: usize = 40;

/// Who is asking for a command to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The agent, by the name its file in `shims/agents` has, if one was recognised.
    pub agent: Option<String>,
    /// How it was recognised, or that it was not.
    pub how: String,
    /// The programs above this one, the nearest first: `bash -c`, `node`. Text from outside.
    pub chain: Vec<String>,
    /// The process whose descendants all count as the asker's: the agent, or what called guard.
    pub root: Option<ProcessId>,
    /// Whether the system unexpectedly shows no process but this one.
    pub hidden: bool,
}

/// Returns who is asking. It looks at the machine through [`ancestry`], so only the doors call it, and only
/// once a rule has matched; nothing that judges does.
pub fn who_asks() -> Asker {
    recognise(&ancestry::of_this_process(), ancestry::exists)
}

/// Returns who is asking; `exists` says which files exist.
pub fn recognise(ancestry: &Ancestry, exists: impl Fn(&str) -> bool) -> Asker {
    let processes = &ancestry.processes;
    let chain = processes.iter().skip(1).map(describe).collect();
    let sign = markers().find_map(|marker| match marker.kind {
        "file" => exists(marker.text).then(|| (marker.agent.to_owned(), format!("{} exists", marker.text))),
        _ => processes.iter().enumerate().find_map(|(at, process)| marker.sign(process, at == 0)),
    });
    let (agent, how) = match sign {
        Some((agent, how)) => (Some(agent), how),
        None if processes.len() > 1 => {
            (None, format!("no agent among {} processes above", processes.len() - 1))
        }
        None => (None, "unknown: no process above can be seen".to_owned()),
    };
    Asker { agent, how, chain, root: root(processes).map(Process::id), hidden: ancestry.hidden }
}

/// Returns the agent that has left a sign on one of these processes, none of which is guard itself
/// judging, and what gave it away.
pub fn agent_among(processes: &[Process]) -> Option<(String, String)> {
    markers().find_map(|marker| processes.iter().find_map(|process| marker.sign(process, false)))
}

/// Returns whether a process is an agent's own program, and not only something that one started.
pub fn is_agent(process: &Process) -> bool {
    markers().any(|marker| marker.kind != "variable" && marker.sign(process, false).is_some())
}

/// Returns the process whose descendants all count as the asker's.
///
/// That is the topmost one with a sign. An agent need not be known by name: where the sign is a
/// variable, whoever set it is the parent of the topmost process that has it. Without any sign it is
/// the first program above guard that is more than a shell with a line to run.
fn root(processes: &[Process]) -> Option<&Process> {
    let signed = |(at, process): (usize, &Process)| {
        let mut signs = markers().filter(|marker| marker.sign(process, at == 0).is_some()).peekable();
        signs.peek().is_some().then(|| if signs.any(|sign| sign.kind != "variable") { at } else { at + 1 })
    };
    let topmost = processes.iter().enumerate().rev().find_map(signed);
    let unknown = || processes.iter().skip(1).position(|process| !has_code(process)).map(|at| at + 1);
    let at = topmost.or_else(unknown)?;
    // Everything descends from the first process, so it cannot be the asker.
    processes.get(at).filter(|process| process.pid > 1).or_else(|| processes.get(at.checked_sub(1)?))
}

/// A line of the table.
struct Marker {
    kind: &'static str,
    text: &'static str,
    agent: &'static str,
}

fn markers() -> impl Iterator<Item = Marker> {
    let lines = MARKERS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        Some(Marker { kind: words.next()?, text: words.next()?, agent: words.next()? })
    })
}

impl Marker {
    /// Returns the agent and what gave it away, if this marker is on `process`.
    fn sign(&self, process: &Process, is_own: bool) -> Option<(String, String)> {
        let (pid, name) = (process.pid, process.name.as_str());
        match self.kind {
            "variable" => {
                let mut variables = process.variables.iter().flatten();
                let (variable, value) = variables.find(|(variable, _)| self.is_variable(variable))?;
                let agent = if self.agent == "=" { named_by(value) } else { self.agent.to_owned() };
                let whose = if is_own { String::new() } else { format!(" of {name} (pid {pid})") };
                Some((agent, format!("{variable} in the environment{whose}")))
            }
            // Guard's own arguments are the command's business: it may be about an agent.
            "program" | "script" if !is_own => {
                let holds = match self.kind {
                    "program" => is_program(process, self.text),
                    _ => scripts(process).any(|script| script.contains(self.text)),
                };
                holds.then(|| {
                    (self.agent.to_owned(), format!("{} (pid {pid}) is above it", describe(process)))
                })
            }
            _ => None,
        }
    }

    fn is_variable(&self, variable: &str) -> bool {
        match self.text.strip_suffix('*') {
            Some(beginning) => variable.starts_with(beginning),
            None => variable == self.text,
        }
    }
}

/// Returns the agent that a variable such as `AI_AGENT=claude-code_2-1_agent` names.
fn named_by(value: &str) -> String {
    let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= MAX_NAME && name != "true";
    if is_name { name.to_ascii_lowercase() } else { "an agent".to_owned() }
}

fn is_program(process: &Process, program: &str) -> bool {
    process.name == program
        || process.argv.first().is_some_and(|called| base(called) == program)
        || scripts(process).next().is_some_and(|script| stem(script) == program)
}

/// Returns the files that an interpreter may be running, the likeliest first; nothing for another
/// program, or for a shell with code on its command line.
fn scripts(process: &Process) -> impl Iterator<Item = &str> {
    let called = process.argv.first().map_or("", |called| base(called));
    let is_interpreter =
        INTERPRETERS.contains(&called.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
    let words = if is_interpreter && !has_code(process) { &process.argv[1..] } else { &[] };
    words.iter().take(SEARCHED_WORDS).map(String::as_str).filter(|word| !word.starts_with('-'))
}

fn has_code(process: &Process) -> bool {
    let called = process.argv.first().map_or("", |called| base(called));
    let mut options = process.argv.iter().skip(1).take_while(|word| word.starts_with('-'));
    called.ends_with("sh") && options.any(|word| !word.starts_with("--") && word.contains('c'))
}

/// Returns what a process is, without arguments that may hold secrets.
fn describe(process: &Process) -> String {
    let called = process.argv.first().map_or(process.name.as_str(), |called| base(called));
    let called: String = called.chars().take(MAX_NAME).collect();
    match scripts(process).next() {
        Some(script) => format!("{called} {}", base(script).chars().take(MAX_NAME).collect::<String>()),
        None if has_code(process) => format!("{called} -c"),
        None => called,
    }
}

/// Returns the last part of a path; a login shell's leading `-` is no part of its name.
fn base(path: &str) -> &str {
    let path = path.strip_prefix('-').unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}

fn stem(path: &str) -> &str {
    let base = base(path);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

#[cfg(test)]
mod tests;
