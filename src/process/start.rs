//! The start of this program, in place of the standard library's own.
//!
//! That one prepares for a stack that overflows, and with glibc reads `/proc/self/maps` for it: both take longer than
//! to judge a harmless command. Guard does what it needs itself, and so knows how it was started: the program that it
//! becomes gets what guard got.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::fd::{BorrowedFd, IntoRawFd as _, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::OnceLock;

use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, SigHandler, Signal};
use nix::sys::stat::Mode;

use crate::exit::Exit;

/// How this process was started, where it began here.
static STARTED: OnceLock<Started> = OnceLock::new();

struct Started {
    words: Vec<OsString>,
    ignored_broken_pipes: bool,
}

/// Begins this process. To write to a pipe that nobody reads fails from now on, instead of ending guard.
///
/// # Safety
///
/// The arguments are those of C's `main`.
pub unsafe fn begin(count: c_int, words: *const *const c_char) {
    occupy_closed_streams();
    // SAFETY: no handler is involved. It cannot fail for a signal that may be ignored.
    let before = unsafe { signal::signal(Signal::SIGPIPE, SigHandler::SigIgn) };
    let word = |at: usize| {
        // SAFETY: there are `count` pointers, each to a text that ends with a zero byte and lives as long as the process.
        let word = unsafe { CStr::from_ptr(*words.add(at)) };
        OsStr::from_bytes(word.to_bytes()).to_owned()
    };
    let words = (0..usize::try_from(count).unwrap_or_default()).map(word).collect();
    let _ = STARTED.set(Started { words, ignored_broken_pipes: matches!(before, Ok(SigHandler::SigIgn)) });
}

/// Returns the arguments, beginning with the name by which this program was called.
pub fn words() -> &'static [OsString] {
    &started().words
}

/// Returns the path by which the kernel found this program, where it tells.
#[cfg(target_os = "linux")]
pub fn found_as() -> Option<&'static OsStr> {
    // SAFETY: nothing is passed but a number.
    let path = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const c_char;
    // SAFETY: the kernel puts a text there that ends with a zero byte and lives as long as the process.
    (!path.is_null()).then(|| OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()))
}

/// Returns the path by which the kernel found this program, where it tells.
#[cfg(not(target_os = "linux"))]
pub fn found_as() -> Option<&'static OsStr> {
    None
}

/// Returns whether whoever started this process had it ignore that a pipe broke; where the standard library starts it,
/// nobody can know.
pub fn ignored_broken_pipes() -> bool {
    started().ignored_broken_pipes
}

fn started() -> &'static Started {
    STARTED.get_or_init(|| Started { words: std::env::args_os().collect(), ignored_broken_pipes: false })
}

/// Puts `/dev/null` where a caller closed a standard stream: the next file that guard opens would take its place, and
/// get what is meant for a person. The programs that guard starts find it closed as it was.
fn occupy_closed_streams() {
    const STREAMS: [RawFd; 3] = [0, 1, 2];
    // SAFETY: that it may be closed is what is asked; nothing else is done with it.
    let stream = |stream| PollFd::new(unsafe { BorrowedFd::borrow_raw(stream) }, PollFlags::empty());
    let mut streams = STREAMS.map(stream);
    let _ = poll(&mut streams, PollTimeout::ZERO);
    let closed = |stream: &PollFd<'_>| stream.revents().is_none_or(|is| is.contains(PollFlags::POLLNVAL));
    for _ in streams.iter().filter(|stream| closed(stream)) {
        // The lowest number that is free is given out.
        match open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty()) {
            Ok(null) => _ = null.into_raw_fd(),
            Err(_) => std::process::exit(Exit::Broken as i32),
        }
    }
}
