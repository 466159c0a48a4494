//! Listens for answers. Each is taken only from a person, and where two are needed the first counts for as
//! long as the guard of whoever gave it stays connected.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::exactly::Exactly;
use super::person;
use super::request::Request;
use super::vouch::Case;
use super::wire::{Message, Peer};
use crate::decide::Answerer;
use crate::decide::policy::demand::People;
use crate::decide::{Answered, Challenge};
use crate::place::Place;
use crate::proof::{Secrets, Shown};
use crate::secret::Opened;

/// What came of waiting.
pub(super) enum Heard {
    /// An answer, with the credentials that were handed over for it.
    Answered(Answered, Opened),
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
pub(super) struct Run<'r> {
    pub challenge: &'r Challenge,
    pub exactly: Exactly,
    pub secrets: Option<&'r Secrets>,
    pub place: &'r Place<'r>,
    /// The command, where whoever answers is to vouch for it to the doors that it meets.
    pub vouch: Option<Case>,
}

/// The first of two answers, with the guard of whoever gave it.
pub(super) type First = Option<(Answerer, Peer)>;

/// Hears answers to one request.
pub(super) struct Hearing<'h> {
    pub run: &'h Run<'h>,
    pub request: &'h Request,
    pub first: First,
}

impl Run<'_> {
    /// Returns the person with the secret that they showed, if it is the one that is needed. This guard
    /// checks that itself: that the other is guard as well does not tell what its user may do to it.
    fn proven(&self, by: Answerer, digest: &str, shown: Option<&Shown>) -> Result<Answerer, String> {
        let Some(secrets) = self.secrets else { return Ok(by) };
        secrets.check(digest, shown)?;
        Ok(by.with(shown))
    }
}

impl Hearing<'_> {
    /// Handles one message. Returns an outcome once the message decides one; a message that is void, or only
    /// the first of two answers, decides none.
    pub(super) fn hear(&mut self, mut peer: Peer) -> io::Result<Option<Heard>> {
        let (pid, uid) = peer.process()?;
        let said = peer.hear()?;
        let person = person::behind(pid, uid, &self.request.asker);
        let heard = match said {
            Message::Answer { digest, .. } if digest != self.request.digest() => {
                Err("the answer is for another question".to_owned())
            }
            Message::Answer { phrase, .. } if phrase.trim() != self.run.challenge.phrase() => {
                Err("what was typed is not the phrase".to_owned())
            }
            Message::Answer { digest, phrase, shown } => {
                match person.and_then(|by| self.run.proven(by, &digest, shown.as_ref())) {
                    Ok(by) => match self.run.exactly.changed(self.run.place) {
                        Some(path) => Ok(Heard::Changed(path)),
                        None => return self.count(by, phrase, peer),
                    },
                    Err(because) => Err(because),
                }
            }
            // Who refuses need not be a person: it is the safe answer.
            Message::Deny { digest, because } if digest == self.request.digest() => Ok(Heard::Denied {
                by: person.unwrap_or_else(|why| Answerer { proof: Some(why), tty: None, ..Answerer::here() }),
                because,
            }),
            Message::Run { .. } => Err("another run waits for the answer".to_owned()),
            _ => return Ok(None),
        };
        peer.say(&match &heard {
            Ok(Heard::Changed(path)) => Message::Refused {
                because: format!("{} changed since the question was asked", path.display()),
            },
            Ok(_) => Message::Taken,
            Err(because) => Message::Refused { because: because.clone() },
        })?;
        Ok(heard.ok())
    }

    /// Counts an answer that holds: it is all that is needed, or the first or second of two.
    fn count(&mut self, by: Answerer, phrase: String, mut peer: Peer) -> io::Result<Option<Heard>> {
        let keys = self.run.challenge.keys();
        // From here on the answer is taken: what was not handed over is found lacking when it is accepted.
        let taken = |peer: &mut Peer| peer.take(&keys).unwrap_or_default();
        if self.run.challenge.demand().people == People::One {
            // Credentials go to the one run that has the answer, never to another behind it.
            if let (Some(case), true) = (&self.run.vouch, keys.is_empty()) {
                peer.say(&Message::Vouch { case: case.clone() })?;
                // The command must not meet a door before. Without a word from there it is asked about again.
                let _ = peer.hear();
                return Ok(Some(Heard::Answered(Answered { phrase, by, second: None }, Opened::default())));
            }
            peer.say(&Message::Taken)?;
            let opened = taken(&mut peer);
            return Ok(Some(Heard::Answered(Answered { phrase, by, second: None }, opened)));
        }
        // Who has left has taken the answer back.
        match self.first.take().filter(|(_, peer)| peer.is_there()) {
            Some((first, held)) if !by.is_another_than(&first) => {
                self.first = Some((first, held));
                peer.say(&Message::Refused {
                    because: "it stands already; a second person has to answer too".to_owned(),
                })?;
                Ok(None)
            }
            Some((first, mut held)) => {
                if let Err(error) = peer.say(&Message::Taken) {
                    self.first = Some((first, held));
                    return Err(error);
                }
                // Still there an instant ago, so its answer counts, whether or not it hears of that.
                let _ = held.say(&Message::Taken);
                let opened = taken(&mut peer).and(taken(&mut held));
                Ok(Some(Heard::Answered(Answered { phrase, by: first, second: Some(by) }, opened)))
            }
            None => {
                peer.say(&Message::Held)?;
                // Where it was kept, this run is to listen now.
                if peer.hear()? == Message::Yielded {
                    self.first = Some((by, peer));
                }
                Ok(None)
            }
        }
    }
}
