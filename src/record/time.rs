//! Times as the ledger writes them.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, to the millisecond, that prints as RFC 3339 in UTC: `2026-11-22T01:40:00.123Z`.
///
/// The printed form has one width (until the year 10000), so printed moments sort like the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    millis: u64,
}

impl Stamp {
    /// Returns the present moment. A clock set before 1970 reads as 1970.
    pub fn now() -> Self {
        Self::from(crate::process::time::now())
    }

    /// Returns the moment `span` before this one, at the earliest the start of 1970.
    pub fn before(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)) }
    }
}

impl From<SystemTime> for Stamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { millis: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.millis / 1000, self.millis % 1000);
        let (year, month, day) = civil(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// Returns the Gregorian date of a day counted from 1 January 1970.
///
/// Years are counted from March, so that the leap day is the last of its year and every month but
/// the last has a fixed place: month `m` (March is 0) begins on day `(153 m + 2) / 5`.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468; // from 1 March of year 0
    const DAYS_IN_400_YEARS: u64 = 146_097;
    let days = days + DAYS_TO_1970;
    let (era, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / (DAYS_IN_400_YEARS - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let first = (153 * month + 2) / 5;
    let (after_december, calendar_month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (era * 400 + year + after_december, calendar_month, day - first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: u64, expect: &str) {
        assert_eq!(Stamp::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), expect);
    }

    // The expected dates are what `date -u -d @SECONDS` prints.
    #[test]
    fn dates() {
        check(0, "1970-01-01T00:00:00.000Z");
        check(68_169_599, "1972-02-28T23:59:59.000Z");
        check(68_169_600, "1972-02-29T00:00:00.000Z");
        check(951_782_400, "2000-02-29T00:00:00.000Z");
        check(951_868_800, "2000-03-01T00:00:00.000Z");
        check(1_709_164_800, "2024-02-29T00:00:00.000Z");
        check(1_767_225_599, "2025-12-31T23:59:59.000Z");
        check(1_767_225_600, "2026-01-01T00:00:00.000Z");
        check(1_795_311_600, "2026-11-22T01:40:00.000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000Z");
        check(4_107_456_000, "2100-02-28T00:00:00.000Z");
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let mut last = (1970, 1, 0);
        for day in 0..292_194 {
            let (y, m, d) = civil(day);
            let next_day = (y, m, d) == (last.0, last.1, last.2 + 1);
            let next_month = d == 1 && last.2 >= 28 && (y, m) == (last.0, last.1 + 1);
            let next_year = (m, d) == (1, 1) && last == (y - 1, 12, 31);
            assert!(next_day || next_month || next_year, "{last:?} then {:?}", (y, m, d));
            last = (y, m, d);
        }
        assert_eq!(last, (2769, 12, 31));
    }

    #[test]
    fn earlier_prints_lower() {
        let now = Stamp::from(UNIX_EPOCH + Duration::from_millis(1_795_311_600_005));
        assert_eq!(now.to_string(), "2026-11-22T01:40:00.005Z");
        assert_eq!(now.before(Duration::from_secs(3600)).to_string(), "2026-11-22T00:40:00.005Z");
        assert!(now.before(Duration::from_millis(6)).to_string() < now.to_string());
        assert_eq!(now.before(Duration::MAX).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
