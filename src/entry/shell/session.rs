//! A shell that is told its commands on standard input, one whole command after the other.
//!
//! Guard stays as the real shell's parent and reads in its place: byte by byte up to the end of a line,
//! so that what follows is still there for the command to read, and line by line until the commands are
//! whole. They are judged like any other text, after what earlier ones set and in the directory where
//! the shell is by then, and only then handed to the shell. One that may not run never reaches it; in
//! its place the shell gets a status that says so. Before the next command is read, the shell says that
//! it is done with the last: what a command reads can so never be taken for a command, nor the other
//! way round.
//!
//! The commands have standard input for their own; the shell reads its text from a pipe.

mod relay;
mod said;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use self::relay::{Relay, Round};
use self::said::Said;
use crate::confirm::{Patience, WAIT};
use crate::entry::agent::judge::waiting;
use crate::entry::exec::{self, Call};
use crate::entry::{behind, outcome};
use crate::env_vars;
use crate::exit::{Exit, Status};
use crate::parse::{Dialect, is_whole};
use crate::proposal::{Form, Origin};
use crate::run;

/// The longest command that is waited for, in bytes.
const LONGEST: usize = 64 * 1024;

/// A shell without a command.
pub(crate) struct Session {
    /// The name that the real shell is called by.
    pub(super) argv0: OsString,
    /// The words before its operands.
    pub(super) options: Vec<OsString>,
    /// What it does before its first command, where it is told of a file that it reads: the shell without one.
    pub(super) first: Option<Form>,
    /// Its operands, which are `$1` and so on.
    pub(super) arguments: Vec<OsString>,
    /// How its text is read.
    pub(super) dialect: Dialect,
    /// The door.
    pub(super) origin: Origin,
}

/// Runs a session to its end.
pub(in crate::entry) fn run(mut session: Session) -> Status {
    if let Some(first) = session.first.take()
        && let Err(exit) = exec::permit(call(&session, first, None))
    {
        return exit.into();
    }
    let mut relay = match Relay::start(&session.argv0, &session.options, &session.arguments) {
        Ok(relay) => relay,
        Err(error) => {
            eprintln!("guard: {}: {error}", crate::text::safe(&session.argv0.to_string_lossy()));
            return Exit::of_start(&error).into();
        }
    };
    let mut said = Said::new(session.dialect);
    let mut waiting = Vec::new();
    let ended = loop {
        match relay.line(waiting.is_empty()) {
            Ok(Round::Line(line)) => waiting.extend(line),
            Ok(Round::End) if waiting.is_empty() => break relay.finish(),
            // What was begun and not ended is the shell's to complain about.
            Ok(Round::End) => {}
            Ok(Round::Ended(ended)) => break Ok(ended),
            Err(error) => break Err(error),
        }
        let text = String::from_utf8_lossy(&waiting);
        if waiting.len() > LONGEST {
            return outcome::broken("a command of more than 64 kB has no end", None).into();
        }
        if waiting.ends_with(b"\n") && !is_whole(&text, session.dialect) {
            continue;
        }
        let command = std::mem::take(&mut waiting);
        let judged = relay.aside(|directory| judge(&session, &mut said, &command, directory));
        let round = judged.and_then(|judged| match judged {
            Ok(()) => relay.tell(&command),
            Err(exit) => relay.tell(format!("(exit {})", exit.code()).as_bytes()),
        });
        match round {
            Ok(None) => {}
            Ok(Some(ended)) => break Ok(ended),
            Err(error) => break Err(error),
        }
    };
    match ended {
        Ok(ended) => run::exit_like(ended),
        Err(error) => outcome::broken(&format!("the shell was lost: {error}"), None).into(),
    }
}

/// Returns whether the shell may be told a command, and remembers what it changes.
fn judge(session: &Session, said: &mut Said, command: &[u8], directory: Option<PathBuf>) -> Result<(), Exit> {
    if command.trim_ascii().is_empty() {
        return Ok(());
    }
    let Some(text) = said.before(command, directory.as_deref()) else {
        return Err(outcome::broken("this shell was given more than can be tracked", Some("exec bash")));
    };
    let form = Form::Shell { text: OsString::from_vec(text), dialect: session.dialect };
    exec::permit_in_session(call(session, form, directory), waiting)?;
    said.remember(command);
    Ok(())
}

/// Returns what is to be done in this session, where the shell is.
fn call(session: &Session, form: Form, directory: Option<PathBuf>) -> Call {
    let patience = Patience { elsewhere: Some(behind::wait(WAIT, env_vars::get)), ..Patience::default() };
    Call { directory, patience, origin: session.origin.clone(), ..Call::of(form) }
}
