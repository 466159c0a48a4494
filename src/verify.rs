//! What a tool really acts on, according to its own read-only command, run just before a person is asked.
//!
//! The command runs without a shell, bounded in time and output, and only if the user's or the system's
//! policy names it.

use std::ffi::OsString;
use std::time::Duration;

use crate::aim::settings;
use crate::decide::Challenge;
use crate::decide::policy::Policy;
use crate::decide::policy::verify::Verifier;
use crate::place::Place;
use crate::record::redact::redact;
use crate::rulebook::targets::FileFormat;
use crate::run::bounded::{Said, say};

/// The most output in bytes.
const MOST: usize = 64 * 1024;

/// How many characters of it are shown.
const SHOWN: usize = 240;

/// Asks the tools of a question what they act on, and adds the answers to the question.
pub fn tell(challenge: &mut Challenge, policy: &Policy, place: &Place<'_>) {
    let verifiers: Vec<&Verifier> =
        challenge.tools().iter().filter_map(|tool| policy.verifier(tool)).collect();
    let lines: Vec<String> = verifiers.into_iter().map(|verifier| line(verifier, place)).collect();
    challenge.add_here(lines);
}

fn line(verifier: &Verifier, place: &Place<'_>) -> String {
    let words: Vec<OsString> = verifier.command.iter().map(OsString::from).collect();
    let shown = shell_words::join(&verifier.command);
    let time = Duration::from_secs(verifier.within());
    let said =
        Said { words: &words, cwd: Some(&place.cwd), set: &[], clean: false, input: &[], time, most: MOST };
    match say(&said).and_then(|said| answer(verifier, &said)) {
        Ok(answer) => format!("verified by {shown}: {answer}"),
        Err(why) => format!("not verified: {why} ({shown})"),
    }
}

/// Returns the output, or the part of it that is wanted, on one line and without secrets.
fn answer(verifier: &Verifier, said: &[u8]) -> Result<String, String> {
    let said = String::from_utf8_lossy(said);
    let counts = match &verifier.key {
        None => said.into_owned(),
        Some(key) => {
            let leaves = settings::read(&said, FileFormat::Yaml);
            let leaf = settings::find(&leaves, key, &str::to_owned);
            leaf.ok_or_else(|| format!("it says nothing of {key}"))?.value.clone()
        }
    };
    let line = redact(&counts).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => Err("it says nothing".to_owned()),
        count if count > SHOWN => Ok(line.chars().take(SHOWN).chain(['…']).collect()),
        _ => Ok(line),
    }
}
