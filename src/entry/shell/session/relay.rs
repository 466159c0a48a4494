//! Guard between whoever talks to a shell and the shell.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, read};

use super::said::quoted;
use crate::process::signals::Caught;
use crate::run::{self, Ended};

/// The signals that are passed on, and the one that tells of the shell's end.
const CAUGHT: [Signal; 5] =
    [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGCHLD];

/// How long a wait lasts before the shell is looked at again, in milliseconds; a signal ends it at once.
const LOOK: u16 = 200;

/// Shells name only descriptors of one digit.
const MOST_DESCRIPTOR: i32 = 9;

/// What stands before a command that a terminal is asked for.
const PROMPT: &[u8] = b"guard$ ";

/// The real shell, and the way to it.
pub(super) struct Relay {
    child: Child,
    /// What the shell reads its commands from.
    commands: Option<PipeWriter>,
    /// Where the shell says that it is done with one.
    done: PipeReader,
    /// The descriptor of that in the shell.
    done_descriptor: i32,
    /// Nothing is caught while a person is asked, who may end the question by a signal.
    caught: Option<Caught>,
}

/// What came of waiting for the next command.
pub(super) enum Round {
    /// A line, with its end unless it is the last.
    Line(Vec<u8>),
    /// There are no more.
    End,
    /// The shell ended by itself.
    Ended(Ended),
}

impl Relay {
    /// Starts the shell that is called `argv0`.
    pub(super) fn start(argv0: &OsStr, options: &[OsString], arguments: &[OsString]) -> io::Result<Self> {
        let name = argv0.as_bytes().strip_prefix(b"-").unwrap_or(argv0.as_bytes());
        let program = run::find(OsStr::from_bytes(name), std::env::var_os(crate::env_vars::PATH).as_deref())?;
        let (text, commands) = io::pipe()?;
        let (done, said) = io::pipe()?;
        for end in [text.as_fd(), said.as_fd()] {
            if end.as_raw_fd() > MOST_DESCRIPTOR {
                return Err(io::Error::other("too many files are open"));
            }
            fcntl(end, FcntlArg::F_SETFD(FdFlag::empty()))?;
        }
        let caught = Some(Caught::catch(&CAUGHT)?);
        let child = Command::new(program)
            .arg0(argv0)
            .args(options.iter().filter_map(|word| without_stdin(word)))
            .arg(format!("/dev/fd/{}", text.as_raw_fd()))
            .args(arguments)
            .spawn()?;
        Ok(Self { child, commands: Some(commands), done, done_descriptor: said.as_raw_fd(), caught })
    }

    /// Waits for the next line of standard input; asks a terminal for it.
    pub(super) fn line(&mut self, is_first: bool) -> io::Result<Round> {
        let stdin = io::stdin();
        if is_first && io::IsTerminal::is_terminal(&stdin) {
            io::stderr().write_all(PROMPT)?;
        }
        let mut line = Vec::new();
        loop {
            if let Some(ended) = self.wait_for(stdin.as_fd())? {
                return Ok(Round::Ended(ended));
            }
            let mut byte = [0];
            match read(&stdin, &mut byte) {
                Ok(0) if line.is_empty() => return Ok(Round::End),
                Ok(0) => return Ok(Round::Line(line)),
                Ok(_) => line.extend(byte),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                // A terminal that is gone.
                Err(Errno::EIO) => return Ok(Round::End),
                Err(error) => return Err(error.into()),
            }
            if byte == *b"\n" {
                return Ok(Round::Line(line));
            }
        }
    }

    /// Has the shell run a command, and waits until it has; returns how the shell ended, if it did.
    pub(super) fn tell(&mut self, command: &[u8]) -> io::Result<Option<Ended>> {
        // By `eval`, so that the text is the shell's to read as a whole, mistakes included. The second
        // line leaves the status as it is.
        let mut text = [b"\\eval ", quoted(command).as_slice(), b"\n"].concat();
        text.extend(format!("(e=$?; printf . >&{}; exit $e)\n", self.done_descriptor).into_bytes());
        let told = self.commands.as_mut().map_or(Ok(()), |commands| commands.write_all(&text));
        if told.is_err() {
            return self.finish().map(Some);
        }
        let done = self.done.try_clone()?;
        let ended = self.wait_for(done.as_fd())?;
        if ended.is_none() && self.done.read(&mut [0])? == 0 {
            return self.finish().map(Some);
        }
        Ok(ended)
    }

    /// Tells the shell that there is no more, and waits for its end.
    pub(super) fn finish(&mut self) -> io::Result<Ended> {
        self.commands = None;
        loop {
            if let Some(ended) = self.look()? {
                return Ok(ended);
            }
            if let Some(caught) = &self.caught {
                self.pass_on(caught.wait()?);
            }
        }
    }

    /// Does something that may ask a person, given the directory where the shell is.
    pub(super) fn aside<T>(&mut self, act: impl FnOnce(Option<PathBuf>) -> T) -> io::Result<T> {
        self.caught = None;
        let done = act(self.directory());
        self.caught = Some(Caught::catch(&CAUGHT)?);
        Ok(done)
    }

    /// Returns the directory where the shell is, where the system tells.
    fn directory(&self) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/cwd", self.child.id())).ok()
    }

    /// Waits until there is something to read, or the shell has ended.
    fn wait_for(&mut self, source: BorrowedFd<'_>) -> io::Result<Option<Ended>> {
        loop {
            while let Some(arrival) = self.caught.as_ref().and_then(Caught::take) {
                self.pass_on(arrival);
            }
            let mut waiting = [PollFd::new(source, PollFlags::POLLIN)];
            match poll(&mut waiting, PollTimeout::from(LOOK)) {
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            if let Some(ended) = self.look()? {
                return Ok(Some(ended));
            }
        }
    }

    fn look(&mut self) -> io::Result<Option<Ended>> {
        Ok(self.child.try_wait()?.map(Ended::from))
    }

    fn pass_on(&self, arrival: crate::process::signals::Arrival) {
        let shell = Pid::from_raw(self.child.id().cast_signed());
        if run::is_for_child(arrival, shell) {
            let _ = kill(shell, arrival.signal);
        }
    }
}

/// Returns an option without what says that commands come from standard input: they come from a file.
fn without_stdin(option: &OsStr) -> Option<OsString> {
    let bytes = option.as_bytes();
    match bytes {
        b"-" | b"--" | b"-s" => None,
        [b'-', letter, ..] if *letter != b'-' => {
            Some(OsString::from_vec(bytes.iter().copied().filter(|byte| *byte != b's').collect()))
        }
        _ => Some(option.to_owned()),
    }
}
