//! Enrolling somebody: a new passphrase, or the seed of one-time codes.
//!
//! The first person at a machine is believed; anybody after that needs somebody who is enrolled to vouch for
//! them, and replacing a secret takes the old one.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::codes::{Codes, LENGTH};
use super::file::{Person, Place};
use super::passphrase::{Known, SALT, Strength, Verifier, strength};
use super::vault::Vault;
use super::{Enrolled, Needs, picture, typed};
use crate::human::{Human, PATIENCE};
use crate::random::random;
use crate::record::Receipt;

/// More people are not enrolled in one place: each passphrase that is tried costs a while.
const MOST: usize = 8;

/// How long a person may take to find the device that makes the codes.
const TO_SCAN: Duration = Duration::from_secs(10 * 60);

/// What is to be enrolled.
#[derive(Clone, Debug)]
pub struct Order {
    /// Whose secret it is.
    pub name: String,
    /// One-time codes instead of a passphrase.
    pub codes: bool,
    /// Whether it replaces an existing one.
    pub replace: bool,
    /// For everybody on the machine.
    pub system: bool,
}

impl Order {
    /// Returns what is enrolled, for people and the record.
    pub fn what(&self) -> String {
        let kind = if self.codes { "one-time codes" } else { "passphrase" };
        let (whom, whose) = (&self.name, if self.system { " for this machine" } else { "" });
        format!("{kind} of {whom}{whose}")
    }
}

/// Enrolls somebody who sits at this terminal, as was ordered, once `on_record` has put that on record.
///
/// # Errors
///
/// Returns why nothing was enrolled, as a lower-case fragment.
pub fn enroll(
    order: &Order,
    variable: impl Fn(&str) -> Option<OsString>,
    human: &mut dyn Human,
    on_record: &dyn Fn(&str) -> Result<Receipt, String>,
) -> Result<(), String> {
    let place = if order.system { Place::system(&variable)? } else { Place::find(&variable)? };
    may_write(order, &place)?;
    let mut people = place.people()?;
    let is_there = people.iter().position(|person| person.name == order.name);
    let has = is_there.is_some_and(|at| people.get(at).is_some_and(|person| order.is_kept_by(person)));
    match (has, order.replace) {
        (true, false) => {
            return Err(format!("there is a {} already; to change it add --replace", order.what()));
        }
        (false, true) => return Err(format!("there is no {} to replace", order.what())),
        (false, false) if is_there.is_none() && people.len() >= MOST => {
            return Err(format!("{MOST} people are enrolled already"));
        }
        _ => {}
    }
    let vouched = vouch(order, &place, &people, human)?;
    let mut person = is_there.map_or_else(
        || Person { name: order.name.clone(), passphrase: None, codes: None },
        |at| people.remove(at),
    );
    let (mut used, mut resealed) = (None, None);
    if order.codes {
        let (codes, step) = new_codes(&order.name, human)?;
        (person.codes, used) = (Some(codes), Some(step));
    } else {
        let (verifier, new) = new_passphrase(human)?;
        person.passphrase = Some(verifier);
        if let Some(old) = vouched.filter(|_| order.replace) {
            let mut vault = Vault::read(&place)?;
            vault.reseal(&order.name, &old, &new)?;
            resealed = Some(vault).filter(|vault| !vault.of(&order.name).is_empty());
        }
    }
    people.push(person);
    on_record(&order.what())?;
    place.enroll(people)?;
    if let Some(vault) = resealed {
        vault.write(&place)?;
    }
    match used {
        Some(step) => place.use_up(&order.name, step, "enrolled"),
        None => Ok(()),
    }
}

impl Order {
    fn is_kept_by(&self, person: &Person) -> bool {
        if self.codes { person.codes.is_some() } else { person.passphrase.is_some() }
    }
}

fn may_write(order: &Order, place: &Place) -> Result<(), String> {
    if order.system && order.codes {
        return Err("codes are not kept for a whole machine: who checks one can make one, and every \
                    user's guard would have to; enroll a passphrase"
            .to_owned());
    }
    if order.system && !nix::unistd::geteuid().is_root() {
        return Err("only root enrolls for a whole machine".to_owned());
    }
    if !order.system && place.system {
        return Err(format!(
            "this machine keeps its enrolment in {}, which root changes with --system",
            place.enrolled.display()
        ));
    }
    Ok(())
}

/// Asks for a secret that entitles somebody to enroll: the old one where it is replaced, otherwise anybody's.
/// Returns what the passphrase unlocks, if that is what was shown.
fn vouch(
    order: &Order,
    place: &Place,
    people: &[Person],
    human: &mut dyn Human,
) -> Result<Option<Known>, String> {
    if people.is_empty() {
        return Ok(None);
    }
    let entitled: Vec<Person> =
        people.iter().filter(|person| !order.replace || person.name == order.name).cloned().collect();
    let code =
        if order.replace { order.codes } else { entitled.iter().all(|person| person.passphrase.is_none()) };
    let needs = Needs { passphrase: !code, code };
    let opening = format!("To enroll the {}, show a secret that is enrolled already.\n", order.what());
    let enrolled = Enrolled { place: place.clone(), people: entitled };
    enrolled
        .ask(needs, "enroll", &opening, human, PATIENCE)
        .map(|proven| proven.and_then(|proven| proven.known))
}

fn new_passphrase(human: &mut dyn Human) -> Result<(Verifier, Known), String> {
    let mut question = "A new passphrase, best four or five words that do not belong together.\n\
                        Nothing is shown while you type it.\n\nNew passphrase: "
        .to_owned();
    loop {
        let passphrase = typed(human, &question, PATIENCE)?;
        let hint = match strength(&passphrase) {
            Strength::TooShort => {
                question = "That is shorter than 8 characters.\nNew passphrase: ".to_owned();
                continue;
            }
            Strength::Weak => "It is easily guessed; a longer one is better. Ctrl-C to begin again.\n",
            Strength::Fair => "",
        };
        let again = typed(human, &format!("{hint}The same once more: "), PATIENCE)?;
        if *again == *passphrase {
            return Verifier::new(&passphrase, random::<SALT>().map_err(|error| error.to_string())?);
        }
        question = "The two differ.\nNew passphrase: ".to_owned();
    }
}

/// Returns the codes of a new seed, once a person has shown that their device makes them, and the step
/// that this used.
fn new_codes(name: &str, human: &mut dyn Human) -> Result<(Codes, u64), String> {
    let seed = Zeroizing::new(random::<LENGTH>().map_err(|error| error.to_string())?);
    let codes = Codes::new(&seed);
    let address = codes.address(name);
    let mut question = Zeroizing::new(String::new());
    if let Some(picture) = picture::draw(&address) {
        question.push_str(&Zeroizing::new(picture));
    }
    let _ = write!(question, "{}\n\nScan it with an authenticator, or type the secret there.\n", *address);
    question.push_str("Type a code that it shows: ");
    for _ in 0..3 {
        let code = typed(human, &question, TO_SCAN)?;
        if let Some(step) = codes.step(&code, SystemTime::now()) {
            return Ok((codes, step));
        }
        question =
            Zeroizing::new("That is not one of its codes; check the time on both.\nType a code: ".to_owned());
    }
    Err("no code was right, so nothing was enrolled".to_owned())
}
