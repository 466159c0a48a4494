//! The account that guard runs as, as the system's user database has it.
//!
//! `HOME` and the `XDG_…` variables also say where a user's files are, but whoever starts a command chooses
//! them, and that may be an agent. So anything that only the user may decide is looked up here instead.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::unistd::{User, geteuid};

/// Where systems list their users.
const USERS: &str = "/etc/passwd";

/// Returns the account's home; `None` where the system has none for it.
pub fn home() -> Option<&'static Path> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    HOME.get_or_init(look_up).as_deref()
}

/// Most accounts stand in the system's list; to have the C library ask whatever else knows of users takes longer than
/// everything that guard does for a harmless command.
fn look_up() -> Option<PathBuf> {
    let user = geteuid();
    let listed = std::fs::read_to_string(USERS).ok().and_then(|list| listed(&list, user.as_raw()));
    let home = listed.or_else(|| Some(User::from_uid(user).ok().flatten()?.dir))?;
    home.is_absolute().then_some(home)
}

/// Returns the home that a list of users has for an account.
fn listed(list: &str, user: u32) -> Option<PathBuf> {
    let id = user.to_string();
    list.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let is_it = fields.next() == Some(id.as_str());
        fields.nth(2).filter(|home| is_it && !home.is_empty()).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_users_says_where_a_home_is() {
        const LIST: &str = "root:x:0:0:root:/root:/bin/sh\n+nis\ndev:x:1000:1000:A, Dev:/home/dev:/bin/zsh\n\n10:x:7:1000::/x:\n";
        let check = |user, expect: Option<&str>| assert_eq!(listed(LIST, user), expect.map(PathBuf::from));
        check(0, Some("/root"));
        check(1000, Some("/home/dev"));
        check(10, None);
        check(1, None);
    }
}
