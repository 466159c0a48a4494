//! How a command's way ended, and how the caller is told.

use crate::confirm::prompt::Refused;
use crate::decide::{Because, Refusal};
use crate::exit::Exit;
use crate::run::Ended;
use crate::text::Paint;

/// How a command's way ended.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// It ran.
    Ran(Ended),
    /// It did not.
    Refused(Refusal),
}

/// Tells a refusal on stderr and returns the status that goes with it.
pub fn refused(refusal: &Refusal, paint: Paint) -> Exit {
    let told: Refused = refusal.told();
    eprint!("{}", told.render(paint));
    match refusal.because() {
        Because::NobodyToAsk(_) | Because::TimedOut => Exit::NeedsPerson,
        Because::Policy(_) | Because::Declined | Because::OtherPhrase => Exit::Refused,
    }
}

/// Tells that guard itself failed; nothing was run.
pub fn broken(message: &str, hint: Option<&str>) -> Exit {
    eprintln!("guard: {}", crate::text::safe(message));
    eprintln!("guard: nothing was run");
    if let Some(hint) = hint {
        eprintln!("\nhint: {}", crate::text::safe(hint));
    }
    Exit::Broken
}
