//! The file of the credentials that guard keeps: each sealed under the passphrase of whoever put it there.
//!
//! They are sealed with XChaCha20-Poly1305 under a key that Argon2id derives from the passphrase, separate
//! from the one that signs answers. The name and the person are authenticated too, so nothing in the file can
//! be changed or swapped unnoticed. Whoever holds the file can guess at the passphrase, at the price of one
//! derivation per guess; so only its owner may read it, and a file that others can read is not used.

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::file::{FORMAT, PRIVATE, Place, read, write};
use super::passphrase::Known;
use crate::digits::{hex, unhex, unhex_all};
use crate::random::random;
use crate::secret::LONGEST;

/// What is sealed along with each, so that it is for nothing else.
const PURPOSE: &str = "guard credential 1";

/// The most credentials that are kept.
const MOST: usize = 64;

/// How many bytes a nonce has, and what proves that nothing was changed.
const NONCE: usize = 24;
const TAG: usize = 16;

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vault {
    format: u32,
    keys: Vec<Sealed>,
}

/// One credential.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    /// What it is called.
    name: String,
    /// By whose passphrase it is opened.
    of: String,
    nonce: String,
    sealed: String,
}

impl Vault {
    /// Reads the file of a place.
    ///
    /// # Errors
    ///
    /// Returns why it is not used, as a lower-case fragment.
    pub(super) fn read(place: &Place) -> Result<Self, String> {
        let wrong = |why: String| format!("{} {why}", place.credentials().display());
        let owner = nix::unistd::geteuid().as_raw();
        Ok(read::<Self>(&place.credentials(), owner, PRIVATE).map_err(wrong)?.unwrap_or_default())
    }

    /// Writes the file of a place.
    pub(super) fn write(self, place: &Place) -> Result<(), String> {
        write(&place.credentials(), &Self { format: FORMAT, ..self }, 0o600)
    }

    /// Returns the names of the credentials, each with whose it is.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().map(|key| (key.name.as_str(), key.of.as_str()))
    }

    /// Returns the names of a person's credentials.
    pub(super) fn of(&self, person: &str) -> Vec<String> {
        self.names().filter(|(_, of)| *of == person).map(|(name, _)| name.to_owned()).collect()
    }

    /// Opens a person's credential; `None` where they keep none of this name.
    pub(super) fn open(
        &self,
        name: &str,
        of: &str,
        known: &Known,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let Some(key) = self.keys.iter().find(|key| key.name == name && key.of == of) else {
            return Ok(None);
        };
        key.open(known).map(Some)
    }

    /// Keeps a person's credential, in the place of the one of this name.
    pub(super) fn put(
        &mut self,
        name: &str,
        of: &str,
        known: &Known,
        credential: &[u8],
    ) -> Result<(), String> {
        self.remove(name, of);
        if self.keys.len() >= MOST {
            return Err(format!("{MOST} credentials are kept already"));
        }
        self.keys.push(Sealed::seal(name, of, known, credential)?);
        Ok(())
    }

    /// Removes a person's credential; returns whether there was one.
    pub(super) fn remove(&mut self, name: &str, of: &str) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.name != name || key.of != of);
        self.keys.len() < before
    }

    /// Seals a person's credentials under another passphrase.
    pub(super) fn reseal(&mut self, of: &str, old: &Known, new: &Known) -> Result<(), String> {
        for name in self.of(of) {
            if let Some(credential) = self.open(&name, of, old)? {
                self.put(&name, of, new, &credential)?;
            }
        }
        Ok(())
    }
}

impl Sealed {
    fn seal(name: &str, of: &str, known: &Known, credential: &[u8]) -> Result<Self, String> {
        let nonce = random::<NONCE>().map_err(|error| error.to_string())?;
        let mut text = Zeroizing::new(credential.to_vec());
        let tag = cipher(known)?
            .encrypt_in_place_detached(&nonce.into(), &along(name, of), &mut text)
            .map_err(|_| "it cannot be sealed")?;
        let sealed = hex(&text) + &hex(&tag);
        Ok(Self { name: name.to_owned(), of: of.to_owned(), nonce: hex(&nonce), sealed })
    }

    fn open(&self, known: &Known) -> Result<Zeroizing<Vec<u8>>, String> {
        let wrong = || format!("the credential {} was changed after {} put it there", self.name, self.of);
        let nonce = unhex::<NONCE>(&self.nonce).ok_or_else(wrong)?;
        let sealed =
            unhex_all(&self.sealed).filter(|sealed| sealed.len() <= LONGEST + TAG).ok_or_else(wrong)?;
        let (text, tag) = sealed.split_last_chunk::<TAG>().ok_or_else(wrong)?;
        let mut text = Zeroizing::new(text.to_vec());
        cipher(known)?
            .decrypt_in_place_detached(&nonce.into(), &along(&self.name, &self.of), &mut text, tag.into())
            .map_err(|_| wrong())?;
        Ok(text)
    }
}

fn cipher(known: &Known) -> Result<XChaCha20Poly1305, String> {
    XChaCha20Poly1305::new_from_slice(&*known.for_credentials()?).map_err(|error| error.to_string())
}

/// Returns what is sealed along with a credential.
fn along(name: &str, of: &str) -> Vec<u8> {
    format!("{PURPOSE}\0{name}\0{of}").into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::passphrase::{SALT, Verifier};
    use super::*;

    fn known(passphrase: &str) -> Known {
        Verifier::new(passphrase, [7; SALT]).unwrap().1
    }

    #[test]
    fn only_the_passphrase_opens_and_nothing_can_be_changed() {
        let (ada, eve) = (known("four plain words here"), known("another long sentence"));
        let mut vault = Vault::default();
        vault.put("prod", "ada", &ada, b"s3cr3t").unwrap();
        vault.put("other", "ada", &ada, b"an0ther").unwrap();
        let opened = |vault: &Vault, known: &Known| vault.open("prod", "ada", known);
        assert_eq!(opened(&vault, &ada).unwrap().unwrap().as_slice(), b"s3cr3t");
        assert!(opened(&vault, &eve).unwrap_err().contains("was changed"));
        assert_eq!(vault.open("prod", "eve", &ada).unwrap(), None);

        let kept = serde_json::to_string(&vault).unwrap();
        assert!(!kept.contains("s3cr3t") && !kept.contains(&hex(b"s3cr3t")), "{kept}");
        let exchanged = kept.replace("\"prod\"", "\"x\"").replace("\"other\"", "\"prod\"");
        for changed in
            [exchanged, kept.replace("\"ada\"", "\"eve\""), kept.replace("sealed\":\"", "sealed\":\"00")]
        {
            let changed: Vault = serde_json::from_str(&changed).unwrap();
            let of = if changed.of("eve").is_empty() { "ada" } else { "eve" };
            assert!(changed.open("prod", of, &ada).is_err());
        }
        for (cut, byte) in (0..14).map(|cut| (cut, cut * 3)) {
            let mut vault: Vault = serde_json::from_str(&kept).unwrap();
            let sealed = &mut vault.keys[0].sealed;
            let other = if sealed.as_bytes()[byte] == b'0' { "1" } else { "0" };
            sealed.replace_range(byte..=byte, other);
            assert!(opened(&vault, &ada).is_err(), "byte {byte}");
            vault.keys[0].sealed.truncate(cut);
            assert!(opened(&vault, &ada).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn one_name_is_one_credential_and_another_passphrase_takes_them_over() {
        let (old, new) = (known("four plain words here"), known("another long sentence"));
        let mut vault = Vault::default();
        vault.put("prod", "ada", &old, b"old").unwrap();
        vault.put("prod", "ada", &old, b"new").unwrap();
        vault.put("prod", "eve", &new, b"hers").unwrap();
        vault.reseal("ada", &old, &new).unwrap();
        assert!(vault.open("prod", "ada", &old).is_err());
        assert_eq!(vault.open("prod", "ada", &new).unwrap().unwrap().as_slice(), b"new");
        assert_eq!(vault.names().count(), 2);
        assert!(vault.remove("prod", "ada") && !vault.remove("prod", "ada"));
        assert_eq!(vault.of("eve"), ["prod"]);
    }
}
