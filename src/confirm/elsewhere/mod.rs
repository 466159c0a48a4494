//! A question that cannot be put at the command's own terminal, and is answered from another.
//!
//! Under an agent there is no terminal, or one at which the agent may type. The question then becomes
//! a request, a file that tells a person what is asked. The answer is never a file. The
//! guard that would run the command and the guard at which a person has typed the phrase meet at a
//! socket beside the request, and the first looks up in the system who the other is: guard
//! itself, run by the same user, at a terminal of a person, with no agent above either. So there is
//! nothing to forge, to copy or to use twice; who writes files here gets no further.
//!
//! ```text
//! guard exec    writes the request, listens   ◀── connects ──   guard approve, the phrase was typed
//! guard exec    again, connects               ──────────────▶   guard approve, which kept the answer
//! a shim        behind a hook that had it, connects  ───────▶   guard approve, which vouches for it
//! ```
//!
//! Whoever holds the lock on the request listens; the kernel lets it go when that process ends,
//! however it ends. A request that nobody listens for loses nothing: the same command, started again,
//! listens anew or picks the answer up.

mod code;
mod exactly;
mod hearing;
mod moment;
mod notify;
mod person;
mod reply;
mod request;
mod store;
mod vouch;
mod wait;
mod wire;

pub use moment::{LIFE, Moment};
pub use person::{agent_at_terminal, alone, here as person_here};
pub use reply::{Kept, Reply, approve, deny};
pub use request::Request;
pub use store::Store;
pub(super) use store::code_of;
pub use vouch::{Case, vouched};
pub(super) use wait::{Waiting, ask};
