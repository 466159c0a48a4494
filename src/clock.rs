//! The local time, for policies that name hours in which nothing destructive runs.
//!
//! The rules of a time zone are read from the system's database (`/usr/share/zoneinfo`), as everybody else's
//! are. A zone that cannot be read yields no time, and the caller must then take the safe side.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::world::World;

/// Where the rules of time zones are.
const ZONES: &str = "/usr/share/zoneinfo";

/// The rules of this machine's own zone.
const OWN: &str = "/etc/localtime";

/// The largest file of a zone's rules, in bytes.
const LARGEST: usize = 64 * 1024;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Returns the seconds since 1970 in UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Returns how far a zone is ahead of UTC at a moment, in seconds. A zone is `local`, `UTC`, `+02:00`, or a name such as
/// `Europe/Berlin`; `None` where it is no zone or its rules cannot be read.
pub fn offset(zone: &str, at: i64, world: &dyn World) -> Option<i64> {
    if zone == "UTC" {
        return Some(0);
    }
    if zone.starts_with(['+', '-']) {
        return fixed(zone);
    }
    let path = if zone == "local" { Path::new(OWN).to_owned() } else { Path::new(ZONES).join(zone) };
    let is_name = zone.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let (bytes, whole) = world.read(&path, LARGEST).ok().filter(|_| is_name)?;
    if whole { by_rules(&bytes, at) } else { None }
}

/// Returns the time of day in seconds and the weekday (Monday is 0) of local seconds.
pub fn of_day(local: i64) -> (i64, usize) {
    let days = local.div_euclid(DAY);
    // 1 January 1970 was a Thursday.
    (local.rem_euclid(DAY), usize::try_from((days + 3).rem_euclid(7)).unwrap_or(0))
}

fn fixed(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60 && hours >= 0 && minutes >= 0)
        .then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads a compiled zone (RFC 9636).
fn by_rules(bytes: &[u8], at: i64) -> Option<i64> {
    let first = Block::at(bytes, 0, 4)?;
    // What version 2 has behind the first block says the same for all times.
    let block = if bytes.get(4)? >= &b'2' { Block::at(bytes, first.end, 8)? } else { first };
    let count = block.transitions;
    let time = |nth: usize| {
        let start = block.start + nth * block.width;
        let raw = bytes.get(start..start + block.width)?;
        Some(if block.width == 8 {
            i64::from_be_bytes(raw.try_into().ok()?)
        } else {
            i64::from(i32::from_be_bytes(raw.try_into().ok()?))
        })
    };
    let passed = (0..count).take_while(|nth| time(*nth).is_some_and(|time| time <= at)).count();
    if passed == count && block.width == 8 {
        let rule = std::str::from_utf8(bytes.get(block.end..)?).ok()?.trim();
        if let Some(offset) = by_rule(rule, at) {
            return Some(offset);
        }
    }
    let kinds = block.start + count * block.width;
    let kind = match passed {
        0 => 0,
        passed => usize::from(*bytes.get(kinds + passed - 1)?),
    };
    let record = kinds + count + kind * 6;
    Some(i64::from(i32::from_be_bytes(bytes.get(record..record + 4)?.try_into().ok()?)))
}

/// Where things are in a block of a compiled zone.
struct Block {
    start: usize,
    width: usize,
    transitions: usize,
    end: usize,
}

impl Block {
    fn at(bytes: &[u8], at: usize, width: usize) -> Option<Self> {
        (bytes.get(at..at + 4)? == b"TZif").then_some(())?;
        let number = |nth: usize| {
            let start = at + 20 + nth * 4;
            usize::try_from(u32::from_be_bytes(bytes.get(start..start + 4)?.try_into().ok()?)).ok()
        };
        let (utc, standard, leaps, transitions, kinds, letters) =
            (number(0)?, number(1)?, number(2)?, number(3)?, number(4)?, number(5)?);
        let start = at + 44;
        let end =
            start + transitions * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + standard + utc;
        (end <= bytes.len()).then_some(Self { start, width, transitions, end })
    }
}

/// Reads a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`, which holds after the last transition.
fn by_rule(rule: &str, at: i64) -> Option<i64> {
    let (names, changes) =
        rule.split_once(',').map_or((rule, None), |(names, changes)| (names, Some(changes)));
    let (standard, rest) = hours(after_name(names)?)?;
    let standard = -standard;
    let (Some(changes), Some(rest)) = (changes, after_name(rest)) else { return Some(standard) };
    let summer = hours(rest).map_or(standard + 3600, |(hours, _)| -hours);
    let (begins, ends) = changes.split_once(',')?;
    let year = year_of(at + standard);
    let begins = change(begins, year)? - standard;
    let ends = change(ends, year)? - summer;
    let is_summer = if begins < ends { at >= begins && at < ends } else { at >= begins || at < ends };
    Some(if is_summer { summer } else { standard })
}

/// Returns what follows the name of a zone.
fn after_name(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('<') {
        return Some(rest.split_once('>')?.1);
    }
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    (end > 0).then(|| &text[end..])
}

/// Reads `-1`, `5:30` or `3` and returns the seconds and what follows.
fn hours(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | ':')).unwrap_or(text.len());
    let (own, rest) = text.split_at(end);
    let (sign, own) = match own.strip_prefix('-') {
        Some(own) => (-1, own),
        None => (1, own.trim_start_matches('+')),
    };
    let mut seconds = 0;
    for (part, worth) in own.split(':').zip([3600, 60, 1]) {
        seconds += part.parse::<i64>().ok().filter(|part| *part <= 167)? * worth;
    }
    Some((sign * seconds, rest))
}

/// Returns the local seconds of a change such as `M10.5.0/3` in a year.
fn change(text: &str, year: i64) -> Option<i64> {
    let (day, time) = text.split_once('/').map_or((text, "2"), |(day, time)| (day, time));
    let mut parts = day.strip_prefix('M')?.split('.').map(|part| part.parse::<i64>().ok());
    let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=5).contains(&week) || !(0..=6).contains(&weekday) {
        return None;
    }
    let first = days(year, month, 1);
    // Sunday is 0 here; 1 January 1970 was a Thursday.
    let ahead = (weekday - (first + 4).rem_euclid(7)).rem_euclid(7);
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    let mut day = first + ahead + (week - 1) * 7;
    if day >= next {
        day -= 7;
    }
    Some(day * DAY + hours(time)?.0)
}

/// Returns the day of a date, from 1 January 1970.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years from March, so that the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

fn year_of(local: i64) -> i64 {
    let day = local.div_euclid(DAY);
    let guess = 1970 + day.div_euclid(366);
    (guess..).take_while(|year| days(*year, 1, 1) <= day).last().unwrap_or(guess)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::world::{Machine, MadeUp};

    #[test]
    fn times_are_read_by_the_rules_of_a_zone() {
        let rule = "CET-1CEST,M3.5.0,M10.5.0/3";
        // 2026: summer from 29 March 01:00 UTC to 25 October 01:00 UTC.
        let check = |at, expect| assert_eq!(by_rule(rule, at), Some(expect), "{at}");
        check(1_774_746_000 - 1, 3600);
        check(1_774_746_000, 7200);
        check(1_792_890_000 - 1, 7200);
        check(1_792_890_000, 3600);
        assert_eq!(by_rule("<+0530>-5:30", 0), Some(19_800));
        // Where it is summer at the turn of the year.
        assert_eq!(by_rule("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_767_225_600), Some(39_600));
        for hostile in ["", "X", "CET-1CEST,M99.9.9,M1.1.1", "CET-999999999999999999999", "<", ",,,"] {
            by_rule(hostile, 0);
        }
    }

    #[test]
    fn zones_are_found_or_not() {
        let world = MadeUp::default();
        assert_eq!(offset("UTC", 0, &world), Some(0));
        assert_eq!(offset("+05:30", 0, &world), Some(19_800));
        for wrong in ["Europe/Nowhere", "../etc/passwd", "+99:00", "-é:1", ""] {
            assert_eq!(offset(wrong, 0, &world), None, "{wrong}");
        }
        // Where the machine has the database, its times are the rule's.
        if let Some(found) = offset("Europe/Berlin", 1_792_890_000, &Machine) {
            assert_eq!(found, 3600);
            assert_eq!(offset("Europe/Berlin", 1_792_889_999, &Machine), Some(7200));
        }
    }

    #[test]
    fn damaged_rules_are_no_rules() {
        for bytes in [
            &b"TZif2"[..],
            &[0xff; 200],
            b"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(by_rules(bytes, 0), None);
        }
    }

    #[test]
    fn weekdays() {
        assert_eq!(of_day(1_792_890_000), (3600, 6));
    }
}
