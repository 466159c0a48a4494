//! Proof of who is answering: a passphrase or one-time codes, enrolled beforehand.
//!
//! A phrase shows that somebody read the question, and where they sit shows that they are not an agent. A
//! secret shows who they are. It is asked for by the guard at which the person sits, and never leaves that
//! guard: what is passed on to the guard that waits is a signature, or a code that is used up. The waiting
//! guard checks it again against what is enrolled and takes nobody's word for it.
//!
//! Nothing here is touched before a question is asked.

mod codes;
mod enroll;
mod file;
mod keys;
mod passphrase;
mod picture;
mod vault;

pub use enroll::{Order, enroll};
pub use keys::{Change, change, kept, whole};

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use self::file::{Person, Place};
use self::passphrase::Known;
use self::vault::Vault;
use crate::decide::policy::demand::{Demand, People};
use crate::human::{Answer, Human};
use crate::secret::Opened;

/// The command that enrolls somebody.
pub const HINT: &str = "guard approve --enroll";

/// Those who are enrolled on this machine, as far as they count for this user.
#[derive(Clone, Debug)]
struct Enrolled {
    place: Place,
    people: Vec<Person>,
}

/// What must be shown beside the phrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Needs {
    passphrase: bool,
    code: bool,
}

impl Needs {
    /// Returns whether the phrase is enough.
    fn nothing(self) -> bool {
        self == Self::default()
    }
}

/// What was shown beside the phrase, for one answer and no other. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// By whom.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl Shown {
    /// Returns what was shown, for the record: `passphrase of ada`.
    pub fn by(&self) -> String {
        let kinds =
            [self.signature.as_ref().map(|_| "passphrase"), self.code.as_ref().map(|_| "one-time code")];
        format!("{} of {}", kinds.into_iter().flatten().collect::<Vec<_>>().join(" and "), self.name)
    }
}

/// Who was proven, with what they showed and what their passphrase unlocks.
struct Proven {
    shown: Shown,
    known: Option<Known>,
}

impl Enrolled {
    /// Reads who is enrolled.
    ///
    /// # Errors
    ///
    /// Returns why that cannot be determined, as a lower-case fragment. Then nobody can answer a question
    /// that needs it.
    fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let place = Place::find(variable)?;
        Ok(Self { people: place.people()?, place })
    }

    /// Returns what a demand requires, given who is enrolled.
    ///
    /// # Errors
    ///
    /// Returns why nobody can meet it.
    fn needs(&self, demand: Demand) -> Result<Needs, String> {
        let has_passphrase = self.people.iter().any(|person| person.passphrase.is_some());
        let has_codes = self.people.iter().any(|person| person.codes.is_some());
        // Two people at one account can only be told apart by their secrets.
        let enrolled = demand.enrolled || demand.people == People::Two && !demand.code;
        let demand = Demand { enrolled, ..demand };
        let needs = Needs {
            passphrase: demand.passphrase || demand.enrolled && has_passphrase,
            code: demand.code || demand.enrolled && has_codes && !has_passphrase,
        };
        let able = self.people.iter().filter(|person| person.can(needs)).count();
        let missing = |what: &str| Err(format!("policy demands {what}; a person enrolls with: {HINT}"));
        match (needs, demand.people) {
            (Needs { passphrase: true, .. }, _) if !has_passphrase => {
                missing("a passphrase, and none is enrolled")
            }
            (Needs { code: true, .. }, _) if !has_codes => missing("a one-time code, and none are enrolled"),
            (_, People::Two) if able < 2 || needs.nothing() => Err(format!(
                "policy demands two people, and {able} can show who they are; each enrolls with: {HINT} --as NAME"
            )),
            (needs, _) if !needs.nothing() && able == 0 => missing("a passphrase and a code of one person"),
            _ => Ok(needs),
        }
    }

    /// Opens those of these credentials that whoever was proven keeps.
    fn open(&self, names: &[&str], proven: &Proven) -> Result<Opened, String> {
        let mut opened = Opened::default();
        let Some(known) = proven.known.as_ref().filter(|_| !names.is_empty()) else { return Ok(opened) };
        let vault = Vault::read(&self.place)?;
        for name in names {
            if let Some(credential) = vault.open(name, &proven.shown.name, known)? {
                opened.add(name, credential);
            }
        }
        Ok(opened)
    }

    /// Asks the person for the secrets that are needed, with `opening` before the first question, and proves
    /// them for one answer, `what`.
    ///
    /// # Errors
    ///
    /// Returns why nothing is shown, as a lower-case fragment.
    fn ask(
        &self,
        needs: Needs,
        what: &str,
        opening: &str,
        human: &mut dyn Human,
        time: Duration,
    ) -> Result<Option<Proven>, String> {
        let mut proven: Option<Proven> = None;
        if needs.passphrase {
            let (name, known) = self.try_until(human, [opening, "Passphrase: "], time, |typed| {
                for person in self.people.iter().filter(|person| person.can(needs)) {
                    let verifier = person.passphrase.as_ref();
                    if let Some(known) = verifier.map(|kept| kept.known(typed)).transpose()?.flatten() {
                        return Ok(Some((person.name.clone(), known)));
                    }
                }
                Ok(None)
            })?;
            let shown = Shown { name, signature: Some(known.sign(what)), code: None };
            proven = Some(Proven { shown, known: Some(known) });
        }
        if needs.code {
            let of = proven.as_ref().map(|proven| proven.shown.name.clone());
            let (name, code) = self.try_until(
                human,
                [if proven.is_some() { "" } else { opening }, "One-time code: "],
                time,
                |typed| {
                    let mut people =
                        self.people.iter().filter(|person| of.as_ref().is_none_or(|of| *of == person.name));
                    let found = people.find_map(|person| {
                        Some((&person.name, person.codes.as_ref()?.step(typed, SystemTime::now())?))
                    });
                    let Some((name, step)) = found else { return Ok(None) };
                    self.place.use_up(name, step, what)?;
                    Ok(Some((name.clone(), typed.trim().to_owned())))
                },
            )?;
            let (signature, known) =
                proven.map_or((None, None), |proven| (proven.shown.signature, proven.known));
            proven = Some(Proven { shown: Shown { name, signature, code: Some(code) }, known });
        }
        Ok(proven)
    }

    /// Asks for a secret until it is right, or until there were too many wrong ones.
    fn try_until<T>(
        &self,
        human: &mut dyn Human,
        [opening, question]: [&str; 2],
        time: Duration,
        mut check: impl FnMut(&str) -> Result<Option<T>, String>,
    ) -> Result<T, String> {
        let mut asked = format!("{opening}{question}");
        loop {
            self.place.may_try()?;
            let typed = typed(human, &asked, time)?;
            self.place.try_one()?;
            if let Some(right) = check(&typed)? {
                self.place.was_right()?;
                return Ok(right);
            }
            asked = format!("That is not it.\n{question}");
        }
    }

    /// Checks what was shown for one answer, `what`.
    ///
    /// # Errors
    ///
    /// Returns why it does not count, as a lower-case fragment.
    fn check(&self, needs: Needs, what: &str, shown: Option<&Shown>) -> Result<(), String> {
        if needs.nothing() {
            return Ok(());
        }
        let wrong = || "the secret that this needs was not shown".to_owned();
        let shown = shown.ok_or_else(wrong)?;
        let person = self.people.iter().find(|person| person.name == shown.name).ok_or_else(wrong)?;
        if needs.passphrase {
            let (kept, signature) =
                person.passphrase.as_ref().zip(shown.signature.as_ref()).ok_or_else(wrong)?;
            if !kept.holds(what, signature) {
                return Err(wrong());
            }
        }
        if needs.code {
            let (codes, code) = person.codes.as_ref().zip(shown.code.as_ref()).ok_or_else(wrong)?;
            let step = codes.step(code, SystemTime::now()).ok_or_else(wrong)?;
            self.place.use_up(&person.name, step, what)?;
        }
        Ok(())
    }
}

impl Person {
    fn can(&self, needs: Needs) -> bool {
        (!needs.passphrase || self.passphrase.is_some()) && (!needs.code || self.codes.is_some())
    }
}

/// What a question demands, and who is enrolled to meet it.
#[derive(Clone, Debug)]
pub struct Secrets {
    enrolled: Enrolled,
    needs: Needs,
}

impl Secrets {
    /// Returns what a person is told beforehand.
    pub fn note(&self) -> String {
        let what = match self.needs {
            Needs { passphrase: true, code: true } => "your passphrase and a one-time code are",
            Needs { code: true, .. } => "a one-time code is",
            _ => "your passphrase is",
        };
        format!("After the phrase, {what} asked for.")
    }

    /// Asks the person for what is needed, shows it for one answer, `what`, and opens those of the credentials
    /// `keys` that they keep.
    ///
    /// # Errors
    ///
    /// Returns why nothing is shown, as a lower-case fragment.
    pub fn show(
        &self,
        what: &str,
        keys: &[&str],
        human: &mut dyn Human,
        time: Duration,
    ) -> Result<(Shown, Opened), String> {
        let proven = self.enrolled.ask(self.needs, what, "", human, time)?;
        let proven = proven.ok_or_else(|| "nothing was shown".to_owned())?;
        let opened = self.enrolled.open(keys, &proven)?;
        Ok((proven.shown, opened))
    }

    /// Checks what was shown for one answer, `what`.
    ///
    /// # Errors
    ///
    /// Returns why it does not count, as a lower-case fragment.
    pub fn check(&self, what: &str, shown: Option<&Shown>) -> Result<(), String> {
        self.enrolled.check(self.needs, what, shown)
    }
}

/// Returns what a demand requires here. Where nothing is demanded, nothing is looked up.
///
/// # Errors
///
/// Returns why nobody can meet the demand, as a lower-case fragment.
pub fn meet(demand: Demand, variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Secrets>, String> {
    if demand == Demand::default() {
        return Ok(None);
    }
    let enrolled = Enrolled::read(variable)?;
    let needs = enrolled.needs(demand)?;
    Ok((!needs.nothing()).then_some(Secrets { enrolled, needs }))
}

/// Asks for something that is not shown while it is typed.
fn typed(human: &mut dyn Human, question: &str, time: Duration) -> Result<Zeroizing<String>, String> {
    human.secret(question, time).map_err(|answer| match answer {
        Answer::Declined => "no secret was typed".to_owned(),
        other => other.because(time),
    })
}

#[cfg(test)]
mod tests;
