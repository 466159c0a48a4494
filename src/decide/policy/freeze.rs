//! Hours in which nothing destructive runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use crate::clock;

/// The days of the week, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Hours that recur every week.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// The days on which they begin; every day where none is given.
    #[serde(default)]
    pub days: Vec<Weekday>,
    /// When they begin; at midnight where nothing is given.
    #[serde(default)]
    pub from: TimeOfDay,
    /// When they end; on the next day where that is not later than when they begin.
    #[serde(default)]
    pub to: TimeOfDay,
    /// The time zone: `local` where none is given, `UTC`, `+02:00`, `Europe/Berlin`.
    #[serde(default = "local")]
    pub zone: String,
    /// Why; shown when it refuses.
    #[serde(default)]
    pub because: Option<String>,
}

fn local() -> String {
    "local".to_owned()
}

/// A day of the week; Monday is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekday(usize);

impl<'de> Deserialize<'de> for Weekday {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        let day = DAYS.iter().position(|day| *day == word.to_lowercase());
        day.map(Self)
            .ok_or_else(|| de::Error::custom(format!("`{word}` is no day; days are {}", DAYS.join(", "))))
    }
}

/// A time of day in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeOfDay(i64);

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = || {
            let (hours, minutes) = text.split_once(':')?;
            let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
            ((0..=24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 3600 + minutes * 60)
        };
        read()
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is no time of day such as \"16:00\"")))
    }
}

/// The time, and the offsets of the zones of a policy from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Seconds since 1970 in UTC.
    pub at: i64,
    /// By zone, in seconds; a zone that cannot be read is not in it.
    pub zones: BTreeMap<String, i64>,
}

impl Freeze {
    /// Returns the hours in words if they apply now. Where the time cannot be determined, they apply.
    pub(super) fn holds(&self, now: &Now) -> Option<String> {
        let Some(offset) = now.zones.get(&self.zone) else {
            return Some(format!("because the time zone {} cannot be read", self.zone));
        };
        let (time, day) = clock::of_day(now.at + offset);
        let length = match (self.to.0 - self.from.0).rem_euclid(DAY) {
            0 => DAY,
            length => length,
        };
        // Since when the hours that began today, or yesterday, have run.
        let since = |began: usize, elapsed: i64| self.begins(began) && (0..length).contains(&elapsed);
        let holds = since(day, time - self.from.0) || since((day + 6) % 7, time + DAY - self.from.0);
        holds.then(|| self.shown())
    }

    fn begins(&self, day: usize) -> bool {
        self.days.is_empty() || self.days.contains(&Weekday(day))
    }

    fn shown(&self) -> String {
        let time = |time: TimeOfDay| format!("{:02}:{:02}", time.0 / 3600, time.0 / 60 % 60);
        let days: Vec<&str> = self.days.iter().map(|day| DAYS[day.0]).collect();
        let days = if days.is_empty() { "every day".to_owned() } else { days.join(", ") };
        let because = self.because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
        format!("from {} to {} ({days}, {}){because}", time(self.from), time(self.to), self.zone)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Sunday, 25 October 2026, 01:00 UTC.
    const SUNDAY: i64 = 1_792_890_000;

    fn check(freeze: &str, hours_after_sunday_1am: i64, expect: bool) {
        let freeze: Freeze = serde_yaml::from_str(freeze).unwrap();
        let zones = [("UTC", 0), ("+02:00", 7200)].map(|(zone, offset)| (zone.to_owned(), offset)).into();
        let now = Now { at: SUNDAY + hours_after_sunday_1am * 3600, zones };
        assert_eq!(freeze.holds(&now).is_some(), expect, "{freeze:?} {hours_after_sunday_1am}");
    }

    #[test]
    fn hours_hold_into_the_next_day() {
        // Friday 16:00 is 33 hours before.
        let evening = r#"{days: [fri], from: "16:00", to: "08:00", zone: UTC}"#;
        for (hours, expect) in [(-34, false), (-33, true), (-18, true), (-17, false), (0, false), (15, false)]
        {
            check(evening, hours, expect);
        }
        check(r#"{days: [fri], from: "16:00", to: "08:00", zone: "+02:00"}"#, -35, true);
        check("{days: [sun], zone: UTC}", 0, true);
        check("{days: [sat], zone: UTC}", 0, false);
        check(r#"{from: "00:30", to: "01:30", zone: UTC}"#, 0, true);
        check(r#"{from: "01:30", to: "00:30", zone: UTC}"#, 0, false);
        check(r#"{from: "02:00", to: "01:00", zone: UTC}"#, 0, false);
    }

    #[test]
    fn a_zone_that_cannot_be_read_freezes() {
        check("{zone: Mars/Base}", 0, true);
    }

    #[test]
    fn other_words_are_errors() {
        for text in ["{days: [someday]}", "{from: noon}", "{from: \"25:00\"}", "{until: 3}"] {
            assert!(serde_yaml::from_str::<Freeze>(text).is_err(), "{text}");
        }
    }
}
