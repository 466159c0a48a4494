//! A question on its way to a person: the file that `guard pending` and `guard approve` read.
//!
//! It holds the question as a person reads it, without secrets, and a seal of exactly what would run. An
//! answer names the digest of the whole file, so an answer to a file that somebody changed is void.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::exactly::Exactly;
use super::moment::Moment;
use super::{code, person};
use crate::ancestry::ProcessId;
use crate::decide::policy::demand::Demand;
use crate::decide::question::Prompt;
use crate::digits::hex;
use crate::random::random;
use crate::record::redact::redact;

/// What this format is called.
const FORMAT: u32 = 1;

/// A question on its way to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    format: u32,
    /// Its name.
    pub code: String,
    nonce: String,
    made: Moment,
    /// The line of the ledger that the question is on.
    pub(super) asked: u64,
    /// Who is asking, as far as needed to make sure that somebody else answers.
    pub(super) asker: Asked,
    /// The seal of exactly what would run.
    run: String,
    /// What whoever answers must show.
    pub(super) demand: Demand,
    /// The question.
    pub question: Prompt,
}

/// Who is asking, as far as needed to make sure that somebody else answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The agent's name, where it is known.
    pub agent: Option<String>,
    /// The process whose descendants all count as the asker's.
    pub root: ProcessId,
    /// Its control groups, in which its orphans stay.
    pub groups: String,
    /// The number of the topmost process above it.
    pub top: u32,
}

impl Request {
    /// Makes a request.
    ///
    /// # Errors
    ///
    /// Returns the system's error where it has no random numbers.
    pub(super) fn new(
        question: Prompt,
        demand: Demand,
        asker: Asked,
        exactly: &Exactly,
        asked: u64,
    ) -> std::io::Result<Self> {
        let nonce = hex(&random::<16>()?);
        Ok(Self {
            format: FORMAT,
            code: code::new()?,
            made: Moment::now(),
            asked,
            asker,
            run: exactly.sealed(&nonce),
            nonce,
            demand,
            question: shown(question),
        })
    }

    /// Returns whether this is the request that would be made for the given question and run.
    pub(super) fn is_for(&self, question: &Prompt, demand: Demand, asker: &Asked, exactly: &Exactly) -> bool {
        // The seal last: it takes the longest, and many may wait.
        self.asker == *asker
            && self.demand == demand
            && self.question == self.as_counted(question)
            && self.run == exactly.sealed(&self.nonce)
    }

    /// Returns a question as it is shown, with the numbers of this one: what is lost, and what is saved first,
    /// may be a file more or less by now. But what was to be saved must be.
    fn as_counted(&self, question: &Prompt) -> Prompt {
        let asked = &self.question;
        let saves_alike = asked.kept.is_empty() == question.kept.is_empty();
        let kept = if saves_alike { &asked.kept } else { &question.kept };
        Prompt { counts: asked.counts.clone(), kept: kept.clone(), ..shown(question.clone()) }
    }

    /// Returns the names of the credentials that the question promises.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.question.handed.iter().map(|handed| handed.key.as_str()).collect()
    }

    /// Returns how long it can still be answered.
    pub fn left(&self) -> Duration {
        self.left_at(&Moment::now())
    }

    /// Returns how long it can still be answered at a moment.
    pub fn left_at(&self, now: &Moment) -> Duration {
        self.made.left(now)
    }

    /// Returns the question as JSON for other programs: without secrets, and without the phrase, which
    /// only a person's own terminal shows.
    pub fn as_json(&self) -> serde_json::Value {
        let question = &self.question;
        serde_json::json!({
            "code": self.code,
            "left": self.left().as_secs(),
            "command": question.command,
            "rules": question.rules,
            "asked_by": question.asked_by,
            "here": question.here,
            "loses": question.loses,
            "counts": question.counts,
            "backups": question.backups,
            "instead": question.instead,
            "not_read": question.unread,
            "answer": format!("guard approve {}", self.code),
        })
    }

    /// Returns the bytes of its file.
    pub(super) fn bytes(&self) -> std::io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads the bytes of a file; `None` if they are not just what guard would write.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let request: Self = serde_json::from_slice(bytes).ok()?;
        let is_whole = request.format == FORMAT && request.bytes().ok()? == bytes;
        (is_whole && code::read(&request.code).as_ref() == Some(&request.code)).then_some(request)
    }

    /// Returns what an answer names.
    pub(super) fn digest(&self) -> String {
        self.bytes().map(|bytes| hex(&Sha256::digest(bytes))).unwrap_or_default()
    }
}

#[cfg(test)]
impl Request {
    /// Returns a request of just now.
    pub(crate) fn example(code: &str) -> Self {
        let question = serde_json::json!({
            "command": "cloud volume delete --volume data --yes", "part": null, "certain": true,
            "rules": [{"id": "cloud/volume-delete", "title": "Delete a cloud volume", "severity": "catastrophic"}],
            "asked_by": "claude-code, through bash -c → npm run clean (package.json:14)",
            "here": ["project shop", "branch main"],
            "loses": ["Every file on the volume, for every service that mounts it."],
            "counts": ["2134 files, 1.2 GB"],
            "backups": ["Volume backups belong to the volume; wiping a volume deletes them all."],
            "kept": [],
            "instead": ["cloud volume detach --volume NAME"],
            "recover": ["The deletion waits for 48 hours; use the restoration link sent by email before then."],
            "unread": [], "notes": [], "phrase": "delete volume data", "time": {"secs": 120, "nanos": 0},
        });
        let request = serde_json::json!({
            "format": FORMAT, "code": code, "nonce": "", "made": Moment::now(), "asked": 1, "demand": {},
            "asker": {"agent": null, "root": {"pid": 1, "start": 1}, "groups": "", "top": 1}, "run": "",
            "question": question,
        });
        #[allow(clippy::unwrap_used)]
        serde_json::from_value(request).unwrap()
    }
}

impl Asked {
    /// Returns the asker that was recognised.
    pub(super) fn of(asker: &crate::decide::surroundings::Asker) -> Option<Self> {
        let root = asker.root?;
        let groups = crate::ancestry::control_groups(root.pid);
        Some(Self { agent: asker.agent.clone(), root, groups, top: person::top(root.pid) })
    }
}

/// Returns a question without secrets.
pub(super) fn shown(question: Prompt) -> Prompt {
    let clean = |texts: Vec<String>| texts.iter().map(|text| redact(text)).collect();
    Prompt {
        command: redact(&question.command),
        part: question.part.map(|part| redact(&part)),
        asked_by: redact(&question.asked_by),
        here: clean(question.here),
        counts: clean(question.counts),
        unread: clean(question.unread),
        notes: clean(question.notes),
        ..question
    }
}
