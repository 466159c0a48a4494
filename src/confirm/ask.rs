//! Puts a challenge to a person and turns the answer into a clearance or a refusal.

use std::time::Duration;

use super::{Patience, elsewhere};
use crate::decide::policy::demand::{Demand, People};
use crate::decide::policy::notify::Notify;
use crate::decide::question::Prompt;
use crate::decide::surroundings::{Asker, who_asks};
use crate::decide::{Answered, Answerer, Because, Challenge, Clearance, Refusal};
use crate::human::{Answer, Human};
use crate::place::Place;
use crate::proof::{self, Secrets, Shown};
use crate::record::Receipt;
use crate::secret::Opened;

/// Asks a person: at the command's own terminal where that is a person's, and elsewhere otherwise.
///
/// # Errors
///
/// Returns a refusal for anything but the exact phrase.
pub fn ask(
    challenge: Challenge,
    asked: Receipt,
    place: &Place<'_>,
    patience: Patience,
    notify: &[&Notify],
    human: &mut dyn Human,
) -> Result<Clearance, Refusal> {
    let variable = |name: &str| place.environment.get(name).map(ToOwned::to_owned);
    let secrets = match proof::meet(challenge.demand(), variable) {
        Ok(secrets) => secrets,
        Err(why) => return Err(challenge.decline(Because::NobodyToAsk(why))),
    };
    let asker = who_asks();
    let question = |time| {
        let mut question = challenge.prompt(asked_by(&asker), here(place), time);
        question.notes.extend(secrets.as_ref().map(|secrets| secrets.note()));
        question
    };
    let answer = match &asker.agent {
        // Whoever types at an agent's terminal may be the agent.
        Some(agent) => {
            let how = &asker.how;
            Answer::Absent(format!("{agent} started this command, whose terminal is not a person's ({how})"))
        }
        None => human.answer(&question(patience.here)),
    };
    match (answer, patience.elsewhere) {
        (Answer::Typed(typed), _) if typed == challenge.phrase() => {
            let question = question(patience.here);
            match proven(challenge.demand(), secrets.as_ref(), &question, human) {
                Ok((by, second, opened)) => challenge.accept(Answered { phrase: typed, by, second }, opened),
                Err(why) => Err(challenge.decline(why)),
            }
        }
        (Answer::Typed(_), _) => Err(challenge.decline(Because::OtherPhrase)),
        (Answer::Declined, _) => Err(challenge.decline(Because::Declined)),
        (Answer::TimedOut, _) => Err(challenge.decline(Because::TimedOut)),
        (Answer::Absent(_), Some(wait)) => {
            let question = question(elsewhere::LIFE);
            let waiting = elsewhere::Waiting { wait, notify };
            elsewhere::ask(challenge, question, secrets.as_ref(), &asker, asked, place, waiting)
        }
        (Answer::Absent(why), None) => Err(challenge.decline(Because::NobodyToAsk(why))),
    }
}

/// Returns the question that a person has already answered and that covers this one, with the answer and its
/// place in the ledger, if that person's guard vouches for it. `judge` judges a command as if it were
/// proposed in this place.
pub fn vouched(
    challenge: &Challenge,
    place: &Place<'_>,
    judge: &dyn Fn(&elsewhere::Case) -> Option<Challenge>,
) -> Option<(Challenge, Answered, Receipt)> {
    let question = |asked: &Challenge| {
        let proposal = asked.proposal();
        let there = Place::new(proposal.cwd.clone(), proposal.environment.clone(), place.world);
        asked.prompt(String::new(), here(&there), Duration::ZERO)
    };
    elsewhere::vouched(challenge, place, &question, judge)
}

/// Has whoever typed the phrase prove who they are and open the credentials that the question promises. Where
/// two people are demanded, a second person then does the same.
fn proven(
    demand: Demand,
    secrets: Option<&Secrets>,
    question: &Prompt,
    human: &mut dyn Human,
) -> Result<(Answerer, Option<Answerer>, Opened), Because> {
    let keys: Vec<&str> = question.handed.iter().map(|handed| handed.key.as_str()).collect();
    let show = |human: &mut dyn Human| {
        let shown = secrets.map(|secrets| secrets.show("here", &keys, human, question.time)).transpose();
        let (shown, opened) = shown.map_err(Because::NotProven)?.unzip();
        Ok((Answerer::here().with(shown.as_ref()), opened.unwrap_or_default()))
    };
    let (first, opened) = show(human)?;
    if demand.people == People::One {
        return Ok((first, None, opened));
    }
    let again = Prompt {
        notes: vec!["One person has answered. Now a second one has to.".to_owned()],
        ..question.clone()
    };
    match human.answer(&again) {
        Answer::Typed(typed) if typed == question.phrase => {
            let (second, also) = show(human)?;
            let same = || Because::NotProven("both answers are of one person".to_owned());
            let is_another = second.is_another_than(&first);
            if is_another { Ok((first, Some(second), opened.and(also))) } else { Err(same()) }
        }
        Answer::Typed(_) => Err(Because::OtherPhrase),
        Answer::TimedOut => Err(Because::TimedOut),
        Answer::Declined => Err(Because::Declined),
        Answer::Absent(why) => Err(Because::NobodyToAsk(why)),
    }
}

impl Answerer {
    /// Returns the same person with the secret that they showed, if any.
    pub fn with(self, shown: Option<&Shown>) -> Self {
        Self { secret: shown.map(Shown::by), name: shown.map(|shown| shown.name.clone()), ..self }
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
    vec![here.join(" · ")]
}
