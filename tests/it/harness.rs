//! A guard to call: with a home of its own, a clean environment, and a person where one is wanted.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;

use crate::scratch::Scratch;

/// How long a test waits for something that must come, in milliseconds.
const PATIENCE: u16 = 60_000;

/// Where the shims are in a home.
pub(crate) const SHIMS: &str = ".local/share/guard/shims";

/// Where the shells are in a home.
pub(crate) const SHELLS: &str = ".local/share/guard/shell";

/// A guard with a home of its own.
pub(crate) struct Guard {
    home: Scratch,
    path: OsString,
    /// Whether the system's list of users has this home for the account.
    is_accounts: bool,
}

/// Runs its words where `etc` in the home is the machine's.
const IN_ITS_ETC: [&str; 4] =
    ["--mount", "sh", "-c", "mount --bind \"$HOME/etc\" /etc && exec \"$0\" \"$@\""];

impl Guard {
    pub(crate) fn new() -> Self {
        Self::at(Scratch::new())
    }

    /// Takes a directory for the home.
    pub(crate) fn at(home: Scratch) -> Self {
        std::fs::create_dir_all(home.path("project/.git")).unwrap();
        Self { home, path: std::env::var_os("PATH").unwrap_or_default(), is_accounts: false }
    }

    /// Makes this home the account's: what only the account's own files may do is not done for files in a
    /// home that the environment names. Guard is called in mount namespaces then; `None` without them.
    pub(crate) fn of_account(mut self) -> Option<Self> {
        if !nix::unistd::geteuid().is_root() || !can_play_a_person() {
            eprintln!("skipped: needs root");
            return None;
        }
        let home = self.path("");
        self.file("etc/passwd", &format!("root:x:0:0:root:{}:/bin/sh\n", home.display()));
        self.is_accounts = true;
        Some(self)
    }

    /// Puts shims over these tools, first on the `PATH`, and a directory `bin` in the home behind them.
    pub(crate) fn shims(mut self, tools: &[&str]) -> Self {
        let directory = self.path(SHIMS);
        tools.iter().for_each(|tool| link(&directory, tool));
        let before = [directory, self.path("bin")];
        let rest = std::env::split_paths(&self.path).collect::<Vec<_>>();
        self.path = std::env::join_paths(before.into_iter().chain(rest)).unwrap();
        self
    }

    /// Makes guard the shell of this name and returns its path.
    pub(crate) fn shell(&self, name: &str) -> PathBuf {
        let directory = self.path(SHELLS);
        link(&directory, name);
        directory.join(name)
    }

    /// Writes a tool into the home's `bin`.
    pub(crate) fn tool(&self, name: &str, script: &str) -> PathBuf {
        self.home.program(&format!("bin/{name}"), script)
    }

    /// Returns a program of the machine, in the guard's home and environment.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        self.alone(self.placed(program))
    }

    /// Runs a text with a real shell.
    pub(crate) fn sh(&self, text: &str) -> Output {
        self.program("sh").args(["-c", text]).output().unwrap()
    }

    /// Returns the path of something in the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path(name)
    }

    /// Writes a file in the home.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        self.home.file(name, content)
    }

    /// The working directory of the commands.
    pub(crate) fn project(&self) -> PathBuf {
        self.home.path("project")
    }

    /// Returns a command in the home, with a clean environment.
    pub(crate) fn dressed(&self, mut command: Command) -> Command {
        command.env_clear().current_dir(self.project());
        command.env("PATH", &self.path).env("HOME", self.path(""));
        command.env("TERM", "xterm");
        command
    }

    /// Returns `guard` with these words, ready to start.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.placed(env!("CARGO_BIN_EXE_guard"));
        command.args(words);
        self.alone(command)
    }

    /// Returns a program, started where this home is the account's if it is to be.
    fn placed(&self, program: impl AsRef<OsStr>) -> Command {
        if !self.is_accounts {
            return Command::new(program);
        }
        let mut command = Command::new("unshare");
        command.args(IN_ITS_ETC).arg(program);
        command
    }

    /// Returns a command with nobody to ask, here or elsewhere, so that nothing waits for a person.
    fn alone(&self, mut command: Command) -> Command {
        command.stdin(Stdio::null());
        let mut command = self.dressed(command);
        command.env("GUARD_NO_INPUT", "1");
        command
    }

    /// Runs `guard` with these words and nobody to ask.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Runs `guard exec -c TEXT` and returns its status.
    pub(crate) fn exec(&self, text: &str) -> i32 {
        self.run(&["exec", "-c", text]).status.code().unwrap()
    }

    /// Starts `guard` at a terminal with a person before it, who sees nobody above but a terminal:
    /// in a PID namespace of its own, since the tests themselves may run under an agent.
    pub(crate) fn at_terminal(&self, words: &[&str]) -> Person {
        self.person(&[&[env!("CARGO_BIN_EXE_guard")], words].concat())
    }

    /// Starts a program at such a terminal.
    pub(crate) fn person(&self, words: &[&str]) -> Person {
        let pty = openpty(None, None).unwrap();
        let stdio = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--mount-proc", "--kill-child", "--"]);
        command.args(["setsid", "--ctty", "--wait"]);
        if self.is_accounts {
            command.arg("unshare").args(IN_ITS_ETC);
        }
        command.args(words);
        let mut command = self.dressed(command);
        let child = command.stdin(stdio()).stdout(stdio()).stderr(stdio()).spawn().unwrap();
        Person { child, terminal: File::from(pty.master), seen: String::new() }
    }
}

/// Makes guard's program `name` in a directory.
fn link(directory: &Path, name: &str) {
    std::fs::create_dir_all(directory).unwrap();
    let (program, link) = (env!("CARGO_BIN_EXE_guard"), directory.join(name));
    if std::fs::hard_link(program, &link).is_err() {
        std::fs::copy(program, &link).unwrap();
    }
}

/// Somebody at a terminal.
pub(crate) struct Person {
    child: Child,
    terminal: File,
    seen: String,
}

impl Person {
    /// Waits until the screen has shown `text`; returns all it has shown.
    pub(crate) fn sees(&mut self, text: &str) -> String {
        let mut buffer = [0; 4096];
        while !self.seen.contains(text) {
            use std::os::fd::AsFd;
            let mut waiting = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut waiting, PollTimeout::from(PATIENCE)).unwrap();
            assert!(ready > 0, "{text:?} did not come; seen: {}", self.seen);
            match self.terminal.read(&mut buffer) {
                Ok(count) if count > 0 => self.seen.push_str(&String::from_utf8_lossy(&buffer[..count])),
                _ => panic!("the terminal closed before {text:?} came; seen: {}", self.seen),
            }
        }
        self.seen.clone()
    }

    /// Types a line once guard is ready for it.
    pub(crate) fn types(&mut self, line: &str) {
        self.types_at("\n> ", line);
    }

    /// Types a line once the screen shows `prompt`.
    pub(crate) fn types_at(&mut self, prompt: &str, line: &str) {
        self.sees(prompt);
        self.terminal.write_all(format!("{line}\r").as_bytes()).unwrap();
        // A second question has to show itself anew.
        self.seen.clear();
    }

    /// Waits for the end and returns the status.
    pub(crate) fn leaves(mut self) -> i32 {
        // What is left on the screen must be read, or the program could not finish writing it.
        let mut rest = Vec::new();
        let mut screen = self.terminal.try_clone().unwrap();
        let reader = std::thread::spawn(move || {
            let _ = screen.read_to_end(&mut rest);
        });
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        drop(self.terminal);
        drop(reader);
        status
    }
}

/// Returns whether a person can be played here.
pub(crate) fn can_play_a_person() -> bool {
    if !crate::needs::needs("unshare") || !crate::needs::needs("setsid") {
        return false;
    }
    let tried = Command::new("unshare").args(["--pid", "--fork", "--mount-proc", "true"]).output();
    let can = tried.is_ok_and(|output| output.status.success());
    assert!(can || std::env::var_os("CI").is_none(), "no PID namespaces here, and CI needs them");
    if !can {
        std::io::stderr().write_all(b"skipped: needs PID namespaces\n").unwrap();
    }
    can
}
