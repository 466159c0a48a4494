//! Puts a credential into guard's keeping and takes it out again; each takes a person's passphrase.

use std::ffi::OsString;

use zeroize::Zeroizing;

use super::vault::Vault;
use super::{Enrolled, HINT, Needs, typed};
use crate::human::{Human, PATIENCE};
use crate::record::Receipt;
use crate::secret::LONGEST;

/// A typed credential of this length may have lost its end: no longer line is read at a terminal.
const TYPED: usize = 200;

/// What is to be done with a credential.
#[derive(Debug)]
pub enum Change {
    /// It is kept; where it was not read already, it is typed.
    Add(Option<Zeroizing<Vec<u8>>>),
    /// It is forgotten.
    Remove,
}

/// Returns the names of the credentials that guard keeps, each with whose it is.
///
/// # Errors
///
/// Returns why that cannot be determined, as a lower-case fragment.
pub fn kept(variable: impl Fn(&str) -> Option<OsString>) -> Result<Vec<(String, String)>, String> {
    let vault = Vault::read(&Enrolled::read(variable)?.place)?;
    Ok(vault.names().map(|(name, of)| (name.to_owned(), of.to_owned())).collect())
}

/// Changes what guard keeps under a name, once the person at this terminal has typed their passphrase and `on_record` has
/// put it on record.
///
/// # Errors
///
/// Returns why nothing was changed, as a lower-case fragment.
pub fn change(
    name: &str,
    change: Change,
    variable: impl Fn(&str) -> Option<OsString>,
    human: &mut dyn Human,
    on_record: &dyn Fn(&str) -> Result<Receipt, String>,
) -> Result<(), String> {
    let enrolled = Enrolled::read(variable)?;
    if enrolled.people.iter().all(|person| person.passphrase.is_none()) {
        return Err(format!(
            "it would be sealed under a passphrase, and none is enrolled; enroll one with: {HINT}"
        ));
    }
    // Whoever mistypes a name is told so before they type a passphrase.
    if matches!(change, Change::Remove) && Vault::read(&enrolled.place)?.names().all(|(kept, _)| kept != name)
    {
        return Err(format!("guard keeps no credential {name}; to list what it keeps: guard keys"));
    }
    let needs = Needs { passphrase: true, code: false };
    let proven = enrolled.ask(needs, "keys", "", human, PATIENCE)?;
    let Some((of, known)) = proven.and_then(|proven| Some((proven.shown.name, proven.known?))) else {
        return Err("nothing was shown".to_owned());
    };
    let credential = match change {
        Change::Add(Some(credential)) => Some(credential),
        Change::Add(None) => Some(credential(name, human)?),
        Change::Remove => None,
    };
    let _lock = enrolled.place.lock()?;
    let mut vault = Vault::read(&enrolled.place)?;
    match &credential {
        Some(credential) => vault.put(name, &of, &known, credential)?,
        None if vault.remove(name, &of) => {}
        None => return Err(format!("{of} keeps no credential {name}")),
    }
    let verb = if credential.is_some() { "credential" } else { "removal of the credential" };
    on_record(&format!("{verb} {name} of {of}"))?;
    vault.write(&enrolled.place)
}

/// Has a credential typed, which is not shown.
fn credential(name: &str, human: &mut dyn Human) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = typed(human, &format!("The credential for {name} (nothing is shown): "), PATIENCE)?;
    if text.chars().count() >= TYPED {
        return Err(
            "it may have lost its end, being so long; read it from a file with --from FILE".to_owned()
        );
    }
    whole(Zeroizing::new(text.as_bytes().to_vec()))
}

/// Checks that a variable can hold a credential, and drops the end of its line.
///
/// # Errors
///
/// Returns why it cannot, as a lower-case fragment.
pub fn whole(mut credential: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, String> {
    while credential.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        credential.pop();
    }
    match credential.len() {
        0 => Err("it is empty".to_owned()),
        1..=LONGEST if !credential.contains(&0) => Ok(credential),
        _ => Err("no variable could hold it: it is longer than 8 KiB, or has a zero byte".to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_variable_can_hold() {
        let check = |text: &[u8], expect: Option<&[u8]>| {
            let read = whole(Zeroizing::new(text.to_vec())).ok();
            assert_eq!(read.as_ref().map(|read| read.as_slice()), expect);
        };
        check(b"token\r\n", Some(b"token"));
        check(b"two\nlines\n", Some(b"two\nlines"));
        check(b"\n", None);
        check(b"a\0b", None);
        check(&[b'x'; LONGEST + 1], None);
    }
}
