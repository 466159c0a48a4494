//! The name of a request: short, easy to read out, hard to mistake.

use std::io;

use crate::random::random;

/// Letters and digits that are not taken for one another, and that spell no words.
const SIGNS: &[u8; 24] = b"BCDFGHJKLMNPQRTVWXYZ3479";

/// How many a code has: 190 million codes, for at most some hundred requests at a time.
const LENGTH: usize = 6;

/// Returns a new code.
pub(super) fn new() -> io::Result<String> {
    let bytes: [u8; LENGTH] = random()?;
    // A code names and protects nothing, so it does no harm that some signs are a little likelier.
    Ok(bytes.iter().map(|byte| char::from(SIGNS[usize::from(*byte) % SIGNS.len()])).collect())
}

/// Reads a code as a person types it: `ktm-4rx` for `KTM4RX`.
pub(super) fn read(typed: &str) -> Option<String> {
    let code: String = typed.trim().chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let is_code = code.len() == LENGTH && code.bytes().all(|byte| SIGNS.contains(&byte));
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let check = |typed: &str, expect: Option<&str>| assert_eq!(read(typed).as_deref(), expect, "{typed}");
        check("KTM4RX", Some("KTM4RX"));
        check(" ktm-4rx\n", Some("KTM4RX"));
        check("KTM4R", None);
        check("KTM4R0", None);
        check("../../x", None);
        check("KTM4RXKTM4RX", None);
        check("", None);
    }

    #[test]
    fn a_new_code_can_be_read_and_is_new() {
        let (one, other) = (new().unwrap(), new().unwrap());
        assert_eq!(read(&one), Some(one.clone()));
        assert_ne!(one, other);
    }
}
