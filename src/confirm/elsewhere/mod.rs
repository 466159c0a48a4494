//! A question that cannot be asked at the command's own terminal and is answered at another.
//!
//! Under an agent there is no terminal, or one at which the agent may type. The question then becomes a
//! request: a file that describes it to a person. The answer is never a file. The guard that would run the
//! command and the guard at which a person typed the phrase meet at a socket beside the request, and the
//! first asks the system who the other is: guard itself, run by the same user, at a person's terminal, with
//! no agent above either. So there is nothing to forge, to copy or to use twice, and writing files here gains
//! nothing.
//!
//! ```text
//! guard exec    writes the request, listens   ◀── connects ──   guard approve, the phrase was typed
//! guard exec    again, connects               ──────────────▶   guard approve, which kept the answer
//! a shim        behind a hook that had it, connects  ───────▶   guard approve, which vouches for it
//! ```
//!
//! Whoever holds the lock on the request listens, and the kernel releases the lock however that process ends.
//! A request that nobody listens for is not lost: the same command, started again, listens anew or picks up
//! the answer.

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
