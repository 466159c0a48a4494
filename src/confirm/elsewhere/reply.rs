//! The answering side: puts a request to the person at this terminal and hands the answer over.

use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::person;
use super::request::Request;
use super::store::{Listening, Store};
use super::wire::{Message, Peer};
use crate::confirm::prompt::{Prompt, minutes};
use crate::confirm::{Answer, Answerer, Human, PATIENCE};
use crate::env_vars;
use crate::proof::{self, Shown};
use crate::record::{Book, Receipt};

/// How often it is tried again to reach a run that was about to end or to begin.
const TRIES: usize = 3;

/// What came of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reply {
    /// The command has the answer and runs.
    Allowed,
    /// The command has the answer, or will find it, and does not run.
    Denied,
    /// Nobody came for the answer in time.
    Expired,
}

/// Puts a request to the person at this terminal. The phrase lets the command run once; an empty line
/// or Ctrl-C refuses; anything else leaves the question as it is.
///
/// # Errors
///
/// Returns why it was not answered, as a lower-case fragment.
pub fn approve(
    store: &Store,
    request: &Request,
    human: &mut dyn Human,
    book: &Book,
) -> Result<Reply, String> {
    let person = person::here(request).map_err(|why| format!("this terminal cannot answer: {why}"))?;
    let secrets = proof::meet(request.demand, env_vars::get)?;
    let asked = Receipt { n: request.asked };
    let on_record = |error: crate::record::LedgerError| format!("{error}; an answer must be on record");
    book.shown(asked, &person).map_err(on_record)?;
    let prompt = Prompt { time: request.left().min(PATIENCE), ..request.question.clone() };
    match human.answer(&prompt) {
        Answer::Typed(typed) if typed == request.question.phrase => {
            let digest = request.digest();
            let shown = secrets.map(|secrets| secrets.show(&digest, human, prompt.time)).transpose();
            let shown = shown.map_err(|why| format!("{why}; the question waits on"))?;
            let person = Answerer { secret: shown.as_ref().map(Shown::by), ..person };
            book.answered(asked, &person, None).map_err(on_record)?;
            hand_over(store, request, &Message::Answer { digest, phrase: typed, shown })
        }
        Answer::Declined => deny(store, request, "", book),
        other => Err(format!("{}; the question waits on", other.because(prompt.time))),
    }
}

/// Refuses a request, perhaps for a reason that the asker is told.
///
/// # Errors
///
/// Returns why that could not be done, as a lower-case fragment.
pub fn deny(store: &Store, request: &Request, because: &str, book: &Book) -> Result<Reply, String> {
    let person = person::here(request).unwrap_or_else(|_| Answerer::here());
    let told = if because.is_empty() { "declined".to_owned() } else { format!("declined: {because}") };
    book.answered(Receipt { n: request.asked }, &person, Some(&told)).map_err(|error| error.to_string())?;
    hand_over(store, request, &Message::Deny { digest: request.digest(), because: because.to_owned() })
}

/// Gives an answer to the run that waits for it, or keeps it for the next one.
fn hand_over(store: &Store, request: &Request, answer: &Message) -> Result<Reply, String> {
    let failed = |error: std::io::Error| format!("the question {} cannot be answered: {error}", request.code);
    for _ in 0..TRIES {
        if let Some(listening) = store.listen(&request.code).map_err(failed)? {
            return match answer {
                Message::Deny { because, .. } => {
                    store.deny(&request.code, because).map_err(failed).map(|()| Reply::Denied)
                }
                _ => keep(&listening, request, answer),
            };
        }
        let Ok(mut peer) = store.connect(&request.code).and_then(Peer::over) else { continue };
        if let Some(reply) = give(&mut peer, answer)? {
            return Ok(reply);
        }
    }
    Err(format!("the question {} cannot be answered: whoever asked does not listen", request.code))
}

fn give(peer: &mut Peer, answer: &Message) -> Result<Option<Reply>, String> {
    let said = peer.say(answer).and_then(|()| peer.hear());
    match said {
        Ok(Message::Taken) => Ok(Some(reply(answer))),
        Ok(Message::Refused { because }) => Err(format!("the answer was not taken: {because}")),
        // It ended before it heard.
        _ => Ok(None),
    }
}

fn reply(answer: &Message) -> Reply {
    if matches!(answer, Message::Deny { .. }) { Reply::Denied } else { Reply::Allowed }
}

/// Keeps an answer until the command is run again. It is kept by this process and nowhere else, so it
/// is given once, to one run, and is gone when the person leaves.
fn keep(listening: &Listening, request: &Request, answer: &Message) -> Result<Reply, String> {
    let left = request.left();
    println!(
        "guard: nobody waits for the answer just now. It is kept here for {}, for one run of the same command.\n\
         guard: Ctrl-C takes it back.",
        minutes(left)
    );
    let until = Instant::now() + left;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Reply::Expired);
        }
        let mut waiting = [PollFd::new(listening.listener.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut waiting, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        let Ok((stream, _)) = listening.listener.accept() else { continue };
        let Ok(mut peer) = Peer::over(stream) else { continue };
        match peer.hear() {
            Ok(Message::Run { digest }) if digest == request.digest() => {
                if let Some(reply) = give(&mut peer, answer)? {
                    return Ok(reply);
                }
            }
            _ => _ = peer.say(&Message::Refused { because: "it is answered already".to_owned() }),
        }
    }
}
