//! `before:` in a policy: what is saved before a command runs, how much and for how long.
//!
//! ```yaml
//! before:
//!   trash: {size: 2 GiB, age: 14d}
//!   git-stash: off
//!   untracked: {size: 256 MiB, age: 7d}
//!   unkept: refuse
//! ```
//!
//! `untracked` bounds what is kept although no rule asks for it. It and the keepers are on unless every layer
//! that mentions one turns it off. A project's file can neither turn one off nor choose how much of a
//! person's disk is used; of its lines only `unkept` counts, and only where it is stricter.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::Do;
use crate::rulebook::format::Keeper;
use crate::text::{duration, quantity};

/// How much is kept where no policy says otherwise, in bytes.
pub const SIZE: u64 = 2 << 30;

/// How long it is kept where no policy says otherwise.
pub const AGE: Duration = Duration::from_secs(14 * 86_400);

/// How much is kept of what nobody is asked about, where no policy says otherwise, in bytes.
pub const UNASKED_SIZE: u64 = 256 << 20;

/// How long that is kept where no policy says otherwise.
pub const UNASKED_AGE: Duration = Duration::from_secs(7 * 86_400);

/// The part of a policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Before {
    /// What is done where something cannot be saved although a rule says that it should be.
    pub unkept: Option<Do>,
    /// The bounds for files that git could not restore and that commands remove or overwrite without a
    /// question.
    pub untracked: Option<Bounds>,
    /// The bounds for each keeper. An unknown name is an error, since it is not a variant.
    #[serde(flatten, deserialize_with = "super::unique::map")]
    pub keepers: BTreeMap<Keeper, Bounds>,
}

/// What a policy says about a keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// It saves nothing.
    Off,
    /// It saves this much, for this long; what is left out has its default.
    At {
        /// The most that is kept, in bytes.
        size: Option<u64>,
        /// For how long.
        age: Option<Duration>,
    },
}

impl<'de> Deserialize<'de> for Bounds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Said {
            Word(String),
            Limits(Limits),
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Limits {
            size: Option<String>,
            age: Option<String>,
        }
        const EXPECTED: &str = "expected `off` or bounds such as `{size: 2 GiB, age: 14d}`";
        let wrong = || de::Error::custom(EXPECTED);
        match Said::deserialize(from).map_err(|_| wrong())? {
            Said::Word(word) if word == "off" => Ok(Self::Off),
            Said::Word(_) => Err(wrong()),
            Said::Limits(limits) => Ok(Self::At {
                size: limits.size.map(|text| size(&text).ok_or_else(wrong)).transpose()?,
                age: limits.age.map(|text| duration(&text).ok_or_else(wrong)).transpose()?,
            }),
        }
    }
}

/// Reads `2 GiB`, `500 MB`, `64 kB`.
fn size(text: &str) -> Option<u64> {
    let (count, unit) = quantity(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1000 * 1000,
        "gb" => 1000 * 1000 * 1000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    count.checked_mul(factor)
}

/// What is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    keepers: BTreeMap<Keeper, Bounds>,
    untracked: Option<Bounds>,
    /// What is done where something that should be saved cannot be.
    pub unkept: Do,
}

impl Kept {
    /// Where several layers bound a keeper, the largest bound counts.
    pub(super) fn of<'a>(layers: impl Iterator<Item = &'a Before>, unkept: Do) -> Self {
        let mut kept = Self { keepers: BTreeMap::new(), untracked: None, unkept };
        for before in layers {
            for (keeper, bounds) in &before.keepers {
                let known = kept.keepers.get(keeper).copied();
                kept.keepers.insert(*keeper, most(known, *bounds, USUAL));
            }
            kept.untracked =
                before.untracked.map(|bounds| most(kept.untracked, bounds, UNASKED)).or(kept.untracked);
        }
        kept
    }

    /// Returns how much a keeper keeps, in bytes, and for how long; `None` where it is off.
    pub fn bounds(&self, keeper: Keeper) -> Option<(u64, Duration)> {
        in_force(self.keepers.get(&keeper).copied(), USUAL)
    }

    /// Returns the same for what is kept without a question.
    pub fn untracked(&self) -> Option<(u64, Duration)> {
        in_force(self.untracked, UNASKED)
    }
}

/// The default size and age.
type Usual = (u64, Duration);

const USUAL: Usual = (SIZE, AGE);
const UNASKED: Usual = (UNASKED_SIZE, UNASKED_AGE);

fn in_force(bounds: Option<Bounds>, (usual_size, usual_age): Usual) -> Option<(u64, Duration)> {
    match bounds {
        Some(Bounds::Off) => None,
        Some(Bounds::At { size, age }) => Some((size.unwrap_or(usual_size), age.unwrap_or(usual_age))),
        None => Some((usual_size, usual_age)),
    }
}

fn most(known: Option<Bounds>, said: Bounds, usual: Usual) -> Bounds {
    let known = known.and_then(|known| in_force(Some(known), usual));
    match (known, in_force(Some(said), usual)) {
        (Some((size, age)), Some((more, longer))) => {
            Bounds::At { size: Some(size.max(more)), age: Some(age.max(longer)) }
        }
        (Some((size, age)), None) => Bounds::At { size: Some(size), age: Some(age) },
        (None, _) => said,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Layer, Policy};
    use super::*;

    fn check(layers: &[(Layer, &str)], keeper: Keeper, expect: Option<(u64, u64)>) {
        let bounds = Policy::of(layers).before().bounds(keeper);
        assert_eq!(bounds.map(|(size, age)| (size, age.as_secs() / 3600)), expect, "{layers:?}");
    }

    #[test]
    fn the_most_that_a_layer_asks_for_is_kept_and_a_project_turns_nothing_off() {
        let usual = Some((SIZE, 14 * 24));
        check(&[], Keeper::Trash, usual);
        check(&[(Layer::User, "before: {trash: off}")], Keeper::Trash, None);
        check(&[(Layer::User, "before: {trash: off}")], Keeper::GitHead, usual);
        check(&[(Layer::Project, "before: {trash: off}")], Keeper::Trash, usual);
        check(&[(Layer::Project, "before: {trash: {size: 900 GiB}}")], Keeper::Trash, usual);
        check(&[(Layer::User, "before: {trash: {size: 3 kB, age: 6h}}")], Keeper::Trash, Some((3000, 6)));
        let system = (Layer::System, "before: {trash: {size: 1 MiB, age: 2d}}");
        check(&[(Layer::User, "before: {trash: off}"), system], Keeper::Trash, Some((1 << 20, 48)));
        let more = (Layer::User, "before: {trash: {size: 2 MiB, age: 1h}}");
        check(&[more, system], Keeper::Trash, Some((2 << 20, 48)));
    }

    #[test]
    fn what_nobody_is_asked_about_has_bounds_of_its_own() {
        let check = |layers: &[(Layer, &str)], expect: Option<(u64, u64)>| {
            let bounds = Policy::of(layers).before().untracked();
            assert_eq!(bounds.map(|(size, age)| (size, age.as_secs() / 3600)), expect, "{layers:?}");
        };
        check(&[], Some((UNASKED_SIZE, 7 * 24)));
        check(&[(Layer::User, "before: {untracked: off}")], None);
        check(&[(Layer::Project, "before: {untracked: off}")], Some((UNASKED_SIZE, 7 * 24)));
        check(&[(Layer::User, "before: {untracked: {age: 6h}}")], Some((UNASKED_SIZE, 6)));
        check(&[(Layer::User, "before: {trash: off}")], Some((UNASKED_SIZE, 7 * 24)));
        let system = (Layer::System, "before: {untracked: {size: 1 MiB}}");
        check(&[(Layer::User, "before: {untracked: off}"), system], Some((1 << 20, 7 * 24)));
        check(&[system, (Layer::User, "before: {untracked: off}")], Some((1 << 20, 7 * 24)));
    }

    #[test]
    fn what_cannot_be_kept_is_asked_about_and_only_a_person_loosens_that() {
        let check = |layers: &[(Layer, &str)], expect| assert_eq!(Policy::of(layers).before().unkept, expect);
        check(&[], Do::Confirm);
        check(&[(Layer::User, "before: {unkept: run}")], Do::Run);
        check(&[(Layer::Project, "before: {unkept: run}")], Do::Confirm);
        check(&[(Layer::Project, "before: {unkept: refuse}")], Do::Refuse);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for wrong in
            ["{trash: on}", "{trash: {size: much}}", "{trash: {age: 14}}", "{bin: off}", "{trash: 3}"]
        {
            let read: Result<super::super::File, _> = serde_yaml::from_str(&format!("before: {wrong}"));
            assert!(read.is_err(), "{wrong}");
        }
    }
}
