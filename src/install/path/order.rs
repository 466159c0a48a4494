//! Whether the shim or another program comes first on the `PATH` of newly started programs: each kind of
//! shell, a user's services, and cron's jobs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::install::{Health, Here};

/// The shells in which the shims must be first, each as the words before a text.
const KINDS: [&[&str]; 11] = [
    &["sh", "-c"],
    &["sh", "-lc"],
    &["bash", "-c"],
    &["bash", "-lc"],
    &["bash", "-ic"],
    &["zsh", "-c"],
    &["zsh", "-lc"],
    &["zsh", "-ic"],
    &["fish", "-c"],
    &["fish", "-lc"],
    &["fish", "-ic"],
];

/// Files that a shell reads before a text it is given, wherever it is started: what they set comes before
/// everything that profiles do.
const READ_FIRST: [(&str, &str); 2] = [("BASH_ENV", "bash -c"), ("ENV", "an interactive sh")];

/// What systemd makes the environment of a user's services with.
const SYSTEMD: &str = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

/// What systemd starts it with.
const BARE: &str = "/usr/local/bin:/usr/bin:/bin";

/// Returns where the shims come in everything that is here, tried with `tools`.
pub(super) fn tried(here: &Here, shims: &Path, tools: &[String]) -> Vec<Health> {
    let kinds = KINDS.iter().filter(|kind| here.find(kind[0]).is_some());
    let mut health: Vec<Health> = kinds.flat_map(|kind| in_shell(kind, tools, here, shims)).collect();
    health.extend(in_services(here, shims));
    health.extend(in_cron(here, shims));
    health.extend(read_first());
    health
}

/// Starts a program with an environment of its own and returns what it says, if it can be started.
fn output(program: &Path, words: &[&str], variables: &[(&str, &OsStr)]) -> Option<String> {
    let output = Command::new(program)
        .args(words)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns whether the shims come first in a kind of shell, as a program that is started anew sees it.
fn in_shell(kind: &[&str], tools: &[String], here: &Here, shims: &Path) -> Vec<Health> {
    let shell = kind.join(" ");
    let is_login = kind[1].contains('l');
    let mut variables = vec![("HOME", here.home.as_os_str())];
    if !here.home.join(".zshenv").exists() {
        variables.push(("ZDOTDIR", here.zsh.as_os_str()));
    }
    // A login shell sets its own; another has what its parent had.
    variables.extend(here.path.iter().filter(|_| !is_login).map(|path| ("PATH", path.as_os_str())));
    // A call each: dash looks for the first word alone.
    let text = tools.iter().map(|tool| format!("command -v {tool}")).collect::<Vec<_>>().join("; ");
    let words: Vec<&str> = kind[1..].iter().copied().chain([text.as_str()]).collect();
    let said =
        here.find(kind[0]).and_then(|program| output(&program, &words, &variables)).unwrap_or_default();
    let mut health = vec![first_of(&shell, &said, is_login, here, shims)];
    // An alias to a path goes round PATH; only a person types what it stands for.
    let aliases = said.lines().filter_map(|line| line.strip_prefix("alias ")?.split_once('='));
    let round = aliases.filter(|(_, words)| words.trim_start_matches(['\'', '"', '\\']).starts_with('/'));
    let round: Vec<_> = round.map(|(name, _)| crate::text::safe(name)).collect();
    if !round.is_empty() {
        health.push(Health::note(format!("{shell} has aliases that pass shims by: {}", round.join(" "))));
    }
    health
}

/// Returns what is said of where a shell finds tools, by the paths it told.
fn first_of(shell: &str, said: &str, is_login: bool, here: &Here, shims: &Path) -> Health {
    let found = || said.lines().filter(|line| line.starts_with('/')).map(Path::new);
    let other: Vec<_> = found().filter(|path| path.parent() != Some(shims)).collect();
    if found().next().is_none() {
        return Health::note(format!("{shell} does not say where it finds tools"));
    }
    let Some(first) = other.first() else { return Health::good(format!("first on PATH in {shell}")) };
    let more = match other.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more tools elsewhere"),
    };
    let said = format!("{shell} finds {} first{more}", crate::text::safe(&first.display().to_string()));
    // Where the shims are on PATH at all, something was put before them.
    let path = here.path.as_deref().unwrap_or_default();
    match is_login || std::env::split_paths(path).any(|directory| directory == shims) {
        true => Health::bad(said),
        false => Health::note(said + ": is this an older session?"),
    }
}

/// Returns whether the shims come first for the services of a user, by the files that systemd reads.
fn in_services(here: &Here, shims: &Path) -> Option<Health> {
    here.find("systemctl")?;
    let variables = [
        ("HOME", here.home.as_os_str()),
        ("XDG_CONFIG_HOME", here.config.as_os_str()),
        ("PATH", OsStr::new(BARE)),
    ];
    let said = output(Path::new(SYSTEMD), &[], &variables)?;
    let path = said.lines().rev().find_map(|line| line.strip_prefix("PATH="));
    Some(match std::env::split_paths(path.unwrap_or(BARE)).next() {
        Some(first) if first == shims => Health::good("first on PATH in a user's services (systemd)"),
        Some(first) => Health::bad(format!(
            "a user's services (systemd) have {} first on PATH",
            crate::text::safe(&first.display().to_string())
        )),
        None => Health::note("systemd does not say where a user's services find tools"),
    })
}

/// Returns whether the shims come first for cron's jobs, where there are any.
fn in_cron(here: &Here, shims: &Path) -> Option<Health> {
    let crontab = output(&here.find("crontab")?, &["-l"], &[("HOME", here.home.as_os_str())])?;
    let lines = || crontab.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let setting = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let value = value.trim().trim_matches(['\'', '"']).to_owned();
        name.trim_end().chars().all(is_name).then(|| (name.trim_end().to_owned(), value))
    };
    // A setting is for the lines below it.
    let jobs = |line: &&str| setting(line).is_none();
    let first = lines().position(|line| jobs(&line))?;
    let path = lines().take(first).filter_map(setting).filter(|(name, _)| name == "PATH").last();
    let path =
        path.map_or_else(PathBuf::new, |(_, path)| std::env::split_paths(&path).next().unwrap_or_default());
    Some(if path == shims {
        Health::good("first on PATH in cron's jobs")
    } else {
        Health::note(format!(
            "cron's jobs find no shims: begin the crontab with PATH={}:/usr/bin:/bin",
            shims.display()
        ))
    })
}

/// Returns what is set in this environment that shells read before anything else.
fn read_first() -> impl Iterator<Item = Health> {
    READ_FIRST.iter().filter_map(|(name, shell)| {
        let file = crate::env_vars::get(name).filter(|file| !file.is_empty())?;
        let file = file.to_string_lossy().into_owned();
        let file = crate::text::safe(&file);
        Some(Health::note(format!("{name} is set: {shell} reads {file} first, which may go round the shims")))
    })
}
