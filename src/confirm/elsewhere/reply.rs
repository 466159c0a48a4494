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
use crate::decide::policy::demand::People;
use crate::env_vars;
use crate::proof;
use crate::record::{Book, Receipt};

/// How often it is tried again to reach a run that was about to end or to begin.
const TRIES: usize = 3;

/// More guards than this do not wait for the one that keeps the first answer.
const MOST_OTHERS: usize = 4;

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
            let person = person.with(shown.as_ref());
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
    let mut tries = 0;
    while tries < TRIES {
        let given = match store.listen(&request.code).map_err(failed)? {
            Some(listening) => match answer {
                Message::Deny { because, .. } => {
                    return store.deny(&request.code, because).map_err(failed).map(|()| Reply::Denied);
                }
                _ => keep(listening, request, answer)?,
            },
            None => match store.connect(&request.code).and_then(Peer::over) {
                Ok(peer) => give(peer, answer)?,
                Err(_) => Given::Not,
            },
        };
        match given {
            Given::Reply(reply) => return Ok(reply),
            Given::Held(peer) => match stand(peer, request)? {
                Some(reply) => return Ok(reply),
                // Whoever held it has ended: it is for the next run.
                None => tries = 0,
            },
            Given::Not => tries += 1,
        }
    }
    Err(format!("the question {} cannot be answered: whoever asked does not listen", request.code))
}

/// What came of giving an answer.
enum Given {
    /// It was taken, or its time is over.
    Reply(Reply),
    /// It stands for as long as this connection does, and a second person's is needed.
    Held(Peer),
    /// The other side ended before it heard.
    Not,
}

fn give(mut peer: Peer, answer: &Message) -> Result<Given, String> {
    match peer.say(answer).and_then(|()| peer.hear()) {
        Ok(Message::Taken) if matches!(answer, Message::Deny { .. }) => Ok(Given::Reply(Reply::Denied)),
        Ok(Message::Taken) => Ok(Given::Reply(Reply::Allowed)),
        Ok(Message::Held) => Ok(Given::Held(peer)),
        Ok(Message::Refused { because }) => Err(not_taken(&because)),
        _ => Ok(Given::Not),
    }
}

fn not_taken(because: &str) -> String {
    format!("the answer was not taken: {because}")
}

/// Stays while an answer stands, until a second person has answered or the run that holds it has ended.
fn stand(mut peer: Peer, request: &Request) -> Result<Option<Reply>, String> {
    println!(
        "guard: the answer stands, and a second person has to answer too: guard approve {}\n\
         guard: it counts for as long as this waits, at most {}. Ctrl-C takes it back.",
        request.code,
        minutes(request.left())
    );
    let heard =
        peer.say(&Message::Yielded).and_then(|()| peer.wait_for(request.left())).and_then(|()| peer.hear());
    match heard {
        Ok(Message::Taken) => Ok(Some(Reply::Allowed)),
        Ok(Message::Refused { because }) => Err(not_taken(&because)),
        _ if request.left().is_zero() => Ok(Some(Reply::Expired)),
        _ => Ok(None),
    }
}

/// Keeps an answer until the command is run again. It is kept by this process and nowhere else, so it
/// is given once, to one run, and is gone when the person leaves.
fn keep(listening: Listening, request: &Request, answer: &Message) -> Result<Given, String> {
    let left = request.left();
    println!(
        "guard: nobody waits for the answer just now. It is kept here for {}, for one run of the same command.\n\
         guard: Ctrl-C takes it back.",
        minutes(left)
    );
    let until = Instant::now() + left;
    // The guards of others whose answers are needed as well: they go to the run when this one does.
    let mut others = Vec::new();
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Given::Reply(Reply::Expired));
        }
        let mut waiting = [PollFd::new(listening.listener.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut waiting, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        let Ok((stream, _)) = listening.listener.accept() else { continue };
        let Ok(mut peer) = Peer::over(stream) else { continue };
        match peer.hear() {
            Ok(Message::Run { digest }) if digest == request.digest() => match give(peer, answer)? {
                Given::Not => {}
                // Nobody listens here from now on, and the run does.
                given => return Ok(given),
            },
            Ok(Message::Answer { .. })
                if request.demand.people == People::Two && others.len() < MOST_OTHERS =>
            {
                let _ = peer.say(&Message::Held);
                others.push(peer);
            }
            _ => _ = peer.say(&Message::Refused { because: "it is answered already".to_owned() }),
        }
    }
}
