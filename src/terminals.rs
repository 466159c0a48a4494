//! Terminals, and who holds their other side.
//!
//! A pseudoterminal has two sides. What appears to be typed on one is whatever somebody wrote to the other: a
//! terminal window, a multiplexer, `sshd`, or a script that plays a person. The system shows who holds the
//! other side, so guard looks.

use std::fs;
use std::path::Path;

use crate::ancestry;

/// The major number of the programs' side of pseudoterminals on Linux.
const PTY: u32 = 136;
/// The major number of consoles and serial lines on Linux.
const CONSOLE: u32 = 4;

/// The terminal that a process is controlled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// A pseudoterminal, by its number: `/dev/pts/3`.
    Pty(u32),
    /// The machine's own keyboard and screen, or a serial line, by its minor number.
    Console(u32),
}

impl Terminal {
    /// Returns the terminal's name as people know it.
    pub fn name(self) -> String {
        match self {
            Self::Pty(number) => format!("/dev/pts/{number}"),
            Self::Console(number @ 0..64) => format!("/dev/tty{number}"),
            Self::Console(number) => format!("/dev/ttyS{}", number - 64),
        }
    }
}

/// Returns the terminal that a process is controlled from; none if there is none or it is of another
/// kind.
pub fn of(pid: u32) -> Option<Terminal> {
    let device = ancestry::stat(&pid.to_string())?.terminal;
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xf_ff00);
    match major {
        PTY => Some(Terminal::Pty(minor)),
        CONSOLE => Some(Terminal::Console(minor)),
        _ => None,
    }
}

/// Returns the processes that are seen to hold the other side of a pseudoterminal. Processes of other
/// users do not show what they hold.
pub fn holders(number: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| holds(*pid, number)).collect()
}

fn holds(pid: u32, number: u32) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.filter_map(Result::ok).any(|file| {
        let is_other_side = fs::read_link(file.path()).is_ok_and(|target| target.ends_with("ptmx"));
        is_other_side
            && index(&Path::new("/proc").join(pid.to_string()).join("fdinfo").join(file.file_name()))
                == Some(number)
    })
}

/// Reads which pseudoterminal's other side a file is (`tty-index`, Linux 4.14).
fn index(info: &Path) -> Option<u32> {
    let info = fs::read_to_string(info).ok()?;
    info.lines().find_map(|line| line.strip_prefix("tty-index:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::test_process::{Seat, this_test};

    #[test]
    fn the_holder_of_a_terminal_is_found() {
        if crate::test_process::part().is_some() {
            let Some(Terminal::Pty(number)) = of(std::process::id()) else { return };
            println!("{:?} holds it", holders(number));
            return;
        }
        let mut seat = Seat::new();
        let mut command = crate::test_process::again(this_test!(), "sits");
        command.stdin(seat.stream()).stdout(seat.stream()).stderr(seat.stream());
        let _child = seat.start(&mut command);
        let seen = seat.sees("holds it");
        assert!(seen.contains(&std::process::id().to_string()), "{seen}");
    }

    #[test]
    fn terminals_have_their_usual_names() {
        assert_eq!(Terminal::Pty(3).name(), "/dev/pts/3");
        assert_eq!(Terminal::Console(1).name(), "/dev/tty1");
        assert_eq!(Terminal::Console(64).name(), "/dev/ttyS0");
    }
}
