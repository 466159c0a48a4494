//! The ledger: what ran, what was asked, what was refused, and who answered.
//!
//! One file of JSON lines (`ledger.jsonl`, mode 0600 in a directory of mode 0700). Lines are only
//! ever added, under a lock, each in one write. Secrets are redacted before a line is made, so no
//! caller can forget to.
//!
//! # The chain
//!
//! ```text
//! {"n":7,"time":"…","what":"ran","command":"ls", … ,"prev":"<hash of line 6>","hash":"<hash of this line>"}
//! ```
//!
//! `n` counts lines from 1. `hash` seals everything before it in its line, so a changed line shows by
//! itself; `prev` repeats the hash of the line before, so a line that was taken out, moved, or
//! written anew with a fitting hash shows at its successor. What was cut from the end has no
//! successor, so `ledger.head` beside the ledger keeps the number and hash of the last line and the
//! length of the file. A writer goes on from the head, never from what happens to be left in the
//! ledger: a cut stays visible for ever as missing numbers.
//!
//! The first half of SHA-256 is kept, 128 bits. Replacing a line takes a second preimage (2^128 work); the
//! cheaper collision (2^64) requires choosing both lines before they are written, and somebody who can write
//! here could just as well rewrite the rest of the chain. That is also the chain's limit: it has no key, so
//! it reveals accidents and careless hands, not a patient forger with the same user id. Against such a
//! forger, ship the lines elsewhere.
//!
//! # Many files
//!
//! A full file is set aside under the lock, which is on the head, and a new one begun; `n` and `prev`
//! continue from the head. Readers read all files as one. Unknown fields are ignored.

mod book;
mod entry;
mod files;
mod follow;
mod head;
mod ledger;
mod line;
mod read;
pub mod redact;
mod time;
mod verify;

pub use book::{Book, Opened};
pub use entry::{Command, End, Entry, Person, RefusedBy, Subject};
pub use follow::{Read, follow};
pub use ledger::{Ledger, LedgerError, Receipt, default_path};
pub use line::{Answerer, By, Line, What};
pub use read::lines;
pub use time::Stamp;
pub use verify::{Fault, FaultKind, Verified, verify};
