//! The account that guard runs as, as the system's list of users has it.
//!
//! `HOME` and the `XDG_…` variables say where a user's files are as well, but whoever starts a command
//! chooses them, and that may be an agent. So what only the user may decide is looked for by this.

use std::path::PathBuf;

use nix::unistd::{User, geteuid};

/// Returns the account's home; `None` where the system's list has none.
pub fn home() -> Option<PathBuf> {
    let home = User::from_uid(geteuid()).ok().flatten()?.dir;
    home.is_absolute().then_some(home)
}
