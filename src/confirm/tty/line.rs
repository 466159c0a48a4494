//! The line a phrase is typed into, drawn by `dialoguer`.
//!
//! `dialoguer` reads keys through `console`, which takes them from standard input where that is a terminal
//! and otherwise opens `/dev/tty`, whichever terminal it was told to use. It waits without end, handles
//! neither Esc nor end of file, and raises `SIGINT` at Ctrl-C. So while the question is open, standard input
//! is a terminal made for it: a pty, fed from its other side with keys that have been filtered. What it does
//! to the modes of that terminal does not touch the person's. An Enter ends it at any time. Closing the other
//! side would not: where standard input is no longer a terminal, `console` opens the person's and changes its
//! modes.

use super::keys::{Key, MAX_TYPED};
use dialoguer::console::Term;
use dialoguer::theme::Theme;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, openpty};
use nix::sys::signal::SigSet;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::dup2_stdin;
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long `dialoguer` may take to end once it was told to. It takes longer only if the terminal
/// takes no output.
const PATIENCE: Duration = Duration::from_secs(2);

/// The line, until it is entered or dropped.
pub(super) struct Line {
    keys: File,
    entered: Receiver<String>,
    stdin: OwnedFd,
    /// How many characters it has.
    typed: usize,
}

impl Line {
    /// Draws an empty line on a terminal.
    pub(super) fn open(tty: &File) -> io::Result<Line> {
        let term = Term::read_write_pair(tty.try_clone()?, tty.try_clone()?);
        let OpenptyResult { master, slave } = openpty(None, None)?;
        fcntl(&master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        let mut modes = tcgetattr(&slave)?;
        cfmakeraw(&mut modes);
        tcsetattr(&slave, SetArg::TCSANOW, &modes)?;

        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        dup2_stdin(&slave)?;
        let (enter, entered) = sync_channel(1);
        let keys = File::from(master);
        // However long it takes to end, what it reads stays a terminal.
        let kept = keys.try_clone()?;
        let line = Line { keys, entered, stdin, typed: 0 };
        // Signals are for the thread that listens; here, one would end the line.
        let mask = SigSet::thread_get_mask()?;
        SigSet::all().thread_block()?;
        let drawn = thread::Builder::new().spawn(move || {
            if let Ok(text) = draw(&term) {
                let _ = enter.send(text);
            }
            drop(kept);
        });
        mask.thread_set_mask()?;
        drawn?;
        Ok(line)
    }

    /// Passes on a key that edits the line.
    pub(super) fn press(&mut self, key: Key) -> io::Result<()> {
        let keys = &mut self.keys;
        match key {
            Key::Typed(_) if self.typed >= MAX_TYPED => Ok(()),
            Key::Typed(c) => {
                self.typed += 1;
                keys.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())
            }
            Key::Erase => {
                self.typed = self.typed.saturating_sub(1);
                keys.write_all(b"\x7f")
            }
            Key::Left => keys.write_all(b"\x1b[D"),
            Key::Right => keys.write_all(b"\x1b[C"),
            Key::Enter => keys.write_all(b"\r"),
            _ => Ok(()),
        }
    }

    /// Ends the line and returns its text; nothing if it could not be read.
    pub(super) fn enter(&mut self) -> Option<String> {
        self.press(Key::Enter).ok()?;
        self.entered.recv_timeout(PATIENCE).ok()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.press(Key::Enter);
        loop {
            match self.entered.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                // It must never read what standard input was.
                Err(RecvTimeoutError::Timeout) => return,
            }
        }
        let _ = dup2_stdin(&self.stdin);
    }
}

fn draw(term: &Term) -> dialoguer::Result<String> {
    dialoguer::Input::with_theme(&Bare).allow_empty(true).interact_text_on(term)
}

/// A line that begins with `> ` and nothing else.
struct Bare;

impl Theme for Bare {
    fn format_input_prompt(&self, out: &mut dyn fmt::Write, _: &str, _: Option<&str>) -> fmt::Result {
        out.write_str("> ")
    }

    fn format_input_prompt_selection(&self, out: &mut dyn fmt::Write, _: &str, typed: &str) -> fmt::Result {
        write!(out, "> {typed}")
    }
}
