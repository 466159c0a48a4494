//! Runs a program, by becoming it or as its parent. Nothing is judged here.
//!
//! Either way the program gets what guard got: arguments byte for byte, environment, directory, open files,
//! process group, terminal, ignored signals and signal mask.
//!
//! A program that guard waits for stays in guard's process group. So there is no terminal to hand
//! over: Ctrl-C, Ctrl-Z and hang-ups reach both from the kernel, a pipeline stays one job, and
//! whoever kills the group kills the program too, as if guard were not there. Signals that are sent
//! to guard alone are passed on.

use crate::called;
use crate::exit;
use crate::process::signals::{self, Arrival, Caught, raise_default};
use crate::process::start;
use nix::errno::Errno;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{AccessFlags, Pid, access, getpid, getsid};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};

/// Where programs are looked up when `PATH` is not set.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// What reads a script without a `#!` line (POSIX, `execvp`).
const SHELL: &str = "/bin/sh";

/// What guard catches while it waits: every signal that ends or stops a process by default and that somebody
/// may send, and the one that reports that the child ended or stopped.
const CAUGHT: [Signal; 13] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGTERM,
    Signal::SIGCONT,
    Signal::SIGTSTP,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
    Signal::SIGWINCH,
    Signal::SIGCHLD,
];

/// A program to start.
#[derive(Clone, Copy, Debug)]
pub struct Launch<'a> {
    /// The file to execute, as [`find`] returned it.
    pub program: &'a Path,
    /// The arguments, beginning with the name it is called by.
    pub argv: &'a [OsString],
    /// The environment; `None` for guard's own, untouched.
    pub env: Option<&'a BTreeMap<OsString, OsString>>,
    /// Variables that it gets in addition to its environment and that no other program gets.
    pub also: &'a [(&'a OsStr, &'a OsStr)],
    /// The working directory; `None` for guard's own.
    pub cwd: Option<&'a Path>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ended {
    /// It exited with this status.
    Exited(i32),
    /// It was ended by this signal.
    Killed(i32),
}

impl Ended {
    /// Returns the status by which a shell shows it: 128 and the signal's number for a signal.
    pub const fn code(self) -> i32 {
        match self {
            Ended::Exited(status) => status,
            Ended::Killed(signal) => exit::of_signal(signal),
        }
    }
}

impl From<ExitStatus> for Ended {
    fn from(status: ExitStatus) -> Ended {
        match status.code() {
            Some(code) => Ended::Exited(code),
            None => Ended::Killed(status.signal().unwrap_or_default()),
        }
    }
}

/// Becomes the program. Returns only if that fails, and then says why; [`exit::Exit::of_start`] has
/// the status for it.
pub fn replace(launch: &Launch) -> io::Error {
    let error = launch.command().exec();
    if is_script(&error) { launch.as_script().exec() } else { error }
}

/// Runs the program as a child and waits for it to end.
///
/// When it is stopped, guard stops too, so that a shell sees the job stopped. A signal that a
/// process sends to the whole group reaches the program twice: once by itself and once passed on.
pub fn spawn_and_wait(launch: &Launch) -> io::Result<Ended> {
    let caught = Caught::catch(&CAUGHT)?;
    let mut child = launch.spawn()?;
    let pid = Pid::from_raw(child.id().cast_signed());
    loop {
        match look(&mut child, pid)? {
            State::Ended(ended) => return Ok(ended),
            State::Stopped(signal) => {
                raise_default(signal)?;
                // Whoever continued guard may or may not be about to continue the program too.
                let _ = kill(pid, Signal::SIGCONT);
            }
            State::Running => {
                let arrival = caught.wait()?;
                if is_for_child(arrival, pid) {
                    let _ = kill(pid, arrival.signal);
                }
            }
        }
    }
}

/// Ends guard the way a program ended: with its status, or by the same signal (without a core dump
/// of guard's own), or if that does not end it, with 128 and the signal's number.
pub fn exit_like(ended: Ended) -> ! {
    if let Ended::Killed(number) = ended {
        let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
        if let Ok(signal) = Signal::try_from(number) {
            let _ = raise_default(signal);
        }
    }
    std::process::exit(ended.code())
}

impl Launch<'_> {
    fn command(&self) -> Command {
        let name = self.argv.first().map_or(self.program.as_os_str(), OsString::as_os_str);
        let mut command = Command::new(self.program);
        command.arg0(name).args(self.argv.iter().skip(1));
        self.placed(command)
    }

    /// The program as a script without a `#!` line, read by the shell.
    fn as_script(&self) -> Command {
        let mut command = Command::new(SHELL);
        command.arg(self.program).args(self.argv.iter().skip(1));
        self.placed(command)
    }

    fn placed(&self, mut command: Command) -> Command {
        if let Some(env) = self.env {
            command.env_clear().envs(env);
        }
        command.envs(self.also.iter().copied());
        if let Some(cwd) = self.cwd {
            command.current_dir(cwd);
        }
        if start::ignored_broken_pipes() {
            signals::ignore_broken_pipes(&mut command);
        }
        command
    }

    fn spawn(&self) -> io::Result<Child> {
        match self.command().spawn() {
            Err(error) if is_script(&error) => self.as_script().spawn(),
            spawned => spawned,
        }
    }
}

fn is_script(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENOEXEC as i32)
}

/// What a child is doing.
enum State {
    Running,
    Stopped(Signal),
    Ended(Ended),
}

fn look(child: &mut Child, pid: Pid) -> io::Result<State> {
    // The library first: `nix` knows no real-time signals, and a child can be ended by one.
    if let Some(status) = child.try_wait()? {
        return Ok(State::Ended(status.into()));
    }
    match waitpid(pid, Some(WaitPidFlag::WUNTRACED | WaitPidFlag::WNOHANG)) {
        Ok(WaitStatus::Stopped(_, signal)) => Ok(State::Stopped(signal)),
        Ok(WaitStatus::Exited(_, status)) => Ok(State::Ended(Ended::Exited(status))),
        Ok(WaitStatus::Signaled(_, signal, _)) => Ok(State::Ended(Ended::Killed(signal as i32))),
        Ok(_) | Err(Errno::EINTR) => Ok(State::Running),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether a signal that guard got must be passed on to the child.
pub fn is_for_child(arrival: Arrival, child: Pid) -> bool {
    match (arrival.signal, arrival.sender) {
        (Signal::SIGCHLD, _) => false,
        // A signal that the program sends to its parent is not meant for itself.
        (_, Some(sender)) => sender != child,
        // A timer is guard's alone: `alarm` outlives `execve`, but not `fork`.
        (Signal::SIGALRM, None) => true,
        // At a hang-up the kernel tells the session's leader, and the group only after its end.
        (Signal::SIGHUP, None) => getsid(None) == Ok(getpid()),
        // The terminal sends everything else to the whole group.
        (_, None) => false,
    }
}

/// Finds the file that `execvp` would execute for `program`, relative to the current directory.
///
/// A name with a slash is a path already. Otherwise each directory of `path` is searched, an empty
/// one being the current. Guard's own links are passed over: what is looked for is the tool behind
/// them, and so no shim can find itself or another. Fails as `execvp` does: `NotFound` if there is no
/// such file anywhere, `PermissionDenied` if there is but none can be executed.
pub fn find(program: &OsStr, path: Option<&OsStr>) -> io::Result<PathBuf> {
    if program.as_bytes().contains(&b'/') {
        return Ok(PathBuf::from(program));
    }
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "there is no such program");
    if !program.is_empty() {
        for directory in std::env::split_paths(path.unwrap_or(OsStr::new(DEFAULT_PATH))) {
            let directory = if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory };
            let candidate = directory.join(program);
            let Ok(found) = candidate.metadata() else { continue };
            if !found.is_file() || access(&candidate, AccessFlags::X_OK).is_err() {
                failure = io::ErrorKind::PermissionDenied.into();
            } else if !called::is_link(&candidate) {
                return Ok(candidate);
            }
        }
    }
    Err(failure)
}

pub mod bounded;
mod cleared;
pub mod git;

pub use cleared::{NotStarted, leave, run, unchanged_since};

#[cfg(test)]
mod tests;
