//! The answering side: puts a request to the person at this terminal and hands the answer over.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::person;
use super::request::Request;
use super::store::{Listening, Store};
use super::wire::{Message, Peer};
use crate::confirm::prompt::Prompt;
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
#[derive(Debug)]
#[must_use]
pub enum Reply {
    /// The command has the answer and runs.
    Allowed,
    /// The command has the answer, or will find it, and does not run.
    Denied,
    /// The answer stands for as long as this process keeps it.
    Kept(Box<Kept>),
    /// Nobody came for the answer in time.
    Expired,
}

/// An answer that is kept until a run takes it. It is kept by this process and nowhere else, so it is
/// given once, to one run, and is gone when the person leaves.
#[derive(Debug)]
pub struct Kept {
    request: Request,
    answer: Message,
    how: How,
}

/// How an answer is kept.
#[derive(Debug)]
enum How {
    /// Nobody waits for it: the next run comes here.
    Listening {
        listening: Listening,
        /// The guards of others whose answers are needed as well: they go to the run when this one does.
        others: Vec<Peer>,
    },
    /// The run, or who keeps the first answer, has it, and a second person's is needed.
    Standing(Peer),
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
    let kept = |how| Reply::Kept(Box::new(Kept { request: request.clone(), answer: answer.clone(), how }));
    for _ in 0..TRIES {
        if let Some(listening) = store.listen(&request.code).map_err(failed)? {
            return match answer {
                Message::Deny { because, .. } => {
                    store.deny(&request.code, because).map_err(failed).map(|()| Reply::Denied)
                }
                _ => Ok(kept(How::Listening { listening, others: Vec::new() })),
            };
        }
        let Ok(peer) = store.connect(&request.code).and_then(Peer::over) else { continue };
        match give(peer, answer)? {
            Given::Reply(reply) => return Ok(reply),
            Given::Held(peer) => return stand(peer).map(kept),
            Given::Not => {}
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

/// Lets an answer stand until a second person has answered or the run that holds it has ended.
fn stand(mut peer: Peer) -> Result<How, String> {
    peer.say(&Message::Yielded).map_err(|error| not_taken(&error.to_string()))?;
    Ok(How::Standing(peer))
}

impl Kept {
    /// Returns the request that it answers.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns whether a second person has to answer too.
    pub fn is_first_of_two(&self) -> bool {
        matches!(self.how, How::Standing(_))
    }

    /// Waits until something happens to it: a run takes it, or has it and needs a second person's.
    ///
    /// # Errors
    ///
    /// Returns why a run did not take it, as a lower-case fragment.
    pub fn wait(&mut self, store: &Store) -> Result<Option<Reply>, String> {
        let until = Instant::now() + self.request.left();
        let was_first_of_two = self.is_first_of_two();
        while self.is_first_of_two() == was_first_of_two {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(Reply::Expired));
            }
            let mut waiting = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
            let _ = poll(&mut waiting, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
            if waiting[0].any().unwrap_or(true)
                && let Some(reply) = self.hear(store)?
            {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// Hears whoever has come or spoken; returns what came of it, if it is over.
    ///
    /// # Errors
    ///
    /// Returns why the run did not take it, as a lower-case fragment.
    pub fn hear(&mut self, store: &Store) -> Result<Option<Reply>, String> {
        match &mut self.how {
            How::Listening { listening, others } => {
                let Ok((stream, _)) = listening.listener.accept() else { return Ok(None) };
                let Ok(mut peer) = Peer::over(stream) else { return Ok(None) };
                match peer.hear() {
                    Ok(Message::Run { digest }) if digest == self.request.digest() => {
                        match give(peer, &self.answer)? {
                            Given::Reply(reply) => return Ok(Some(reply)),
                            // Nobody listens here from now on, and the run does; it is told so after.
                            Given::Held(peer) => {
                                // The others first: while the lock is held, none of them takes it before the run.
                                others.clear();
                                self.how = How::Standing(peer);
                                return self.stand();
                            }
                            Given::Not => {}
                        }
                    }
                    Ok(Message::Answer { .. })
                        if self.request.demand.people == People::Two && others.len() < MOST_OTHERS =>
                    {
                        let _ = peer.say(&Message::Held);
                        others.push(peer);
                    }
                    _ => _ = peer.say(&Message::Refused { because: "it is answered already".to_owned() }),
                }
                Ok(None)
            }
            How::Standing(peer) => match peer.hear() {
                Ok(Message::Taken) => Ok(Some(Reply::Allowed)),
                Ok(Message::Refused { because }) => Err(not_taken(&because)),
                _ if self.request.left().is_zero() => Ok(Some(Reply::Expired)),
                // Whoever held it has ended: it is for the next run.
                _ => match hand_over(store, &self.request, &self.answer)? {
                    Reply::Kept(kept) => {
                        self.how = kept.how;
                        Ok(None)
                    }
                    reply => Ok(Some(reply)),
                },
            },
        }
    }

    /// Says that nobody listens here any more.
    fn stand(&mut self) -> Result<Option<Reply>, String> {
        if let How::Standing(peer) = &mut self.how {
            peer.say(&Message::Yielded).map_err(|error| not_taken(&error.to_string()))?;
        }
        Ok(None)
    }
}

impl AsFd for Kept {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.how {
            How::Listening { listening, .. } => listening.listener.as_fd(),
            How::Standing(peer) => peer.as_fd(),
        }
    }
}
