//! A reference that changes, as git tells a hook of it.

/// What the framework pre-commit says in place of git's own lines, which it keeps for itself.
const FRAMEWORK: [&str; 3] = ["PRE_COMMIT_REMOTE_BRANCH", "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"];

/// A reference that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Update {
    /// The whole name of the reference that changes: `refs/heads/main`.
    pub name: String,
    /// The object it names now.
    pub old: String,
    /// The object it will name.
    pub new: String,
}

/// What happens to a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is made.
    Made,
    /// It goes.
    Deleted,
    /// It names another object.
    Moved,
}

impl Update {
    /// Reads a line of `pre-push`: local name and object, remote name and object.
    pub(super) fn of_push(line: &str) -> Option<Self> {
        let mut words = line.rsplitn(4, ' ');
        let (old, name, new) = (words.next()?, words.next()?, words.next()?);
        Some(Self { name: name.to_owned(), old: old.to_owned(), new: new.to_owned() })
    }

    /// Reads a line of `reference-transaction`: old object, new object, name.
    pub(super) fn of_transaction(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (old, new, name) = (words.next()?, words.next()?, words.next()?);
        Some(Self { name: name.to_owned(), old: old.to_owned(), new: new.to_owned() })
    }

    /// Reads the variables of the framework pre-commit.
    pub(super) fn of_framework(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let [name, old, new] = FRAMEWORK.map(variable);
        Some(Self { name: name?, old: old?, new: new? })
    }

    /// Returns what happens to the reference.
    pub(super) fn kind(&self) -> Kind {
        if is_zero(&self.new) {
            Kind::Deleted
        } else if is_zero(&self.old) {
            Kind::Made
        } else {
            Kind::Moved
        }
    }

    /// Returns whether git said what the reference names.
    pub(super) fn old_is_known(&self) -> bool {
        !is_zero(&self.old)
    }

    pub(super) fn is_tag(&self) -> bool {
        self.name.starts_with("refs/tags/")
    }

    /// Returns the name as people write it.
    pub(super) fn name(&self) -> &str {
        self.name.strip_prefix("refs/heads/").unwrap_or(&self.name)
    }
}

/// Returns whether an object's name is the one that stands for none; with SHA-256 it is longer.
fn is_zero(object: &str) -> bool {
    !object.is_empty() && object.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";
    const SOME: &str = "d3486ae9136e7856bc42212385ea797094475802";

    #[test]
    fn lines_of_a_push() {
        let check = |line: String, name: &str, kind: Kind| {
            let update = Update::of_push(&line).unwrap();
            assert_eq!((update.name(), update.kind()), (name, kind), "{line}");
        };
        check(format!("refs/heads/x {SOME} refs/heads/main {ZERO}"), "main", Kind::Made);
        check(format!("refs/heads/x {SOME} refs/heads/main {SOME}"), "main", Kind::Moved);
        check(format!("(delete) {ZERO} refs/heads/old {SOME}"), "old", Kind::Deleted);
        // What was pushed may be any expression.
        check(format!("HEAD@{{1 day ago}} {SOME} refs/tags/v1 {SOME}"), "refs/tags/v1", Kind::Moved);
        assert_eq!(Update::of_push("too short"), None);
    }

    #[test]
    fn lines_of_a_transaction() {
        let update = Update::of_transaction(&format!("{ZERO} {ZERO} refs/heads/x")).unwrap();
        assert_eq!((update.kind(), update.old_is_known()), (Kind::Deleted, false));
        assert_eq!(Update::of_transaction(&format!("{ZERO} {SOME} HEAD")).unwrap().kind(), Kind::Made);
    }
}
