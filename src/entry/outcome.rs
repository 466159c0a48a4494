//! How the caller is told how a command's way ended.

use crate::decide::question::Refused;
use crate::decide::{Because, Refusal};
use crate::exit::Exit;
use crate::text::Paint;

/// Tells a refusal on stderr and returns the status that goes with it.
pub fn refused(refusal: &Refusal, paint: Paint) -> Exit {
    let told: Refused = refusal.report();
    eprint!("{}", told.render(paint));
    match refusal.because() {
        Because::NobodyToAsk(_) | Because::TimedOut | Because::Unanswered { .. } | Because::Changed(_) => {
            Exit::NeedsPerson
        }
        Because::Frozen(_)
        | Because::Policy(_)
        | Because::Declined
        | Because::Denied { .. }
        | Because::OtherPhrase
        | Because::NotProven(_)
        | Because::NoKey(_) => Exit::Refused,
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
