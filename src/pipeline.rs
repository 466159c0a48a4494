//! The way of a command from proposal to record. Read this file first; the modules that it names hold the
//! details.

use std::fmt;

use crate::aim;
use crate::backup;
use crate::clock;
use crate::config::Config;
use crate::confirm::elsewhere::Case;
use crate::confirm::{self, Patience};
use crate::counts;
use crate::decide::policy::Do;
use crate::decide::policy::Policy;
use crate::decide::policy::freeze::Now;
use crate::decide::surroundings::who_asks;
use crate::decide::{self, Because, Challenge, Clearance, Decision, Refusal};
use crate::hand;
use crate::human::Human;
use crate::keep::{self, Plan};
use crate::matcher;
use crate::place::Place;
use crate::proposal::{Origin, Proposal};
use crate::record::{Book, LedgerError, Receipt};
use crate::resolve;
use crate::resolve::action::Action;
use crate::rulebook::Rulebook;
use crate::run::{self, Ended, NotStarted};
use crate::verify;

/// What judging needs.
#[derive(Clone, Copy)]
pub struct Session<'s> {
    /// Where the command would act, and the machine around it.
    pub place: &'s Place<'s>,
    /// What is dangerous.
    pub rulebook: &'s Rulebook,
    /// What is asked about.
    pub policy: &'s Policy,
    /// How long to wait for a person.
    pub patience: Patience,
    /// The questions that a person has allowed and whose commands are running as ancestors of this one.
    pub above: &'s dyn Fn() -> Vec<Challenge>,
}

impl<'s> Session<'s> {
    /// Returns what judging needs in a place where `config` is in force, with the usual patience and no
    /// answered questions above.
    pub fn of(place: &'s Place<'s>, config: &'s Config) -> Self {
        let Config { rulebook, policy, .. } = config;
        Self { place, rulebook, policy, patience: Patience::default(), above: &Vec::new }
    }
}

/// Judges a command and runs nothing.
pub fn assess(proposal: Proposal, session: Session<'_>) -> Decision {
    let resolution = resolve::resolve(&proposal, session.place, session.rulebook);
    let findings = matcher::find(&resolution, session.rulebook, session.place);
    // Only what was found dangerous is looked at more closely; a harmless command costs nothing here.
    let variables: Vec<&String> = session.policy.variables().collect();
    let aims = aim::look(&findings, &resolution, &proposal, session.place, session.rulebook, &variables);
    let now = if findings.is_empty() { Now::default() } else { now(session) };
    decide::decide(proposal, resolution, findings.into_iter().zip(aims).collect(), session.policy, &now)
}

/// Returns the time here and in the zones that policy names.
fn now(session: Session<'_>) -> Now {
    let at = clock::now();
    let offset = |zone: &str| Some((zone.to_owned(), clock::offset(zone, at, session.place.world)?));
    Now { at, zones: session.policy.zones().filter_map(offset).collect() }
}

/// Judges a command, asks a person where that is needed, runs it if it may run, and records it.
///
/// # Errors
///
/// Returns why guard itself could not do its work; then nothing was run.
pub fn exec(
    proposal: Proposal,
    session: Session<'_>,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Outcome, Failure> {
    let Settled { cleared, question } = clear(assess(proposal, session), session, human, book)?;
    match cleared {
        Ok(clearance) => {
            let opened = book.open(&clearance, question)?;
            let ended = run::run(clearance, session.place)?;
            book.close(opened, ended);
            Ok(Outcome::Ran(ended))
        }
        Err(refusal) => {
            book.refused(&refusal, question);
            Ok(Outcome::Refused(refusal))
        }
    }
}

/// Settles whether a judged command may run that somebody else is about to run: asks a person where that is needed,
/// and records it. Nothing is run here.
///
/// # Errors
///
/// Returns why guard itself could not do its work; then the command must not run.
pub fn permit(
    decision: Decision,
    session: Session<'_>,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Result<(), Refusal>, Failure> {
    let Settled { cleared, question } = clear(decision, session, human, book)?;
    match cleared {
        Ok(clearance) => {
            let _ = book.open(&clearance, question)?;
            Ok(Ok(run::leave(clearance, session.place)?))
        }
        Err(refusal) => {
            book.refused(&refusal, question);
            Ok(Err(refusal))
        }
    }
}

/// Whether a command may run, and the question that this took, if any, as it stands on record.
struct Settled {
    cleared: Result<Clearance, Refusal>,
    question: Option<Receipt>,
}

impl Settled {
    /// Settles it without a question.
    fn unasked(cleared: Result<Clearance, Refusal>) -> Self {
        Self { cleared, question: None }
    }
}

/// Asks a person about a judged command where that is needed, and keeps what it removes even where nobody is asked.
fn clear(
    decision: Decision,
    session: Session<'_>,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Settled, Failure> {
    let Settled { cleared, question } = settle(decision, session, human, book)?;
    Ok(Settled { cleared: cleared.and_then(|clearance| keep_unasked(clearance, session, book)), question })
}

/// Asks a person about a judged command where that is needed and none has answered for it already.
fn settle(
    decision: Decision,
    session: Session<'_>,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Settled, Failure> {
    let challenge = match decision {
        // What would be asked about only goes on record then; a freeze stops it all the same.
        Decision::Run(clearance) if clearance.is_observed() => {
            return Ok(Settled::unasked(match frozen(session) {
                Some(frozen) => Err(clearance.refuse(frozen)),
                None => Ok(clearance),
            }));
        }
        Decision::Run(clearance) => {
            // What policy lets run needs its backups all the same.
            let looked = backup::demanded(clearance.backups(), clearance.proposal(), session.place);
            if looked.lacking.is_some() {
                return Ok(Settled::unasked(Err(clearance.refuse(Because::Policy(looked.lacking)))));
            }
            match keep_first(clearance, session, None, book) {
                Saved::Done(cleared) => return Ok(Settled::unasked(cleared.map_err(|refusal| *refusal))),
                Saved::Not(challenge) => challenge,
            }
        }
        Decision::Refuse(refusal) => return Ok(Settled::unasked(Err(refusal))),
        Decision::Confirm(challenge) => {
            // Also what is below something that a person let through.
            if let Some(frozen) = frozen(session) {
                return Ok(Settled::unasked(Err(challenge.decline(frozen))));
            }
            let challenge = match challenge.under(&(session.above)()) {
                Ok(clearance) => return Ok(Settled::unasked(Ok(clearance))),
                Err(challenge) => challenge,
            };
            match vouched(challenge, session) {
                Ok((clearance, question)) => {
                    return Ok(Settled { cleared: Ok(clearance), question: Some(question) });
                }
                Err(challenge) => *challenge,
            }
        }
    };
    ask(challenge, session, human, book)
}

/// Lets a command through that a person has already allowed at another door, if that person's guard vouches
/// for it.
///
/// # Errors
///
/// Returns the question where nobody does. A hook is never vouched for: it runs nothing itself.
pub fn vouched(challenge: Challenge, session: Session<'_>) -> Result<(Clearance, Receipt), Box<Challenge>> {
    if matches!(challenge.proposal().origin, Origin::Agent { .. }) {
        return Err(Box::new(challenge));
    }
    let judge = |case: &Case| {
        let Case { form, cwd } = case.clone();
        let environment = challenge.proposal().environment.clone();
        let place = Place::new(cwd, environment, session.place.world);
        match assess(Proposal::at(&place, form), Session { place: &place, ..session }) {
            Decision::Confirm(asked) => Some(asked),
            Decision::Run(_) | Decision::Refuse(_) => None,
        }
    };
    let Some((asked, answered, question)) = confirm::vouched(&challenge, session.place, &judge) else {
        return Err(Box::new(challenge));
    };
    challenge.vouched(&asked, answered).map(|clearance| (clearance, question)).map_err(Box::new)
}

/// Asks a person, and saves what the command drops once the answer is yes. Where saving what the question
/// promised fails, the person is asked again without that promise.
fn ask(
    mut challenge: Challenge,
    session: Session<'_>,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Settled, Failure> {
    let looked = backup::demanded(challenge.backups(), challenge.proposal(), session.place);
    if looked.lacking.is_some() {
        return Ok(Settled::unasked(Err(challenge.decline(Because::Policy(looked.lacking)))));
    }
    challenge.tell_backups(looked.there);
    hand::tell(&mut challenge, session.place);
    if !challenge.is_told() {
        // What runs for a question runs only where there is one.
        if session.patience.elsewhere.is_some() {
            verify::tell(&mut challenge, session.policy, session.place);
        }
        let plan = plan(&challenge.keeping(), challenge.actions(), session);
        let unkept = plan.unkept();
        if let (Some(why), Do::Refuse) = (unkept.first(), session.policy.before().unkept) {
            let because = Because::Policy(Some(format!("what it drops cannot be kept first: {why}")));
            return Ok(Settled::unasked(Err(challenge.decline(because))));
        }
        challenge.tell(plan.description(), &unkept);
    }
    if session.patience.elsewhere.is_some() {
        challenge.tell_counts(counts::of(&challenge, session.place));
    }
    let promised = challenge.promises();
    let question = book.asked(&challenge, who_asks().agent.as_deref())?;
    // At this terminal if it is a person's, else elsewhere.
    let notify = session.policy.notify();
    let answer = confirm::ask(challenge, question, session.place, session.patience, &notify, human);
    // An answer that was given and not used dies with a freeze.
    let answer = answer.and_then(|clearance| match frozen(session) {
        Some(frozen) => Err(clearance.refuse(frozen)),
        None => Ok(clearance),
    });
    match answer {
        Ok(clearance) if promised => match keep_first(clearance, session, Some(question), book) {
            Saved::Done(cleared) => {
                Ok(Settled { cleared: cleared.map_err(|refusal| *refusal), question: Some(question) })
            }
            Saved::Not(challenge) => ask(challenge, session, human, book),
        },
        cleared => Ok(Settled { cleared, question: Some(question) }),
    }
}

/// What would be done before a command runs.
#[derive(Debug, Default)]
pub struct First {
    /// What is kept, in words.
    pub kept: Vec<String>,
    /// What is not kept although a rule says so, and why.
    pub unkept: Vec<String>,
    /// The backups that policy demands.
    pub backups: Vec<String>,
}

/// Returns what would be done before a judged command runs, and does none of it.
pub fn first(decision: &Decision, session: Session<'_>) -> First {
    let (keeping, actions, backups) = match decision {
        Decision::Run(clearance) => (clearance.keeping(), clearance.actions(), clearance.backups()),
        Decision::Confirm(challenge) => (challenge.keeping(), challenge.actions(), challenge.backups()),
        Decision::Refuse(_) => return First::default(),
    };
    let plan = plan(&keeping, actions, session);
    let kept = plan
        .description()
        .into_iter()
        .chain(unasked(actions, session).without(&plan).description())
        .collect();
    First { kept, unkept: plan.unkept(), backups: backups.iter().map(backup::demand).collect() }
}

/// Returns the freeze that is in force, if there is one. It is looked for only where a person would be asked.
fn frozen(session: Session<'_>) -> Option<Because> {
    let variable = |name: &str| session.place.environment.get(name).map(ToOwned::to_owned);
    confirm::freeze::in_force(variable).map(|frozen| Because::Frozen(frozen.description()))
}

/// The outcome of saving.
enum Saved {
    /// It may run, or policy refuses it.
    Done(Result<Clearance, Box<Refusal>>),
    /// It could not be saved, which a person must know; the question says so.
    Not(Challenge),
}

/// Saves what a cleared command is going to drop.
fn keep_first(clearance: Clearance, session: Session<'_>, question: Option<Receipt>, book: &Book) -> Saved {
    let keeping = clearance.keeping();
    if keeping.is_empty() {
        return Saved::Done(Ok(clearance));
    }
    let plan = plan(&keeping, clearance.actions(), session);
    // After a question, only what it promised counts: the rest was told in it.
    let unkept = plan.unkept().into_iter().next().filter(|_| question.is_none() || plan.is_empty());
    let saved = match unkept {
        Some(why) => Err(why),
        None if plan.is_empty() => Ok(None),
        None => keep::first(plan, clearance.proposal(), session.place).map(Some),
    };
    let why = match saved {
        Ok(told) => {
            if let Some(told) = told {
                book.kept(question, &told);
                eprintln!("guard: {}", crate::text::safe(&told));
            }
            return Saved::Done(Ok(clearance));
        }
        Err(why) => why,
    };
    book.kept(question, &format!("not kept: {why}"));
    match session.policy.before().unkept {
        Do::Run => Saved::Done(Ok(clearance)),
        Do::Refuse => {
            let because = Because::Policy(Some(format!("what it drops cannot be kept first: {why}")));
            Saved::Done(Err(Box::new(clearance.refuse(because))))
        }
        Do::Confirm => {
            let mut challenge = clearance.again();
            challenge.tell(Vec::new(), &[why]);
            Saved::Not(challenge)
        }
    }
}

/// Keeps the files that a cleared command removes and that git could not restore. A failure stops nothing,
/// unless the policy says that nothing goes unkept.
fn keep_unasked(clearance: Clearance, session: Session<'_>, book: &Book) -> Result<Clearance, Refusal> {
    let plan = unasked(clearance.actions(), session);
    let failed = plan.unkept().into_iter().next();
    let saved = match plan.is_empty() {
        true => Ok(None),
        false => keep::first(plan, clearance.proposal(), session.place).map(Some),
    };
    if let Ok(Some(told)) = &saved {
        book.kept(None, told);
    }
    let Some(why) = saved.err().or(failed) else { return Ok(clearance) };
    book.kept(None, &format!("not kept: {why}"));
    match session.policy.before().unkept {
        Do::Refuse => {
            let because = Because::Policy(Some(format!("what it drops cannot be kept first: {why}")));
            Err(clearance.refuse(because))
        }
        Do::Run | Do::Confirm => Ok(clearance),
    }
}

fn unasked(actions: &[Action], session: Session<'_>) -> Plan {
    let bounds = keep::may_drop(actions).then(|| session.policy.before().untracked()).flatten();
    let keep = |bounds| keep::unasked(actions, bounds, session.place, is_brief(session));
    bounds.map_or_else(Plan::default, keep)
}

fn plan(keeping: &[&matcher::Finding], actions: &[Action], session: Session<'_>) -> Plan {
    Plan::of(keeping, actions, &session.policy.before(), session.place, is_brief(session))
}

/// Returns whether there is little time: where nobody is asked, an agent is waiting for its hook.
fn is_brief(session: Session<'_>) -> bool {
    session.patience.here.is_zero()
}

/// The outcome for a command.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// It ran.
    Ran(Ended),
    /// It did not.
    Refused(Refusal),
}

/// Why guard could not do its work. Nothing was run.
#[derive(Debug)]
pub enum Failure {
    /// What a person is to be asked, or has confirmed, cannot be put on record.
    Ledger(LedgerError),
    /// The command was let through and could not be started.
    NotStarted(NotStarted),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(error) => write!(f, "{error}; what a person is asked must be on record"),
            Self::NotStarted(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<NotStarted> for Failure {
    fn from(error: NotStarted) -> Self {
        Self::NotStarted(error)
    }
}
