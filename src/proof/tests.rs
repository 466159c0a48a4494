#![allow(clippy::unwrap_used)]

use super::*;
use crate::decide::question::Prompt;
use crate::record::Receipt;
use crate::test_process::Scratch;
use std::collections::VecDeque;

/// Somebody who types these secrets, one after the other, and then leaves.
struct Typist {
    secrets: VecDeque<String>,
    seen: String,
}

impl Typist {
    fn new(secrets: &[&str]) -> Self {
        Self { secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(), seen: String::new() }
    }
}

impl Human for Typist {
    fn answer(&mut self, _: &Prompt) -> Answer {
        Answer::Declined
    }

    fn secret(&mut self, question: &str, _: Duration) -> Result<Zeroizing<String>, Answer> {
        self.seen.push_str(question);
        let secret = self.secrets.pop_front().ok_or(Answer::Declined)?;
        // A code is typed off a device, which shows the one of the address that it was given.
        Ok(Zeroizing::new(if secret == "CODE" { code_of(&self.seen) } else { secret }))
    }
}

/// Returns the present code of the last address in a text, as a device would show it.
fn code_of(seen: &str) -> String {
    let seed = seen.rsplit("secret=").next().unwrap().split('&').next().unwrap();
    let seed: [u8; 20] = crate::digits::unbase_32(seed).unwrap().try_into().unwrap();
    let codes = codes::Codes::new(&seed);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    // The newest that counts: with it all that came before are used up.
    codes.code(now / codes::STEP + 1).unwrap()
}

fn variables(scratch: &Scratch) -> impl Fn(&str) -> Option<OsString> + use<> {
    let home = scratch.path("");
    move |name| (name == "HOME").then(|| home.clone().into())
}

fn order(name: &str) -> Order {
    Order { name: name.to_owned(), codes: false, replace: false, system: false }
}

fn enroll_as(scratch: &Scratch, order: &Order, secrets: &[&str]) -> Result<String, String> {
    let mut typist = Typist::new(secrets);
    enroll(order, variables(scratch), &mut typist, &|_| Ok(Receipt { n: 1 })).map(|()| typist.seen)
}

const ADA: &str = "four plain words here";
const EVE: &str = "another long sentence";
const TIME: Duration = Duration::from_secs(1);

fn catastrophic() -> Demand {
    Demand::ENROLLED
}

#[test]
fn where_nobody_is_enrolled_the_phrase_is_enough_unless_policy_says_otherwise() {
    let scratch = Scratch::new();
    assert!(meet(catastrophic(), variables(&scratch)).unwrap().is_none());
    for demand in
        [Demand { passphrase: true, ..Demand::default() }, Demand { code: true, ..Demand::default() }]
    {
        let why = meet(demand, variables(&scratch)).unwrap_err();
        assert!(why.contains(HINT), "{why}");
    }
}

#[test]
fn a_passphrase_is_shown_for_one_answer() {
    let scratch = Scratch::new();
    enroll_as(&scratch, &order("ada"), &[ADA, ADA]).unwrap();
    let Secrets { enrolled, needs } = meet(catastrophic(), variables(&scratch)).unwrap().unwrap();
    let mut typist = Typist::new(&["wrong wrong wrong", ADA]);
    let shown = enrolled.ask(needs, "question 1", "", &mut typist, TIME).unwrap().unwrap().shown;
    assert!(typist.seen.contains("That is not it."), "{}", typist.seen);
    assert_eq!(shown.by(), "passphrase of ada");
    let carried = serde_json::to_string(&shown).unwrap();
    assert!(!carried.contains("plain"), "{carried}");

    assert_eq!(enrolled.check(needs, "question 1", Some(&shown)), Ok(()));
    let wrong = Err("the secret that this needs was not shown".to_owned());
    assert_eq!(enrolled.check(needs, "question 2", Some(&shown)), wrong);
    assert_eq!(enrolled.check(needs, "question 1", None), wrong);
    for other in [Shown { name: "eve".into(), ..shown.clone() }, Shown { signature: None, ..shown }] {
        assert_eq!(enrolled.check(needs, "question 1", Some(&other)), wrong);
    }
}

#[test]
fn after_three_wrong_ones_there_is_a_pause_for_the_right_one_too() {
    let scratch = Scratch::new();
    enroll_as(&scratch, &order("ada"), &[ADA, ADA]).unwrap();
    let Secrets { enrolled, needs } = meet(catastrophic(), variables(&scratch)).unwrap().unwrap();
    let mut typist = Typist::new(&["wrong 1", "wrong 2", "wrong 3", ADA]);
    let why = enrolled.ask(needs, "x", "", &mut typist, TIME).err().unwrap();
    assert!(why.contains("too many wrong secrets"), "{why}");
    let again = meet(catastrophic(), variables(&scratch)).unwrap().unwrap();
    assert!(again.show("x", &[], &mut Typist::new(&[ADA]), TIME).unwrap_err().contains("too many"));
}

#[test]
fn codes_are_enrolled_by_typing_one_and_each_is_used_once() {
    let scratch = Scratch::new();
    let codes = Order { codes: true, ..order("ada") };
    assert!(
        enroll_as(&scratch, &codes, &["000", "000", "000"]).unwrap_err().contains("nothing was enrolled")
    );
    let seen = enroll_as(&scratch, &codes, &["CODE"]).unwrap();
    assert!(seen.contains("otpauth://totp/guard:ada?secret=") && seen.contains('▀'), "{seen}");
    let Secrets { enrolled, needs } = meet(catastrophic(), variables(&scratch)).unwrap().unwrap();
    assert_eq!(needs, Needs { passphrase: false, code: true });
    // The one that enrolled, and any before it, count no more.
    let mut typist = Typist { secrets: VecDeque::from(["CODE".to_owned()]), seen };
    let why = enrolled.ask(needs, "x", "", &mut typist, TIME).err().unwrap();
    assert!(why.contains("used already"), "{why}");
}

#[test]
fn to_replace_takes_the_old_one_and_to_add_somebody_takes_anybodys() {
    let scratch = Scratch::new();
    enroll_as(&scratch, &order("ada"), &[ADA, ADA]).unwrap();
    let refused = |order: &Order, secrets: &[&str], because: &str| {
        let why = enroll_as(&scratch, order, secrets).unwrap_err();
        assert!(why.contains(because), "{why}");
    };
    refused(&order("ada"), &[EVE, EVE], "already; to change it add --replace");
    refused(&Order { replace: true, ..order("eve") }, &[ADA], "no passphrase of eve to replace");
    refused(&order("eve"), &[EVE], "no secret was typed");
    enroll_as(&scratch, &order("eve"), &[ADA, EVE, EVE]).unwrap();
    refused(&Order { replace: true, ..order("ada") }, &[EVE, EVE, EVE], "too many");
    std::fs::remove_file(scratch.path(".local/state/guard/tries.json")).unwrap();
    enroll_as(
        &scratch,
        &Order { replace: true, ..order("ada") },
        &[ADA, "a third sentence", "a third sentence"],
    )
    .unwrap();
    let Secrets { enrolled, needs } = meet(catastrophic(), variables(&scratch)).unwrap().unwrap();
    let shown = enrolled.ask(needs, "x", "", &mut Typist::new(&[EVE]), TIME).unwrap().unwrap().shown;
    assert_eq!(shown.name, "eve");
    assert!(enrolled.ask(needs, "x", "", &mut Typist::new(&[ADA]), TIME).is_err());
}

#[test]
fn a_new_passphrase_is_typed_twice_and_long_enough() {
    let scratch = Scratch::new();
    let seen = enroll_as(&scratch, &order("ada"), &["short", ADA, EVE, "password1", "password1"]).unwrap();
    for told in ["shorter than 8", "The two differ", "easily guessed"] {
        assert!(seen.contains(told), "{told}: {seen}");
    }
}
