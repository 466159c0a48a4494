//! When a request was made, by two clocks.
//!
//! The wall clock can be set back, and then a request would live longer than it should; the boot
//! clock cannot, but says nothing across a restart. A request is too old when either says so.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// How long a request can be answered, and an answer picked up.
pub const LIFE: Duration = Duration::from_secs(15 * 60);

/// A moment by both clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Which run of the system, as the kernel names it.
    boot: String,
    /// Milliseconds since the system booted, sleep included.
    up: u64,
    /// Milliseconds since 1970.
    wall: u64,
}

impl Moment {
    /// Returns the present moment.
    pub fn now() -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let up = fs::read_to_string("/proc/uptime").unwrap_or_default();
        let seconds: f64 = up.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or_default();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            boot: boot.trim().to_owned(),
            up: millis(Duration::try_from_secs_f64(seconds).unwrap_or_default()),
            wall: millis(wall),
        }
    }

    /// Returns how much of its life is left at `now` to what was made at this moment.
    pub(super) fn left(&self, now: &Self) -> Duration {
        // Made after now, by the clock that cannot be set back: not by guard.
        if self.boot != now.boot || self.up > now.up {
            return Duration::ZERO;
        }
        let age = (now.up - self.up).max(now.wall.saturating_sub(self.wall));
        LIFE.saturating_sub(Duration::from_millis(age))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    /// Checks how many minutes are left after the clocks went on by so many minutes.
    fn check(up: i64, wall: i64, left: u64) {
        let made = Moment { boot: "a".to_owned(), up: 100 * MINUTE, wall: 1000 * MINUTE };
        let moved = |by: i64, from: u64| from.saturating_add_signed(by * 60_000);
        let now = Moment { boot: "a".to_owned(), up: moved(up, made.up), wall: moved(wall, made.wall) };
        assert_eq!(made.left(&now), Duration::from_secs(left * 60), "{up} {wall}");
    }

    #[test]
    fn the_clock_that_went_further_decides() {
        check(0, 0, 15);
        check(5, 5, 10);
        check(15, 15, 0);
        check(5, -600, 10); // set back
        check(15, -600, 0);
        check(1, 60, 0); // set forward
        check(1, 14, 1);
    }

    #[test]
    fn what_was_made_later_than_now_is_no_request() {
        check(-1, 0, 0);
        check(-1, -1, 0);
    }

    #[test]
    fn a_restart_ends_every_life() {
        let made = Moment { boot: "a".to_owned(), ..Moment::default() };
        assert_eq!(made.left(&Moment { boot: "b".to_owned(), ..Moment::default() }), Duration::ZERO);
        let now = Moment::now();
        assert!(now.up > 0 && now.wall > 0 && now.left(&Moment::now()) > LIFE / 2);
    }
}
