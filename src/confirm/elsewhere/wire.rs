//! The protocol between two guards: one line of JSON per message, and after the last one the credentials that
//! the question promised, which are in no line.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::store::PATIENCE;
use super::vouch::{Case, Vouched};
use crate::proof::Shown;
use crate::secret::{self, Opened};

/// The longest message in bytes: a command of 64 kB, byte by byte, and a question about it.
const LONGEST: u64 = 1024 * 1024;

/// A message. The digest is that of the request's file, as its speaker read or wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "lowercase")]
pub(super) enum Message {
    /// A run asks whoever listens for an answer.
    Run {
        /// The request.
        digest: String,
    },
    /// The phrase that a person typed.
    Answer {
        /// The request.
        digest: String,
        /// What was typed.
        phrase: String,
        /// The secret that was shown, where one is needed; it is not in here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Shown>,
    },
    /// A person refused.
    Deny {
        /// The request.
        digest: String,
        /// The person's reason; empty without one.
        because: String,
    },
    /// The answer stands, and a second person's is needed. It counts for as long as its giver stays.
    Held,
    /// Whoever kept an answer, and was told that it stands, listens no longer.
    Yielded,
    /// The answer was taken; the command runs, or does not.
    Taken,
    /// The answer was taken by a guard that leaves the command to others, behind whom it may meet another
    /// door: whoever answered is to stay and vouch for it there.
    Vouch {
        /// The command.
        case: Case,
    },
    /// Whoever answered stays from now on.
    Vouching,
    /// A door has met a command and asks for what somebody vouches.
    Met,
    /// What somebody vouches for.
    Vouched(Box<Vouched>),
    /// The door lets it through as these findings of the question, of which there are so many.
    Redeem {
        /// The findings.
        parts: BTreeSet<usize>,
        /// How many there are.
        of: usize,
    },
    /// The answer was not taken.
    Refused {
        /// Why, as a lower-case fragment.
        because: String,
    },
}

/// The other guard, or whoever connected.
#[derive(Debug)]
pub(super) struct Peer(UnixStream);

impl Peer {
    /// Returns the other side of a connection.
    pub(super) fn over(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Returns the process and the user at the other side, as the kernel noted them when they
    /// connected or began to listen.
    #[cfg(target_os = "linux")]
    pub(super) fn process(&self) -> io::Result<(u32, u32)> {
        let peer = nix::sys::socket::getsockopt(&self.0, nix::sys::socket::sockopt::PeerCredentials)?;
        Ok((peer.pid().cast_unsigned(), peer.uid()))
    }

    /// Other systems do not show what is above a process and who holds a terminal, so nobody can be
    /// told from an agent there and no answer from elsewhere counts.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn process(&self) -> io::Result<(u32, u32)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Sends a message.
    pub(super) fn say(&mut self, message: &Message) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }

    /// Returns whether the other side is still there, where it has nothing more to say.
    pub(super) fn is_there(&self) -> bool {
        let mut waiting = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        poll(&mut waiting, PollTimeout::ZERO) == Ok(0)
    }

    /// Waits for a message.
    pub(super) fn hear(&mut self) -> io::Result<Message> {
        let mut line = Vec::new();
        // Byte by byte, so that nothing of what follows a line is taken with it.
        let mut reader = BufReader::with_capacity(1, (&self.0).take(LONGEST));
        reader.read_until(b'\n', &mut line)?;
        Ok(serde_json::from_slice(&line)?)
    }

    /// Hands credentials over in the order of their names, which both sides know; an empty one stands for one that is
    /// not there.
    pub(super) fn hand(&mut self, names: &[&str], opened: &Opened) -> io::Result<()> {
        for name in names {
            let credential = opened.get(name).unwrap_or_default();
            let length = u16::try_from(credential.len()).map_err(io::Error::other)?;
            self.0.write_all(&length.to_be_bytes())?;
            self.0.write_all(credential)?;
        }
        Ok(())
    }

    /// Takes credentials that are handed over.
    pub(super) fn take(&mut self, names: &[&str]) -> io::Result<Opened> {
        let mut opened = Opened::default();
        for name in names {
            let mut length = [0; 2];
            self.0.read_exact(&mut length)?;
            let length = usize::from(u16::from_be_bytes(length));
            if length > secret::LONGEST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut credential = Zeroizing::new(vec![0; length]);
            self.0.read_exact(&mut credential)?;
            if !credential.is_empty() {
                opened.add(name, credential);
            }
        }
        Ok(opened)
    }
}

impl AsFd for Peer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
