//! The asking side: writes the request, waits for the answer, and takes it only from a person.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::exactly::Exactly;
use super::person;
use super::request::{Asked, Request};
use super::store::{Listening, Store};
use super::wire::{Message, Peer};
use crate::confirm::Answerer;
use crate::confirm::prompt::{Prompt, minutes};
use crate::decide::surroundings::Asker;
use crate::decide::{Answered, Because, Challenge, Clearance, Refusal};
use crate::place::Place;
use crate::proof::{Secrets, Shown};
use crate::record::Receipt;
use crate::text::safe;

/// Asks a person who sits elsewhere, and waits at most so long for the answer.
///
/// # Errors
///
/// Returns the refusal that anything but an answer is. Where nobody answered, the request lives on.
pub(in crate::confirm) fn ask(
    challenge: Challenge,
    question: Prompt,
    secrets: Option<&Secrets>,
    asker: &Asker,
    asked: Receipt,
    place: &Place<'_>,
    wait: Duration,
) -> Result<Clearance, Refusal> {
    let run = Run { challenge: &challenge, exactly: Exactly::of(&challenge, place), secrets, place };
    match ask_until(&run, question, asker, asked, wait) {
        Ok(Heard::Answered(answered)) => challenge.accept(answered),
        Ok(Heard::Denied { by, because }) => {
            Err(challenge.decline(Because::Denied { by: Box::new(by), because }))
        }
        Ok(Heard::Changed(path)) => Err(challenge.decline(Because::Changed(path))),
        Ok(Heard::Nothing { code, left }) => Err(challenge.decline(Because::Unanswered { code, left })),
        Err(why) => Err(challenge.decline(Because::NobodyToAsk(why))),
    }
}

/// What came of waiting.
enum Heard {
    Answered(Answered),
    Denied {
        by: Answerer,
        because: String,
    },
    /// The answer came, but what it is for is no longer the same.
    Changed(PathBuf),
    Nothing {
        code: String,
        left: Duration,
    },
}

/// What waits for an answer, and by what that is checked.
struct Run<'r> {
    challenge: &'r Challenge,
    exactly: Exactly,
    secrets: Option<&'r Secrets>,
    place: &'r Place<'r>,
}

fn ask_until(
    run: &Run<'_>,
    question: Prompt,
    asker: &Asker,
    asked: Receipt,
    wait: Duration,
) -> Result<Heard, String> {
    let asked_by = Asked::of(asker).ok_or("it cannot be told who asks")?;
    let store = Store::open(|name| run.place.environment.get(name).map(ToOwned::to_owned))?;
    let demand = run.challenge.demand();
    let is_known = |known: &Request| known.is_for(&question, demand, &asked_by, &run.exactly);
    let known = store.all().into_iter().find(is_known);
    let failed = |error: std::io::Error| format!("the question cannot be kept for a person: {error}");
    let (request, listening) = match known {
        Some(request) => {
            if let Some(because) = store.denied(&request.code) {
                store.remove(&request.code);
                return Ok(Heard::Denied { by: Answerer::here(), because });
            }
            match store.listen(&request.code).map_err(failed)? {
                Some(listening) => (request, listening),
                // Somebody listens: a person's guard that kept the answer, or another run.
                None => match fetch(&store, &request, run) {
                    Some(heard) => return Ok(heard),
                    None => begin(&store, question, asked_by, run, asked)?,
                },
            }
        }
        None => begin(&store, question, asked_by, run, asked)?,
    };
    if !wait.is_zero() {
        tell(&request, wait);
    }
    let heard = listen(&listening, &request, run, wait);
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
) -> Result<(Request, Listening), String> {
    let failed = |error: std::io::Error| format!("the question cannot be kept for a person: {error}");
    let request =
        Request::new(question, run.challenge.demand(), asker, &run.exactly, asked.n).map_err(failed)?;
    store.write(&request)?;
    let listening = store.listen(&request.code).map_err(failed)?;
    Ok((request, listening.ok_or("another process took the question")?))
}

/// Tells the caller, who may well be an agent, that it is to wait.
fn tell(request: &Request, wait: Duration) {
    let what = request.question.rules.first().map_or_else(
        || "it cannot be told what this would do".to_owned(),
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
fn listen(listening: &Listening, request: &Request, run: &Run<'_>, wait: Duration) -> Heard {
    let until = Instant::now() + wait.min(request.left());
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut waiting = [PollFd::new(listening.listener.as_fd(), PollFlags::POLLIN)];
        let time = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let ready = poll(&mut waiting, time);
        if left.is_zero() && ready != Ok(1) {
            return Heard::Nothing { code: request.code.clone(), left: request.left() };
        }
        let Ok((stream, _)) = listening.listener.accept() else { continue };
        let heard = Peer::over(stream).and_then(|mut peer| hear(&mut peer, request, run));
        if let Ok(Some(heard)) = heard {
            return heard;
        }
    }
}

impl Run<'_> {
    /// Returns the person with the secret that they showed, if it is the one that is needed. This guard
    /// checks that itself: that the other is guard as well does not tell what its user may do to it.
    fn proven(&self, by: Answerer, digest: &str, shown: Option<&Shown>) -> Result<Answerer, String> {
        let Some(secrets) = self.secrets else { return Ok(by) };
        secrets.check(digest, shown)?;
        Ok(Answerer { secret: shown.map(Shown::by), ..by })
    }
}

/// Asks whoever listens for a known request whether they keep its answer.
fn fetch(store: &Store, request: &Request, run: &Run<'_>) -> Option<Heard> {
    let mut peer = Peer::over(store.connect(&request.code).ok()?).ok()?;
    peer.say(&Message::Run { digest: request.digest() }).ok()?;
    let heard = hear(&mut peer, request, run).ok()??;
    store.remove(&request.code);
    Some(heard)
}

/// Hears one message and takes it if it is a person's.
fn hear(peer: &mut Peer, request: &Request, run: &Run<'_>) -> std::io::Result<Option<Heard>> {
    let (pid, uid) = peer.process()?;
    let said = peer.hear()?;
    let person = person::behind(pid, uid, &request.asker);
    let heard = match said {
        Message::Answer { digest, .. } if digest != request.digest() => {
            Err("the answer is for another question".to_owned())
        }
        Message::Answer { phrase, .. } if phrase.trim() != run.challenge.phrase() => {
            Err("what was typed is not the phrase".to_owned())
        }
        Message::Answer { digest, phrase, shown } => {
            let proven = person.and_then(|by| run.proven(by, &digest, shown.as_ref()));
            proven.map(|by| match run.exactly.changed(run.place) {
                Some(path) => Heard::Changed(path),
                None => Heard::Answered(Answered { phrase, by }),
            })
        }
        // Who refuses need not be a person: it is the safe answer.
        Message::Deny { digest, because } if digest == request.digest() => Ok(Heard::Denied {
            by: person.unwrap_or_else(|why| Answerer { proof: Some(why), tty: None, ..Answerer::here() }),
            because,
        }),
        Message::Run { .. } => Err("another run waits for the answer".to_owned()),
        Message::Deny { .. } | Message::Taken | Message::Refused { .. } => return Ok(None),
    };
    let reply = match &heard {
        Ok(Heard::Changed(path)) => {
            Message::Refused { because: format!("{} changed since the question was put", path.display()) }
        }
        Ok(_) => Message::Taken,
        Err(because) => Message::Refused { because: because.clone() },
    };
    peer.say(&reply)?;
    Ok(heard.ok())
}
