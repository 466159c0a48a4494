//! What is said when a command may not run, for two readers: the agent, which is told what, why and
//! what to do instead, and not to look for another way; and the person, who is told how to answer.

use crate::decide::command_text;
use crate::decide::question::Refused;
use crate::proposal::{Form, Proposal};
use crate::text::{Paint, safe, safe_lines};

/// A command longer than this is not written out for the person.
const LONGEST: usize = 2000;

/// Returns what is said when policy refuses.
pub(super) fn refused(told: &Refused) -> String {
    told.render(Paint::PLAIN)
}

/// Returns what is said when a person must be asked: `code` is that of the question that waits for them,
/// and `tool` would run the command, where it is not the agent's own terminal.
pub(super) fn question(
    told: &Refused,
    proposal: &Proposal,
    code: Option<&str>,
    tool: Option<&str>,
) -> String {
    let person = match (code, tool) {
        (Some(code), _) => {
            format!(
                "to read the question and answer it, type at your own terminal:\n    guard approve {code}"
            )
        }
        (None, Some(tool)) => {
            format!("{} cannot be answered for; what it is to do, do yourself", safe(tool))
        }
        (None, None) => format!(
            "to run it all the same, type at your own terminal, where you are asked:\n    {}",
            by_hand(proposal)
        ),
    };
    format!(
        "{}hint: tell the person what you wanted to run and why, and wait for their answer.\n\nFor the person: {person}\n",
        told.render(Paint::PLAIN)
    )
}

/// Returns what a person types to be asked about a command.
fn by_hand(proposal: &Proposal) -> String {
    let text = command_text(&proposal.form);
    let directory = proposal.cwd.to_string_lossy();
    // What cannot be shown as it is cannot be copied.
    let is_plain = |text: &str| safe(text) == text;
    if text.len() > LONGEST || !is_plain(&text) || !is_plain(&directory) {
        return "guard exec -c 'COMMAND'".to_owned();
    }
    let directory = shell_words::quote(&directory);
    match proposal.form {
        Form::Shell { .. } => format!("guard exec -C {directory} -c {}", shell_words::quote(&text)),
        Form::Argv(_) => format!("guard exec -C {directory} -- {text}"),
    }
}

/// Returns what is said when a tool is refused.
pub(super) fn tool(name: &str, why: &str) -> String {
    format!(
        "guard: refused: the tool {}: {}\nguard: nothing was run\n\n\
         hint: run it as a command in the terminal, where it can be judged. Do not look for another way.\n",
        safe(name),
        safe(why)
    )
}

/// Returns what is said when a program would wait for commands that no hook sees.
pub(super) fn waits(program: &str) -> String {
    let program = safe(program);
    format!(
        "guard: refused: {program} would wait for commands, and what is typed into it later is not judged\n\
         guard: nothing was run\n\n\
         hint: give {program} its commands on the command line. Do not look for another way.\n"
    )
}

/// Returns what is said when guard could not judge.
pub(super) fn broken(why: &str) -> String {
    format!(
        "guard: {}\nguard: nothing was run\n\nhint: tell the person; they can try: guard status\n",
        safe_lines(why)
    )
}
