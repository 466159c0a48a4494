//! A challenge put to a person, and what comes of it.

use std::time::Duration;

use super::{Answer, Human};
use crate::decide::surroundings::{Asker, who_asks};
use crate::decide::{Answered, Because, Challenge, Clearance, Refusal};
use crate::place::Place;

/// Asks a person and takes the answer.
///
/// # Errors
///
/// Returns the refusal that anything but the exact phrase is.
pub fn ask(
    challenge: Challenge,
    place: &Place<'_>,
    time: Duration,
    human: &mut dyn Human,
) -> Result<Clearance, Refusal> {
    let asker = who_asks();
    // Whoever types at an agent's terminal may be the agent.
    if let Some(agent) = &asker.agent {
        let why = format!("{agent} started this command, whose terminal is not a person's ({})", asker.how);
        return Err(challenge.decline(Because::NobodyToAsk(why)));
    }
    let prompt = challenge.prompt(asked_by(&asker), here(place), time);
    match human.answer(&prompt) {
        Answer::Typed(typed) => challenge.accept(Answered { phrase: typed, by: Answerer::here() }),
        Answer::Declined => Err(challenge.decline(Because::Declined)),
        Answer::TimedOut => Err(challenge.decline(Because::TimedOut)),
        Answer::Absent(why) => Err(challenge.decline(Because::NobodyToAsk(why))),
    }
}

/// The person at this process's terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerer {
    /// The user id.
    pub uid: u32,
    /// The user's name.
    pub user: Option<String>,
    /// The terminal.
    pub tty: Option<String>,
}

impl Answerer {
    /// Returns whoever answers at this process's terminal.
    pub fn here() -> Self {
        let uid = nix::unistd::getuid();
        let user = nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name);
        let tty = std::fs::read_link("/proc/self/fd/2").ok().map(|path| path.display().to_string());
        Self { uid: uid.as_raw(), user, tty: tty.filter(|path| path.starts_with("/dev/")) }
    }
}

fn asked_by(asker: &Asker) -> String {
    match asker.chain.first() {
        Some(above) => above.clone(),
        None => asker.how.clone(),
    }
}

/// Where the command would run, for the question.
fn here(place: &Place<'_>) -> Vec<String> {
    let mut here = Vec::new();
    if let Some(project) = &place.project {
        let name = project
            .file_name()
            .map_or_else(|| project.display().to_string(), |name| name.to_string_lossy().into_owned());
        here.push(format!("project {name}"));
        if let Ok((head, _)) = place.world.read(&project.join(".git/HEAD"), 512) {
            let head = String::from_utf8_lossy(&head).into_owned();
            if let Some(branch) = head.trim().strip_prefix("ref: refs/heads/") {
                here.push(format!("branch {branch}"));
            }
        }
    }
    here.push(place.cwd.display().to_string());
    here
}

/// Nobody: every question is left unanswered.
#[derive(Clone, Debug)]
pub struct Nobody(pub String);

impl Human for Nobody {
    fn answer(&mut self, _prompt: &super::prompt::Prompt) -> Answer {
        Answer::Absent(self.0.clone())
    }
}
