//! Signals, caught and reported one by one.
//!
//! While guard asks or waits, a signal must neither kill it (the terminal would stay as the question left it,
//! the command would lose its parent) nor get lost. [`Caught`] turns signals into records that are read like
//! any other input. Its handler does one thing: it writes eight bytes to a pipe.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc::{c_int, c_uint, c_void, siginfo_t};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal};
use nix::unistd::{Pid, read, write};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicI32, Ordering};

/// The pipe's write end while signals are caught, else [`NO_PIPE`].
static PIPE: AtomicI32 = AtomicI32::new(NO_PIPE);
const NO_PIPE: c_int = -1;

/// The length of a record: the signal and the sender, both `c_int`.
const RECORD: usize = 2 * size_of::<c_int>();

/// A signal that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Which.
    pub signal: Signal,
    /// The process that sent it; none if the kernel did (Ctrl-C, a hang-up, a timer), which then sent
    /// it to the whole process group.
    pub sender: Option<Pid>,
}

/// Signals that are caught for as long as this lives. One at a time in a process.
#[derive(Debug)]
pub struct Caught {
    arrivals: PipeReader,
    _sink: PipeWriter,
    before: Vec<(Signal, SigAction)>,
}

impl Caught {
    /// Catches `signals`. One that was ignored when guard was started stays ignored, so that `nohup`
    /// and its like keep working; but not `SIGCHLD`, without which nobody can wait.
    pub fn catch(signals: &[Signal]) -> io::Result<Caught> {
        let (arrivals, sink) = io::pipe()?;
        fcntl(&arrivals, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        fcntl(&sink, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        if PIPE.compare_exchange(NO_PIPE, sink.as_raw_fd(), Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return Err(io::Error::other("signals are caught already"));
        }
        let mut caught = Caught { arrivals, _sink: sink, before: Vec::new() };
        for &signal in signals {
            let handler = SigAction::new(SigHandler::SigAction(note), SaFlags::SA_SIGINFO, SigSet::empty());
            // SAFETY: `note` does only what a handler may do.
            let before = unsafe { signal::sigaction(signal, &handler) }?;
            caught.before.push((signal, before));
            if matches!(before.handler(), SigHandler::SigIgn) && signal != Signal::SIGCHLD {
                // SAFETY: puts back what was in force a moment ago.
                unsafe { signal::sigaction(signal, &before) }?;
            }
        }
        Ok(caught)
    }

    /// Waits for the next signal.
    pub fn wait(&self) -> io::Result<Arrival> {
        loop {
            if let Some(arrival) = self.take() {
                return Ok(arrival);
            }
            let mut waiting = [PollFd::new(self.arrivals.as_fd(), PollFlags::POLLIN)];
            match poll(&mut waiting, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Returns the next signal if one has arrived.
    pub fn take(&self) -> Option<Arrival> {
        loop {
            let mut record = [0; RECORD];
            match read(&self.arrivals, &mut record) {
                Ok(RECORD) => {}
                Err(Errno::EINTR) => continue,
                _ => return None,
            }
            let (signal, sender) = record.split_at(RECORD / 2);
            let number = |bytes: &[u8]| bytes.try_into().map_or(0, c_int::from_ne_bytes);
            if let Ok(signal) = Signal::try_from(number(signal)) {
                let sender = Some(number(sender)).filter(|pid| *pid >= 0).map(Pid::from_raw);
                return Some(Arrival { signal, sender });
            }
        }
    }
}

impl AsFd for Caught {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.arrivals.as_fd()
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        for (signal, before) in self.before.iter().rev() {
            // SAFETY: puts back what was in force before.
            let _ = unsafe { signal::sigaction(*signal, before) };
        }
        PIPE.store(NO_PIPE, Ordering::SeqCst);
    }
}

/// Notes a signal in the pipe. If that is full, thousands are waiting there already.
extern "C" fn note(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
    let errno = Errno::last_raw();
    // SAFETY: with `SA_SIGINFO` the kernel passes a valid pointer.
    let sender = unsafe { info.as_ref() }.map_or(-1, sender);
    let mut record = [0; RECORD];
    record[..RECORD / 2].copy_from_slice(&signal.to_ne_bytes());
    record[RECORD / 2..].copy_from_slice(&sender.to_ne_bytes());
    let pipe = PIPE.load(Ordering::SeqCst);
    if pipe != NO_PIPE {
        // SAFETY: the pipe is open for as long as its number stands in `PIPE`.
        let _ = write(unsafe { BorrowedFd::borrow_raw(pipe) }, &record);
    }
    Errno::set_raw(errno);
}

/// Returns the process that sent a signal, or -1 if the kernel did. A process in another namespace
/// counts as process 0.
fn sender(info: &siginfo_t) -> c_int {
    // SAFETY: every member of the union is plain numbers; for a signal that a process sent, this one
    // is the sender.
    let pid = unsafe { info.si_pid() };
    #[cfg(target_os = "linux")]
    let from_process = info.si_code <= 0;
    #[cfg(not(target_os = "linux"))]
    let from_process = pid != 0;
    if from_process { pid } else { -1 }
}

/// Lets a program that is about to be started run for at most so many seconds, in a session of its own.
/// The system sees to that, also after guard has gone: an alarm outlives `execve`.
pub fn bound(command: &mut Command, seconds: c_uint) -> &mut Command {
    let before = move || {
        nix::unistd::setsid()?;
        // SAFETY: no handler is involved.
        unsafe { signal::signal(Signal::SIGALRM, SigHandler::SigDfl) }?;
        nix::unistd::alarm::set(seconds);
        Ok(())
    };
    // SAFETY: between fork and exec only system calls are made.
    unsafe { command.pre_exec(before) }
}

/// Lets a write to a pipe that nobody reads end guard, as it ends whatever else only prints.
pub fn heed_broken_pipes() {
    // SAFETY: no handler is involved.
    let _ = unsafe { signal::signal(Signal::SIGPIPE, SigHandler::SigDfl) };
}

/// Has a program that is about to be started ignore that a pipe breaks, as the standard library does not let it.
pub fn ignore_broken_pipes(command: &mut Command) {
    let before = || {
        // SAFETY: no handler is involved.
        unsafe { signal::signal(Signal::SIGPIPE, SigHandler::SigIgn) }?;
        Ok(())
    };
    // SAFETY: before exec only system calls are made.
    unsafe { command.pre_exec(before) };
}

/// Sends this thread a signal and lets it do what it does by default: end or stop the process. What
/// was in force comes back if the process lives on.
pub fn raise_default(signal: Signal) -> io::Result<()> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    let only = SigSet::from(signal);
    let mut mask = SigSet::empty();
    // SAFETY: the default action calls no code of ours. Of `SIGKILL` and `SIGSTOP` the kernel does
    // not let it be set, nor need it be.
    let before = unsafe { signal::sigaction(signal, &default) };
    signal::sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&only), Some(&mut mask))?;
    signal::raise(signal)?;
    signal::sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?;
    if let Ok(before) = before {
        // SAFETY: puts back what was in force before.
        unsafe { signal::sigaction(signal, &before) }?;
    }
    Ok(())
}
