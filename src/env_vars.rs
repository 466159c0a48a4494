//! The environment variables guard knows. All of them are here.
//!
//! None loosens a judgement: an agent sets its own environment. Variables that betray an agent are
//! data, in `shims/agents/markers.txt`.

use std::ffi::OsString;

/// Set to `1`: nobody is asked, and what would be asked is refused (as `--no-input`).
pub const NO_INPUT: &str = "GUARD_NO_INPUT";
/// Which diagnostics are written to stderr, as a filter.
pub const LOG: &str = "GUARD_LOG";
/// One more policy file, of which only the lines that tighten hold.
pub const EXTRA_POLICY: &str = "GUARD_EXTRA_POLICY";
/// Set for children to guard's version. Informational: nothing trusts it.
pub const ACTIVE: &str = "GUARD_ACTIVE";

/// Set and not empty: no colour (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// Set, not empty and not `0`: colour even where there is no terminal (<https://force-color.org>).
pub const FORCE_COLOR: &str = "FORCE_COLOR";
/// The kind of terminal; `dumb` has no colour.
pub const TERM: &str = "TERM";
/// The width of what is printed, where there is no terminal to ask.
pub const COLUMNS: &str = "COLUMNS";

/// The user's home directory.
pub const HOME: &str = "HOME";
/// Where programs are looked up.
pub const PATH: &str = "PATH";
/// Where the user's policy and rules are; `~/.config` if unset.
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Where trust and shims are kept; `~/.local/share` if unset.
pub const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
/// Where the ledger and waiting questions are kept; `~/.local/state` if unset.
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";

/// A variable, for the documents.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, as a lower-case fragment.
    pub meaning: &'static str,
}

/// Every variable, for the documents.
pub const ALL: &[Variable] = &[
    Variable { name: NO_INPUT, meaning: "`1`: ask nobody; refuse what would be asked" },
    Variable { name: LOG, meaning: "which diagnostics are written to stderr" },
    Variable { name: EXTRA_POLICY, meaning: "one more policy file, which can only tighten" },
    Variable { name: ACTIVE, meaning: "set for children to guard's version; nothing trusts it" },
    Variable { name: NO_COLOR, meaning: "not empty: no colour" },
    Variable { name: FORCE_COLOR, meaning: "not empty and not `0`: colour even without a terminal" },
    Variable { name: TERM, meaning: "`dumb`: no colour" },
    Variable { name: COLUMNS, meaning: "the width where there is no terminal" },
    Variable { name: HOME, meaning: "the user's home directory" },
    Variable { name: PATH, meaning: "where programs are looked up" },
    Variable { name: XDG_CONFIG_HOME, meaning: "the user's policy and rules; `~/.config`" },
    Variable { name: XDG_DATA_HOME, meaning: "trust and shims; `~/.local/share`" },
    Variable { name: XDG_STATE_HOME, meaning: "the ledger and waiting questions; `~/.local/state`" },
];

/// Returns the value of a variable; an empty one counts as unset.
pub fn get(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns whether the caller forbade asking anybody.
pub fn no_input() -> bool {
    get(NO_INPUT).is_some_and(|value| value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unset_variable_has_no_value() {
        assert_eq!(get("GUARD_SURELY_NOT_SET"), None);
    }

    #[test]
    fn every_variable_is_listed_once() {
        let mut names: Vec<_> = ALL.iter().map(|variable| variable.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        let source = include_str!("env_vars.rs");
        let constants =
            source.lines().filter(|line| line.starts_with("pub const") && line.contains("&str")).count();
        assert_eq!(constants, ALL.len());
    }
}
