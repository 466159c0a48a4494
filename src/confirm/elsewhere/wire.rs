//! What the two guards say to each other: one line of JSON at a time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use serde::{Deserialize, Serialize};

use super::store::PATIENCE;
use crate::proof::Shown;

/// A longer message is none.
const LONGEST: u64 = 16 * 1024;

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
    pub(super) fn process(&self) -> io::Result<(u32, u32)> {
        let peer = getsockopt(&self.0, PeerCredentials)?;
        Ok((peer.pid().cast_unsigned(), peer.uid()))
    }

    /// Sends a message.
    pub(super) fn say(&mut self, message: &Message) -> io::Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }

    /// Waits longer for messages than a process takes to answer.
    pub(super) fn wait_for(&self, time: Duration) -> io::Result<()> {
        self.0.set_read_timeout(Some(time.max(Duration::from_millis(1))))
    }

    /// Returns whether the other side is still there, where it has nothing more to say.
    pub(super) fn is_there(&self) -> bool {
        let mut waiting = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        poll(&mut waiting, PollTimeout::ZERO) == Ok(0)
    }

    /// Waits for a message.
    pub(super) fn hear(&mut self) -> io::Result<Message> {
        let mut line = Vec::new();
        BufReader::new((&self.0).take(LONGEST)).read_until(b'\n', &mut line)?;
        Ok(serde_json::from_slice(&line)?)
    }
}
