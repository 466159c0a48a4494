//! The asking side: writes the request, waits for the answer, and takes it only from a person.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::exactly::Exactly;
use super::hearing::{First, Heard, Hearing, Run};
use super::notify;
use super::request::{Asked, Request};
use super::store::{Listening, Store, patiently};
use super::vouch::Case;
use super::wire::{Message, Peer};
use crate::confirm::Wait;
use crate::decide::Answerer;
use crate::decide::policy::notify::Notify;
use crate::decide::question::Prompt;
use crate::decide::surroundings::Asker;
use crate::decide::{Because, Challenge, Clearance, Refusal};
use crate::place::Place;
use crate::proof::Secrets;
use crate::record::Receipt;
use crate::text::minutes;
use crate::text::safe;

/// How an answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(in crate::confirm) struct Waiting<'n> {
    /// How long at most, and for what.
    pub wait: Wait,
    /// What tells people of the question.
    pub notify: &'n [&'n Notify],
}

/// Asks a person who sits elsewhere, and waits at most so long for the answer.
///
/// # Errors
///
/// Returns a refusal for anything but an answer that allows it. Where nobody answered, the request stays
/// open.
pub(in crate::confirm) fn ask(
    challenge: Challenge,
    question: Prompt,
    secrets: Option<&Secrets>,
    asker: &Asker,
    asked: Receipt,
    place: &Place<'_>,
    waiting: Waiting<'_>,
) -> Result<Clearance, Refusal> {
    let exactly = Exactly::of(&challenge, place);
    let vouch = waiting.wait.vouch.then(|| Case::of(challenge.proposal()));
    let run = Run { challenge: &challenge, exactly, secrets, place, vouch };
    match ask_until(&run, question, asker, asked, waiting) {
        Ok(Heard::Answered(answered, opened)) => challenge.accept(answered, opened),
        Ok(Heard::Denied { by, because }) => {
            Err(challenge.decline(Because::Denied { by: Box::new(by), because }))
        }
        Ok(Heard::Changed(path)) => Err(challenge.decline(Because::Changed(path))),
        Ok(Heard::Nothing { code, left }) => Err(challenge.decline(Because::Unanswered { code, left })),
        Err(why) => Err(challenge.decline(Because::NobodyToAsk(why))),
    }
}

fn ask_until(
    run: &Run<'_>,
    question: Prompt,
    asker: &Asker,
    asked: Receipt,
    waiting: Waiting<'_>,
) -> Result<Heard, String> {
    let wait = waiting.wait.time;
    let asked_by = Asked::of(asker).ok_or("who is asking cannot be determined")?;
    let store = Store::open(|name| run.place.environment.get(name).map(ToOwned::to_owned))?;
    let demand = run.challenge.demand();
    let is_known = |known: &Request| known.is_for(&question, demand, &asked_by, &run.exactly);
    let known = store.all().into_iter().find(is_known);
    let failed = |error: std::io::Error| format!("the question cannot be kept for a person: {error}");
    let begin = || {
        let begun = begin(&store, question, asked_by, run, asked)?;
        notify::tell(&begun.0, waiting.notify, &store, run.place);
        Ok::<_, String>(begun)
    };
    let (request, listening, first) = match known {
        Some(request) => {
            if let Some(because) = store.denied(&request.code) {
                store.remove(&request.code);
                return Ok(Heard::Denied { by: Answerer::here(), because });
            }
            match take_up(&store, &request, run).map_err(failed)? {
                Taken::Up(listening, first) => (request, listening, first),
                Taken::Answer(heard) => return Ok(heard),
                Taken::Not => begin()?,
            }
        }
        None => begin()?,
    };
    // A shorter wait is for an answer that is there already, and over before anybody could give one.
    if wait >= Duration::from_secs(1) {
        tell(&request, wait);
    }
    let mut hearing = Hearing { run, request: &request, first };
    let heard = listen(&listening, &mut hearing, wait);
    if !matches!(heard, Heard::Nothing { .. }) {
        store.remove(&request.code);
    }
    Ok(heard)
}

fn begin(
    store: &Store,
    question: Prompt,
    asker: Asked,
    run: &Run<'_>,
    asked: Receipt,
) -> Result<(Request, Listening, First), String> {
    let failed = |error: std::io::Error| format!("the question cannot be kept for a person: {error}");
    let request =
        Request::new(question, run.challenge.demand(), asker, &run.exactly, asked.n).map_err(failed)?;
    let listening = store.write(&request)?;
    Ok((request, listening, None))
}

/// What comes of a request that is known already.
enum Taken {
    /// This run listens for its answer, perhaps with a first of two already.
    Up(Listening, First),
    /// Its answer was kept.
    Answer(Heard),
    /// Another run listens for it.
    Not,
}

/// Becomes the one who listens for a known request, or gets its answer from whoever keeps it.
fn take_up(store: &Store, request: &Request, run: &Run<'_>) -> std::io::Result<Taken> {
    let mut hearing = Hearing { run, request, first: None };
    let taken = patiently(|| {
        match store.listen(&request.code) {
            Ok(Some(listening)) => return Some(Ok(Taken::Up(listening, hearing.first.take()))),
            Ok(None) => {}
            // Another run has just got the answer.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Ok(Taken::Not)),
            Err(error) => return Some(Err(error)),
        }
        // Who has the lock may be about to listen, or to end.
        let stream = store.connect(&request.code).ok()?;
        if let Some(heard) = fetch(stream, &mut hearing) {
            store.remove(&request.code);
            return Some(Ok(Taken::Answer(heard)));
        }
        // As many may keep an answer as people are needed: after the first there is another.
        hearing.first.is_none().then_some(Ok(Taken::Not))
    });
    taken.unwrap_or(Ok(Taken::Not))
}

/// Asks whoever listens for a known request whether they keep its answer.
fn fetch(stream: UnixStream, hearing: &mut Hearing<'_>) -> Option<Heard> {
    let mut peer = Peer::over(stream).ok()?;
    peer.say(&Message::Run { digest: hearing.request.digest() }).ok()?;
    hearing.hear(peer).ok()?
}

/// Tells the caller, who may well be an agent, that it is to wait.
fn tell(request: &Request, wait: Duration) {
    let what = request.question.rules.first().map_or_else(
        || "what this would do cannot be determined".to_owned(),
        |rule| format!("{}: {}", rule.id, rule.title),
    );
    eprintln!("guard: waiting for a person; do not look for another way: {}", safe(&what));
    let (wait, code) = (minutes(wait.min(request.left())), &request.code);
    eprintln!(
        "guard: a person answers within {wait}, in a terminal of their own, with: guard approve {code}"
    );
}

/// Listens until an answer comes that a person gave, or the time is over. Whoever else connects is
/// told why not, and changes nothing.
fn listen(listening: &Listening, hearing: &mut Hearing<'_>, wait: Duration) -> Heard {
    let request = hearing.request;
    let until = Instant::now() + wait.min(request.left());
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut waiting = [PollFd::new(listening.socket.listener.as_fd(), PollFlags::POLLIN)];
        let time = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let ready = poll(&mut waiting, time);
        if left.is_zero() && ready != Ok(1) {
            return Heard::Nothing { code: request.code.clone(), left: request.left() };
        }
        let Ok((stream, _)) = listening.socket.listener.accept() else { continue };
        if let Ok(Some(heard)) = Peer::over(stream).and_then(|peer| hearing.hear(peer)) {
            return heard;
        }
    }
}
