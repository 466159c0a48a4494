//! One-time codes: six digits from a seed and the time (RFC 6238, SHA-1, steps of 30 seconds).

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::digits::{base_32, unbase_32};

/// How long a code lasts, in seconds.
pub(super) const STEP: u64 = 30;

/// How many steps a clock may be off, either way.
const DRIFT: u64 = 1;

/// How many bytes a seed has: as many as the hash, as RFC 4226 recommends.
pub(super) const LENGTH: usize = 20;

/// The seed of somebody's codes. Whoever can read it can make the codes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Codes {
    seed: Seed,
}

/// A seed in base 32, gone from memory when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Seed(String);

impl Drop for Seed {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl std::fmt::Debug for Codes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Codes")
    }
}

impl Codes {
    /// Returns the codes of a seed.
    pub(super) fn new(seed: &[u8; LENGTH]) -> Self {
        Self { seed: Seed(base_32(seed)) }
    }

    /// Returns the step to which a typed code belongs, if it is one of those that count now.
    pub(super) fn step(&self, typed: &str, now: SystemTime) -> Option<u64> {
        let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs() / STEP;
        let typed: String = typed.chars().filter(|c| *c != ' ').collect();
        (now.saturating_sub(DRIFT)..=now + DRIFT)
            .find(|step| self.code(*step).is_some_and(|code| code == typed))
    }

    /// Returns the code of a step.
    pub(super) fn code(&self, step: u64) -> Option<String> {
        let seed = Zeroizing::new(unbase_32(&self.seed.0)?);
        code(&seed, step, 6)
    }

    /// Returns the address that authenticator programs read, from a picture or typed.
    pub(super) fn address(&self, name: &str) -> Zeroizing<String> {
        let seed = &self.seed.0;
        Zeroizing::new(format!("otpauth://totp/guard:{}?secret={seed}&issuer=guard", percent(name)))
    }
}

/// Returns the code of a step, by RFC 4226.
fn code(seed: &[u8], step: u64, digits: u32) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last()? & 15);
    let four: [u8; 4] = hash.get(at..at + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(digits);
    Some(format!("{number:0width$}", width = usize::try_from(digits).ok()?))
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SEED: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1.
        for (seconds, expect) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code(SEED, seconds / STEP, 8).unwrap(), expect, "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off() {
        let codes = Codes::new(SEED);
        let check =
            |typed: &str, seconds, expect| assert_eq!(codes.step(typed, at(seconds)), expect, "{seconds}");
        check("287082", 59, Some(1));
        check("287 082", 59, Some(1));
        check("287082", 29, Some(1));
        check("287082", 89, Some(1));
        check("287082", 90, None);
        check("287083", 59, None);
        check("", 59, None);
        check("287082287082", 59, None);
    }

    #[test]
    fn the_address_holds_no_blanks() {
        let address = Codes::new(SEED).address("Ada L&ve");
        assert_eq!(
            *address,
            "otpauth://totp/guard:Ada%20L%26ve?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=guard"
        );
    }

    #[test]
    fn a_seed_is_not_shown_by_accident() {
        assert_eq!(format!("{:?}", Codes::new(SEED)), "Codes");
    }
}
