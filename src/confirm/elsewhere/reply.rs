//! The answering side: shows a request to the person at this terminal and delivers the answer.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::person;
use super::request::Request;
use super::store::{Listening, Store, patiently};
use super::vouch::Voucher;
use super::wire::{Message, Peer};
use crate::decide::Answerer;
use crate::decide::policy::demand::People;
use crate::decide::question::Prompt;
use crate::env_vars;
use crate::human::{Answer, Human, PATIENCE};
use crate::proof;
use crate::record::{Book, Receipt};
use crate::secret::Opened;

/// The most guards that wait for the one that keeps the first answer.
const MOST_OTHERS: usize = 4;

/// The outcome of answering.
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
    answer: Arc<Given>,
    how: How,
}

/// What a person gives: the answer, and the credentials that were opened for the run.
#[derive(Debug)]
struct Given {
    answer: Message,
    opened: Opened,
}

impl From<Message> for Given {
    fn from(answer: Message) -> Self {
        Self { answer, opened: Opened::default() }
    }
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
    /// It was taken, and the command may meet other doors.
    Vouching(Box<Voucher>),
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
            let keys = request.keys();
            let shown = secrets.map(|secrets| secrets.show(&digest, &keys, human, prompt.time)).transpose();
            let waits = |why: String| format!("{why}; the question stays open");
            let (shown, opened) = shown.map_err(waits)?.unzip();
            let opened = opened.unwrap_or_default();
            if let (Some(name), People::One) = (opened.lacks(&keys), request.demand.people) {
                return Err(waits(format!("the key {name} is not one that you keep")));
            }
            let person = person.with(shown.as_ref());
            book.answered(asked, &person, None).map_err(on_record)?;
            let answer = Message::Answer { digest, phrase: typed, shown };
            hand_over(store, request, &Arc::new(Given { answer, opened }))
        }
        Answer::Declined => deny(store, request, "", book),
        other => Err(format!("{}; the question stays open", other.because(prompt.time))),
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
    let answer = Message::Deny { digest: request.digest(), because: because.to_owned() };
    hand_over(store, request, &Arc::new(answer.into()))
}

/// Delivers an answer to the run that waits for it, or keeps it for the next one.
fn hand_over(store: &Store, request: &Request, given: &Arc<Given>) -> Result<Reply, String> {
    // Whoever has the lock may be about to listen, or to end.
    let handed = patiently(|| try_to_hand_over(store, request, given).transpose());
    let deaf = || format!("the question {} cannot be answered: whoever asked does not listen", request.code);
    handed.unwrap_or_else(|| Err(deaf()))
}

fn try_to_hand_over(store: &Store, request: &Request, given: &Arc<Given>) -> Result<Option<Reply>, String> {
    let failed = |error: std::io::Error| format!("the question {} cannot be answered: {error}", request.code);
    let kept = |how| Reply::Kept(Box::new(Kept { request: request.clone(), answer: Arc::clone(given), how }));
    if let Some(listening) = store.listen(&request.code).map_err(failed)? {
        return match &given.answer {
            Message::Deny { because, .. } => {
                store.deny(&request.code, because).map_err(failed).map(|()| Some(Reply::Denied))
            }
            _ => Ok(Some(kept(How::Listening { listening, others: Vec::new() }))),
        };
    }
    let Ok(peer) = store.connect(&request.code).and_then(Peer::over) else { return Ok(None) };
    match give(store, peer, request, given)? {
        Came::Reply(reply) => Ok(Some(reply)),
        Came::Held(peer) => stand(peer).map(|how| Some(kept(how))),
        Came::Vouched(voucher) => Ok(Some(kept(How::Vouching(voucher)))),
        Came::Not => Ok(None),
    }
}

/// What came of giving an answer.
enum Came {
    /// It was taken, or its time is over.
    Reply(Reply),
    /// It stands for as long as this connection does, and a second person's is needed.
    Held(Peer),
    /// It was taken, and is vouched for.
    Vouched(Box<Voucher>),
    /// The other side ended before it heard.
    Not,
}

fn give(store: &Store, mut peer: Peer, request: &Request, given: &Given) -> Result<Came, String> {
    match peer.say(&given.answer).and_then(|()| peer.hear()) {
        Ok(Message::Taken) if matches!(given.answer, Message::Deny { .. }) => Ok(Came::Reply(Reply::Denied)),
        Ok(Message::Taken) => hand_keys(&mut peer, request, given).map(Came::Reply),
        Ok(Message::Held) => Ok(Came::Held(peer)),
        // Where nobody can be heard, the other doors ask.
        Ok(Message::Vouch { case }) => Ok(match Voucher::begin(store, request, &given.answer, case, peer) {
            Ok(voucher) => Came::Vouched(Box::new(voucher)),
            Err(_) => Came::Reply(Reply::Allowed),
        }),
        Ok(Message::Refused { because }) => Err(not_taken(&because)),
        _ => Ok(Came::Not),
    }
}

/// Hands over the credentials that the question promised, to a run that has taken the answer and to nothing else.
fn hand_keys(peer: &mut Peer, request: &Request, given: &Given) -> Result<Reply, String> {
    let keys = request.keys();
    if !keys.is_empty() {
        let failed = |why: String| format!("its keys were not handed over, so it does not run: {why}");
        let (pid, uid) = peer.process().map_err(|error| failed(error.to_string()))?;
        person::may_take_credentials(pid, uid).map_err(failed)?;
        peer.hand(&keys, &given.opened).map_err(|error| failed(error.to_string()))?;
    }
    Ok(Reply::Allowed)
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

    /// Returns whether the command has the answer, and this only vouches for it to other doors.
    pub fn is_vouching(&self) -> bool {
        matches!(self.how, How::Vouching(_))
    }

    /// Returns how long this is kept.
    pub fn left(&self) -> Duration {
        match &self.how {
            How::Vouching(voucher) => voucher.left(),
            How::Listening { .. } | How::Standing(_) => self.request.left(),
        }
    }

    /// Waits until something happens to it: a run takes it, or has it and needs a second person's, or may meet
    /// other doors.
    ///
    /// # Errors
    ///
    /// Returns why a run did not take it, as a lower-case fragment.
    pub fn wait(&mut self, store: &Store) -> Result<Option<Reply>, String> {
        let until = Instant::now() + self.left();
        let was = std::mem::discriminant(&self.how);
        while std::mem::discriminant(&self.how) == was {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Some(if self.is_vouching() { Reply::Allowed } else { Reply::Expired }));
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
                let Ok((stream, _)) = listening.socket.listener.accept() else { return Ok(None) };
                let Ok(mut peer) = Peer::over(stream) else { return Ok(None) };
                match peer.hear() {
                    Ok(Message::Run { digest }) if digest == self.request.digest() => {
                        match give(store, peer, &self.request, &self.answer)? {
                            Came::Reply(reply) => return Ok(Some(reply)),
                            // Nobody listens here from now on, and the run does; it is told so after.
                            Came::Held(peer) => {
                                // The others first: while the lock is held, none of them takes it before the run.
                                others.clear();
                                self.how = How::Standing(peer);
                                return self.stand();
                            }
                            Came::Vouched(voucher) => self.how = How::Vouching(voucher),
                            Came::Not => {}
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
            How::Vouching(voucher) => Ok(voucher.hear().then_some(Reply::Allowed)),
            How::Standing(peer) => match peer.hear() {
                Ok(Message::Taken) => hand_keys(peer, &self.request, &self.answer).map(Some),
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
            How::Listening { listening, .. } => listening.socket.listener.as_fd(),
            How::Standing(peer) => peer.as_fd(),
            How::Vouching(voucher) => voucher.socket.listener.as_fd(),
        }
    }
}
