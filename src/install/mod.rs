//! Sets doors up and takes them away again, byte for byte.
//!
//! A door says what it would change ([`plan`]); a person sees that and agrees; it is done ([`apply`])
//! and put on a receipt, by which it is undone ([`undo`]). What a user changed in between stays.
//! Every file is written whole or not at all ([`files`]).

mod agent;
pub mod apply;
mod block;
pub mod doors;
pub mod files;
mod git;
pub mod here;
mod merge;
mod path;
pub mod plan;
mod probe;
pub mod receipt;
mod shell;
mod switches;
pub mod undo;

pub use self::doors::{Door, Health, State};
pub use self::here::{Here, Scope};
pub use self::plan::{Change, Plan};
