//! A passphrase, and what is kept of it: a key that can verify that it was known, and nothing else.
//!
//! Argon2id turns the passphrase into the seed of a signing key (Ed25519); only the public half is kept.
//! Whoever knows the passphrase signs what the answer is for. So a guard under an agent can check an answer
//! itself without ever seeing the passphrase, anybody may read the file that it checks against, and a
//! signature that was seen once is of no use for anything else.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::digits::{hex, unhex};

/// What deriving a key costs: 64 MiB, passed over three times (RFC 9106, section 4, with one lane).
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;

/// A verifier that asks for more, in KiB or passes, was not written by guard.
const MOST_MEMORY: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;

/// How many bytes a salt has.
pub(super) const SALT: usize = 16;

/// The shortest passphrase, in characters.
const SHORTEST: usize = 8;

/// A passphrase that can be found in fewer tries is weak.
const FAIR: u128 = 1 << 55;

/// What a signature is over, so that it is for nothing else.
const PURPOSE: &[u8] = b"guard answer 1\0";

/// What separates the key for credentials from the one that signs.
const FOR_CREDENTIALS: &[u8] = b"guard credentials 1";

/// What is kept of a passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verifier {
    salt: String,
    /// The cost, as it was when this was made: KiB and passes.
    memory: u32,
    passes: u32,
    /// The public key.
    key: String,
}

impl Verifier {
    /// Makes the verifier of a new passphrase, and what that passphrase unlocks.
    pub(super) fn new(passphrase: &str, salt: [u8; SALT]) -> Result<(Self, Known), String> {
        let mut verifier = Self { salt: hex(&salt), memory: MEMORY, passes: PASSES, key: String::new() };
        let known = verifier.derive(passphrase)?;
        verifier.key = known.public();
        Ok((verifier, known))
    }

    /// Returns what a passphrase unlocks; `None` if it is the wrong one.
    pub(super) fn known(&self, passphrase: &str) -> Result<Option<Known>, String> {
        let known = self.derive(passphrase)?;
        Ok((known.public() == self.key).then_some(known))
    }

    /// Returns whether a signature of `what` is by this passphrase.
    pub(super) fn holds(&self, what: &str, signature: &str) -> bool {
        let key = unhex::<32>(&self.key).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        let signature = unhex::<64>(signature).map(|bytes| Signature::from_bytes(&bytes));
        let (Some(key), Some(signature)) = (key, signature) else { return false };
        key.verify_strict(&signed(what), &signature).is_ok()
    }

    fn derive(&self, passphrase: &str) -> Result<Known, String> {
        let damaged = || "what is enrolled is damaged".to_owned();
        let salt = unhex::<SALT>(&self.salt).ok_or_else(damaged)?;
        if self.memory > MOST_MEMORY || self.passes > MOST_PASSES {
            return Err(damaged());
        }
        let params = Params::new(self.memory, self.passes, 1, Some(32)).map_err(|_| damaged())?;
        let mut memory = vec![Block::default(); params.block_count()];
        let mut seed = Zeroizing::new([0; 32]);
        let made = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            passphrase.as_bytes(),
            &salt,
            &mut *seed,
            &mut memory,
        );
        memory.iter_mut().for_each(Zeroize::zeroize);
        made.map_err(|error| format!("the passphrase cannot be checked: {error}"))?;
        Ok(Known(seed))
    }
}

/// What the right passphrase unlocks: it signs, and it seals and opens credentials.
pub(super) struct Known(Zeroizing<[u8; 32]>);

impl Known {
    /// Signs `what`.
    pub(super) fn sign(&self, what: &str) -> String {
        hex(&SigningKey::from_bytes(&self.0).sign(&signed(what)).to_bytes())
    }

    /// Returns the key under which credentials are sealed. Neither of the two keys reveals anything about the
    /// other.
    pub(super) fn for_credentials(&self) -> Result<Zeroizing<[u8; 32]>, String> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.0).map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(mac.chain_update(FOR_CREDENTIALS).finalize().into_bytes().into()))
    }

    fn public(&self) -> String {
        hex(SigningKey::from_bytes(&self.0).verifying_key().as_bytes())
    }
}

fn signed(what: &str) -> Vec<u8> {
    [PURPOSE, what.as_bytes()].concat()
}

/// The verdict on a new passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// It is no passphrase.
    TooShort,
    /// It would be found by trying.
    Weak,
    /// It will do.
    Fair,
}

/// Returns the verdict on a new passphrase, by a rough estimate of how many tries it takes to find.
pub fn strength(passphrase: &str) -> Strength {
    let count = passphrase.chars().count();
    if count < SHORTEST {
        return Strength::TooShort;
    }
    let has = |kind: fn(char) -> bool| passphrase.chars().any(kind);
    let mut signs: u32 = 0;
    for (kind, size) in [
        (char::is_lowercase as fn(char) -> bool, 26),
        (char::is_uppercase, 26),
        (|c| c.is_ascii_digit(), 10),
        (|c| !c.is_alphanumeric(), 30),
    ] {
        signs += if has(kind) { size } else { 0 };
    }
    // A character that repeats or continues the one before adds little.
    let mut telling = 1;
    for (one, next) in passphrase.chars().zip(passphrase.chars().skip(1)) {
        telling += u32::from(!(u32::from(one)..=u32::from(one) + 1).contains(&u32::from(next)));
    }
    // Not by a logarithm: for that every start of guard would load the mathematics of the C library.
    let tries = u128::from(signs.max(2)).saturating_pow(telling);
    if tries < FAIR { Strength::Weak } else { Strength::Fair }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "four plain words here";

    #[test]
    fn only_the_passphrase_signs_and_only_for_one_thing() {
        let (verifier, _) = Verifier::new(PASSPHRASE, [7; SALT]).unwrap();
        assert!(verifier.known("four plain words her").unwrap().is_none());
        let known = verifier.known(PASSPHRASE).unwrap().unwrap();
        let signature = known.sign("a");
        assert!(verifier.holds("a", &signature));
        assert!(!verifier.holds("b", &signature));
        assert!(!verifier.holds("a", &signature.replace('0', "1")));
        assert!(!verifier.holds("a", ""));
        let (other, of_other) = Verifier::new(PASSPHRASE, [8; SALT]).unwrap();
        assert!(!other.holds("a", &signature), "another salt is another key");
        assert_ne!(known.for_credentials().unwrap(), of_other.for_credentials().unwrap());
        assert_ne!(*known.for_credentials().unwrap(), *known.0, "what signs does not seal");
    }

    #[test]
    fn what_is_kept_does_not_hold_the_passphrase() {
        let kept = serde_json::to_string(&Verifier::new(PASSPHRASE, [7; SALT]).unwrap().0).unwrap();
        assert!(!kept.contains("plain"), "{kept}");
        assert_eq!(serde_json::from_str::<Verifier>(&kept).unwrap().key.len(), 64);
    }

    #[test]
    fn a_verifier_that_costs_too_much_is_refused_at_once() {
        let dear = Verifier { memory: u32::MAX, passes: 1, salt: hex(&[7; SALT]), key: String::new() };
        assert!(dear.known(PASSPHRASE).is_err_and(|why| why.contains("damaged")));
        let dear = Verifier { memory: 64, passes: u32::MAX, ..dear };
        assert!(dear.known(PASSPHRASE).is_err_and(|why| why.contains("damaged")));
    }

    #[test]
    fn hints() {
        let check = |passphrase: &str, expect| assert_eq!(strength(passphrase), expect, "{passphrase}");
        check("", Strength::TooShort);
        check("short", Strength::TooShort);
        check("aaaaaaaaaaaaaaaaaaaaaaa", Strength::Weak);
        check("abcdefghijklmnop", Strength::Weak);
        check("password1", Strength::Weak);
        check("Tr0ub4dor&3", Strength::Fair);
        check(PASSPHRASE, Strength::Fair);
        check("grünes häuschen im wald", Strength::Fair);
    }
}
