//! For tests that need a process, a terminal or a directory of their own, or that bound how long something takes.
//!
//! A test that needs a process runs the test binary again, for the same test ([`again`]); there
//! [`is_child`] holds and it plays the other part. So what is tested is the library's own code, with
//! real processes and real terminals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unsafe_code)]

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{self, SigHandler, Signal, killpg};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::sys::time::TimeValLike as _;
use nix::unistd::{Pid, mkdtemp, setsid};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const CHILD: &str = "GUARD_TEST_CHILD";

/// Longer than anything takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The full name of the test this stands in.
macro_rules! this_test {
    () => {{
        fn here() {}
        let name = std::any::type_name_of_val(&here).trim_end_matches("::here");
        name.split_once("::").map_or(name, |(_, rest)| rest)
    }};
}
pub(crate) use this_test;

/// Whose processor time [`processor_time`] measures.
#[cfg(target_os = "linux")]
const THIS: UsageWho = UsageWho::RUSAGE_THREAD;
#[cfg(not(target_os = "linux"))]
const THIS: UsageWho = UsageWho::RUSAGE_SELF;

/// Returns the processor time that some work takes in this thread. Unlike the time on a clock it hardly depends on
/// what else the machine is doing.
pub(crate) fn processor_time(work: impl FnOnce()) -> Duration {
    let used = || {
        let usage = getrusage(THIS).unwrap();
        let micros = [usage.user_time(), usage.system_time()].map(|time| time.num_microseconds());
        Duration::from_micros(micros.iter().sum::<i64>().cast_unsigned())
    };
    let before = used();
    work();
    used().saturating_sub(before)
}

/// Returns the part a child was given by [`again`].
pub(crate) fn part() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Returns a command that runs `test` again as a child with a `part` to play.
pub(crate) fn again(test: &str, part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--quiet"]).env(CHILD, part);
    command
}

/// Returns the line of a shell that runs `test` again.
pub(crate) fn again_in_shell(test: &str, part: &str) -> String {
    let command = again(test, part);
    let words =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_str().unwrap());
    format!("{CHILD}={} {}", shell_words::quote(part), shell_words::join(words))
}

/// A child that leads a process group, which does not outlive the test.
pub(crate) struct Running(Child);

impl Running {
    /// Starts `command` as the leader of a process group.
    pub(crate) fn start(command: &mut Command) -> Running {
        // SAFETY: between fork and exec only system calls are made.
        unsafe { command.pre_exec(heed_signals) };
        Running(command.process_group(0).spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id().cast_signed())
    }

    pub(crate) fn stdout(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map(Result::unwrap)
    }

    /// Waits for its end, but not for ever.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let (pid, (done, is_done)) = (self.pid(), mpsc::channel::<()>());
        thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = killpg(pid, Signal::SIGKILL);
                }
            });
            let status = self.0.wait().unwrap();
            drop(done);
            status
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

/// Heeds the signals that a job in the background of a script is started to ignore, as tests may be.
fn heed_signals() -> std::io::Result<()> {
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
        // SAFETY: no handler is involved.
        unsafe { signal::signal(signal, SigHandler::SigDfl) }?;
    }
    Ok(())
}

/// A terminal of 80 by 24, seen from the side of whoever sits at it, person or agent.
pub(crate) struct Seat {
    master: File,
    /// Kept open, so that the terminal does not hang up while no process has it open.
    slave: OwnedFd,
    screen: String,
    read: usize,
}

impl Seat {
    pub(crate) fn new() -> Seat {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
        for end in [&master, &slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        // Else Ctrl-Z throws away, after it has told the programs, what a quick one has written since.
        let mut modes = tcgetattr(&slave).unwrap();
        modes.local_flags.insert(LocalFlags::NOFLSH);
        tcsetattr(&slave, SetArg::TCSANOW, &modes).unwrap();
        Seat { master: master.into(), slave, screen: String::new(), read: 0 }
    }

    /// Returns the terminal as a standard stream.
    pub(crate) fn stream(&self) -> Stdio {
        self.slave.try_clone().unwrap().into()
    }

    /// Starts `command` as the leader of a session on this terminal.
    pub(crate) fn start(&self, command: &mut Command) -> Running {
        let terminal = self.slave.as_raw_fd();
        // SAFETY: between fork and exec only system calls are made.
        unsafe {
            command.pre_exec(move || {
                setsid()?;
                heed_signals()?;
                Errno::result(libc::ioctl(terminal, libc::TIOCSCTTY as _, 0))?;
                Ok(())
            });
        }
        Running(command.spawn().unwrap())
    }

    /// Presses keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `text` is on the screen, after what was waited for before. Returns what came up to
    /// and with it.
    pub(crate) fn sees(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.screen[self.read..].find(text) {
                let from = self.read;
                self.read += at + text.len();
                return self.screen[from..self.read].to_owned();
            }
            let mut ready = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
            let answers = poll(&mut ready, PollTimeout::try_from(PATIENCE).unwrap()).unwrap();
            let mut bytes = [0; 4096];
            // A read without an answer would wait for ever.
            let count = if answers > 0 { self.master.read(&mut bytes).unwrap_or(0) } else { 0 };
            self.screen.push_str(&String::from_utf8_lossy(&bytes[..count]));
            assert!(count > 0 && begun.elapsed() < PATIENCE, "{text:?} never came; seen: {:?}", self.screen);
        }
    }

    /// Returns whether the terminal echoes and edits lines, as it does when no program has changed it.
    pub(crate) fn is_as_it_was(&self) -> bool {
        let modes = tcgetattr(&self.master).unwrap().local_flags;
        modes.contains(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG)
    }

    /// Pulls the plug.
    pub(crate) fn hangs_up(self) {}
}

/// A directory that is gone after the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        Self::below(&std::env::temp_dir())
    }

    /// Makes one below another directory than the temporary one, in which nothing is anybody's loss.
    pub(crate) fn below(parent: &Path) -> Scratch {
        Scratch(mkdtemp(&parent.join("guard-test-XXXXXX")).unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and sets its mode.
    pub(crate) fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
