//! The whole terminal, as a screen: taken when `guard watch` begins, and given back as it was however it
//! ends. It uses a handful of escape sequences that every terminal knows; no more is needed.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::panic;
use std::sync::Arc;

use dialoguer::console::Term;
use nix::libc;
use nix::sys::termios::{FlushArg, SetArg, Termios, cfmakeraw, tcflush, tcgetattr, tcsetattr};

/// Another page than the shell's, no line breaks of the terminal's own.
const ENTER: &str = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J";
/// Everything back.
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/// Rings.
const BELL: &str = "\x07";

/// What is on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// The rows from the top. They are safe, and no wider than the screen.
    pub(super) rows: Vec<String>,
    /// Where the cursor stands, row and column from 0; it is hidden without.
    pub(super) cursor: Option<(usize, usize)>,
}

/// The size of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// The terminal, drawn on.
pub(super) struct Screen {
    tty: File,
    before: Termios,
    drawn: Option<(Frame, Size)>,
    usual_hook: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn take(tty: File) -> io::Result<Self> {
        let before = tcgetattr(&tty)?;
        let usual_hook: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync> = panic::take_hook().into();
        let mut screen = Self { tty, before, drawn: None, usual_hook };
        // What a panic says must be on the page that is seen afterwards.
        let (tty, before) = (screen.tty.try_clone()?, libc::termios::from(screen.before.clone()));
        let usual = Arc::clone(&screen.usual_hook);
        panic::set_hook(Box::new(move |what| {
            give_back(&tty, &before.into());
            usual(what);
        }));
        screen.enter()?;
        Ok(screen)
    }

    /// Enters the page, anew after the process was stopped.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        let mut modes = self.before.clone();
        cfmakeraw(&mut modes);
        tcsetattr(&self.tty, SetArg::TCSADRAIN, &modes)?;
        self.drawn = None;
        self.tty.write_all(ENTER.as_bytes())
    }

    /// Leaves the page for as long as the process is stopped.
    pub(super) fn leave(&mut self) {
        give_back(&self.tty, &self.before);
    }

    /// Draws what differs from what is there.
    pub(super) fn draw(&mut self, frame: Frame, size: Size) -> io::Result<()> {
        let mut out = String::new();
        let old = match &self.drawn {
            Some((old, drawn)) if *drawn == size => old.clone(),
            _ => {
                out.push_str("\x1b[2J");
                Frame::default()
            }
        };
        let nothing = String::new();
        for row in 0..frame.rows.len().max(old.rows.len()).min(size.rows) {
            let new = frame.rows.get(row).unwrap_or(&nothing);
            if new != old.rows.get(row).unwrap_or(&nothing) {
                out.push_str(&format!("\x1b[{};1H{new}\x1b[K", row + 1));
            }
        }
        if !out.is_empty() || frame.cursor != old.cursor {
            let cursor = |(row, column)| format!("\x1b[{};{}H\x1b[?25h", row + 1, column + 1);
            out.push_str(&frame.cursor.map_or("\x1b[?25l".to_owned(), cursor));
            self.tty.write_all(format!("\x1b[?25l{out}").as_bytes())?;
        }
        self.drawn = Some((frame, size));
        Ok(())
    }

    /// Rings the terminal's bell.
    pub(super) fn ring(&mut self) -> io::Result<()> {
        self.tty.write_all(BELL.as_bytes())
    }

    /// Forgets what was typed and not yet read.
    pub(super) fn flush(&self) {
        let _ = tcflush(&self.tty, FlushArg::TCIFLUSH);
    }

    /// Returns the size of the terminal.
    pub(super) fn size(&self) -> Size {
        let term = self.tty.try_clone().and_then(|write| Ok((self.tty.try_clone()?, write)));
        let (rows, columns) =
            term.map_or((24, 80), |(read, write)| Term::read_write_pair(read, write).size());
        Size { rows: rows.into(), columns: columns.into() }
    }

    /// Reads what was typed: nothing if that is nothing, an error if the terminal is gone.
    pub(super) fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        match io::Read::read(&mut &self.tty, bytes) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            read => read,
        }
    }
}

impl AsFd for Screen {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tty.as_fd()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back(&self.tty, &self.before);
        // Where it panics, the hook that is there has done its work.
        if !std::thread::panicking() {
            let usual = Arc::clone(&self.usual_hook);
            panic::set_hook(Box::new(move |what| usual(what)));
        }
    }
}

fn give_back(mut tty: &File, before: &Termios) {
    let _ = tty.write_all(LEAVE.as_bytes());
    let _ = tcflush(tty, FlushArg::TCIFLUSH);
    let _ = tcsetattr(tty, SetArg::TCSANOW, before);
}
