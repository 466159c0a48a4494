//! Vouching: one answer, where a command meets two doors.
//!
//! An agent's hook lets a command pass that somebody else then runs. Behind the hook the command meets a
//! shim, or guard as the shell, and neither can see a guard above it that waits, since the hook has ended. So
//! the person's guard that gave the answer stays a while and tells such a door what was answered.
//!
//! The door believes only the person's guard, which it checks as it would check anybody who answers. It
//! judges the command that was let through once more, in its own surroundings, and compares: the judgement
//! must lead to the very question that the person read, the door's own question must be part of it, no file
//! that the judgement rests on may have changed since, the agent must be the same process, and the command
//! must be the one that runs here. What is let through this way is crossed out where the answer was given, so
//! it passes once, whoever races for it.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::person;
use super::request::{Asked, Request, shown};
use super::store::{Socket, Store};
use super::wire::{Message, Peer};
use crate::ancestry::{self, Ancestry, Process, ProcessId};
use crate::decide::question::Prompt;
use crate::decide::surroundings::{is_agent, who_asks};
use crate::decide::{Answered, Challenge};
use crate::place::Place;
use crate::proof::{self, Shown};
use crate::proposal::{Form, Proposal};
use crate::record::Receipt;
use crate::run;

/// How long somebody vouches for a command: an agent may ask its user as well before it runs it.
const LIFE: Duration = Duration::from_secs(120);

/// How far the time that the system records for a change to a file may lag behind the clock.
const TICK: Duration = Duration::from_millis(20);

/// How quotes are written inside quotes, in the texts that agents wrap a command in.
const QUOTES: [&str; 3] = ["'", "'\"'\"'", "'\\''"];

/// A command that was let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The command.
    pub form: Form,
    /// Where it runs.
    pub cwd: PathBuf,
}

impl Case {
    pub(super) fn of(proposal: &Proposal) -> Self {
        Self { form: proposal.form.clone(), cwd: proposal.cwd.clone() }
    }
}

/// What somebody vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Vouched {
    /// The question as they have read it.
    request: Request,
    /// The phrase that they typed.
    phrase: String,
    /// The secret that they showed, where one is needed.
    shown: Option<Shown>,
    /// What was let through.
    case: Case,
    /// By which process.
    by: ProcessId,
    /// When.
    at: SystemTime,
}

/// Whoever vouches, at the person's side.
#[derive(Debug)]
pub(super) struct Voucher {
    pub(super) socket: Socket,
    vouched: Vouched,
    /// The findings that were let through, by their places in the question.
    used: BTreeSet<usize>,
    until: Instant,
}

impl Voucher {
    /// Begins to vouch for the command of a guard that has taken the answer, and tells it so.
    pub(super) fn begin(
        store: &Store,
        request: &Request,
        answer: &Message,
        case: Case,
        mut peer: Peer,
    ) -> io::Result<Self> {
        let Message::Answer { phrase, shown, .. } = answer else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let (pid, _) = peer.process()?;
        let start = ancestry::stat(&pid.to_string()).map_or(0, |stat| stat.start);
        let vouched = Vouched {
            request: request.clone(),
            phrase: phrase.clone(),
            shown: shown.clone(),
            case,
            by: ProcessId { pid, start },
            at: SystemTime::now(),
        };
        let socket = store.vouch(&request.code)?;
        peer.say(&Message::Vouching)?;
        Ok(Self { socket, vouched, used: BTreeSet::new(), until: Instant::now() + LIFE })
    }

    /// Returns how much longer.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Hears a door; returns whether there is nothing left to vouch for.
    pub(super) fn hear(&mut self) -> bool {
        match self.socket.listener.accept().and_then(|(stream, _)| Peer::over(stream)) {
            Ok(peer) => self.serve(peer).unwrap_or(false),
            Err(_) => false,
        }
    }

    fn serve(&mut self, mut peer: Peer) -> io::Result<bool> {
        if peer.hear()? != Message::Met {
            return Ok(false);
        }
        peer.say(&Message::Vouched(Box::new(self.vouched.clone())))?;
        let Message::Redeem { parts, of } = peer.hear()? else { return Ok(false) };
        if self.left().is_zero() || !self.used.is_disjoint(&parts) {
            peer.say(&Message::Refused { because: "it was let through already".to_owned() })?;
            return Ok(false);
        }
        // Crossed out before it is told: a door that does not hear of it asks.
        self.used.extend(parts);
        peer.say(&Message::Taken)?;
        Ok(self.used.len() >= of)
    }
}

/// What a door has met.
struct Door<'d> {
    challenge: &'d Challenge,
    question: &'d dyn Fn(&Challenge) -> Prompt,
    judge: &'d dyn Fn(&Case) -> Option<Challenge>,
    place: &'d Place<'d>,
    line: Ancestry,
    asker: Asked,
}

/// Returns the question that a person has answered and of which this one is a part, with the answer and
/// where it is on record, if somebody vouches for it. `question` makes the question that is put about a
/// command, `judge` judges one as if it were proposed here.
pub fn vouched(
    challenge: &Challenge,
    place: &Place<'_>,
    question: &dyn Fn(&Challenge) -> Prompt,
    judge: &dyn Fn(&Case) -> Option<Challenge>,
) -> Option<(Challenge, Answered, Receipt)> {
    let store = Store::open(|name| place.environment.get(name).map(ToOwned::to_owned)).ok()?;
    let vouchers = store.vouchers();
    if vouchers.is_empty() {
        return None;
    }
    let (line, asker) = (ancestry::of_this_process(), Asked::of(&who_asks())?);
    let door = Door { challenge, question, judge, place, line, asker };
    vouchers.into_iter().find_map(|stream| door.redeem(Peer::over(stream).ok()?))
}

impl Door<'_> {
    fn redeem(&self, mut peer: Peer) -> Option<(Challenge, Answered, Receipt)> {
        let (pid, uid) = peer.process().ok()?;
        let by = person::behind(pid, uid, &self.asker).ok()?;
        peer.say(&Message::Met).ok()?;
        let Ok(Message::Vouched(vouched)) = peer.hear() else { return None };
        let (asked, parts) = self.part_of(&vouched)?;
        let Vouched { request, phrase, shown: secret, .. } = *vouched;
        let variable = |name: &str| self.place.environment.get(name).map(ToOwned::to_owned);
        if let Some(secrets) = proof::meet(asked.demand(), variable).ok()? {
            secrets.check(&request.digest(), secret.as_ref()).ok()?;
        }
        peer.say(&Message::Redeem { parts, of: asked.findings().len() }).ok()?;
        let answered = Answered { phrase, by: by.with(secret.as_ref()), second: None };
        (peer.hear().ok()? == Message::Taken).then_some((asked, answered, Receipt { n: request.asked }))
    }

    /// Returns the question that was answered, and which of its findings are met here.
    fn part_of(&self, vouched: &Vouched) -> Option<(Challenge, BTreeSet<usize>)> {
        let Vouched { request, case, by, at, .. } = vouched;
        // Credentials are for the run that had the answer.
        if !request.keys().is_empty() || request.asker.root != self.asker.root || !self.runs(&case.form, *by)
        {
            return None;
        }
        let asked = (self.judge)(case)?;
        let is_as_read = request.question.says(&shown((self.question)(&asked)));
        let is_as_judged =
            at.checked_sub(TICK).is_some_and(|before| run::unchanged_since(asked.files(), before));
        let parts = self.challenge.parts_of(&asked)?;
        (is_as_read && is_as_judged).then_some((asked, parts))
    }

    /// Returns whether what runs here is this command: it is the text that was met, or stands on the command
    /// line of a process between the agent and this one, or the process that took the answer is one of those.
    /// A shell becomes the last program of its text; that one is the agent's own child then.
    fn runs(&self, form: &Form, by: ProcessId) -> bool {
        // An agent's program may have started itself once more.
        let is_agents = |above: &Process| above.id() == self.asker.root || is_agent(above);
        let met = match &self.challenge.proposal().form {
            own @ Form::Shell { .. } => is_in(form, &own.text()),
            Form::Argv(_) => self.line.processes.get(1).is_some_and(is_agents),
        };
        let above = self.line.processes.iter().skip(1);
        let mut below = above.take_while(|process| process.id() != self.asker.root);
        met || below.any(|process| process.id() == by || is_on(form, &process.argv))
    }
}

/// Returns whether a command stands on a command line.
fn is_on(form: &Form, argv: &[String]) -> bool {
    match form {
        Form::Shell { .. } => is_in(form, &argv.join(" ")),
        Form::Argv(words) => {
            words.iter().map(|word| word.to_string_lossy()).eq(argv.iter().map(String::as_str))
        }
    }
}

/// Returns whether a command stands in a text, perhaps in quotes.
fn is_in(form: &Form, text: &str) -> bool {
    let command = form.text();
    let command = command.trim();
    !command.is_empty() && QUOTES.iter().any(|quote| text.contains(&command.replace('\'', quote)))
}
