//! Observing: a command that would be asked about runs, and is put on record.
//!
//! This is a way to try guard out, and while it lasts nothing is asked. So only a person may turn it on: no
//! flag and no variable does, a project's file cannot, and a user's counts only in the account's own
//! `~/.config/guard`, wherever the environment points. Guard's own files are asked about nevertheless, and
//! what policy refuses is refused.

use super::Policy;

/// The pack of rules about guard itself, which apply in any case.
pub const OWN_PACK: &str = "guard/";

impl Policy {
    /// Returns whether questions are only put on record: the user's or the system's policy says so, and no
    /// other policy revokes it.
    pub fn observes(&self) -> bool {
        let said = |wanted: bool| self.layers.iter().filter(move |(_, file)| file.observe == Some(wanted));
        said(true).any(|(layer, _)| layer.is_own()) && said(false).next().is_none()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Layer;
    use super::*;

    fn check(layers: &[(Layer, &str)], expect: bool) {
        assert_eq!(Policy::of(layers).observes(), expect, "{layers:?}");
    }

    #[test]
    fn the_user_or_the_system_begins_it_and_anybody_ends_it() {
        use Layer::{Named, Project, System, Trusted, User};
        check(&[], false);
        check(&[(User, "observe: true")], true);
        check(&[(System, "observe: true")], true);
        check(&[(Project, "observe: true")], false);
        check(&[(Trusted, "observe: true")], false);
        check(&[(Named, "observe: true")], false);
        check(&[(User, "observe: true"), (Project, "observe: false")], false);
        check(&[(User, "observe: true"), (System, "observe: false")], false);
        check(&[(User, "observe: true"), (Project, "at: {severe: confirm}")], true);
    }
}
