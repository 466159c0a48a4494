//! Judges commands of the past as they would be judged today.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Past;
use crate::config::{self, Config, ConfigError};
use crate::decide::Decision;
use crate::decide::policy::{File, Layer};
use crate::matcher::Finding;
use crate::pipeline::{self, Session};
use crate::place::Place;
use crate::proposal::{Environment, Form, Proposal};
use crate::rulebook::format::Severity;
use crate::trial;
use crate::world::{Machine, MadeUp};

/// How many directories and judgements are remembered before all are dropped at once.
const MOST_PLACES: usize = 64;
const MOST_JUDGED: usize = 20_000;

/// The machine.
static MACHINE: Machine = Machine;

/// A judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub act: Act,
    /// The rules that ask or refuse, the worst first: id, title, severity.
    pub rules: Vec<(String, String, Severity)>,
    /// Whether it was judged where it ran, and not in a made-up project.
    pub in_place: bool,
}

/// What would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Run,
    Ask,
    Refuse,
}

/// Judges, and remembers what it judged.
pub(super) struct Judge {
    /// What is in force everywhere.
    config: Config,
    places: HashMap<PathBuf, Option<Rc<(Place<'static>, Config)>>>,
    judged: HashMap<(Option<PathBuf>, Form), Rc<Judged>>,
    made_up: MadeUp,
}

impl Judge {
    pub(super) fn new() -> Result<Self, ConfigError> {
        let nowhere = Place::new(PathBuf::from("/"), Environment::inherited(), &MACHINE);
        Ok(Self {
            config: in_force(&nowhere)?,
            places: HashMap::new(),
            judged: HashMap::new(),
            made_up: trial::project(),
        })
    }

    pub(super) fn judge(&mut self, past: &Past) -> Rc<Judged> {
        let key = (past.cwd.clone(), past.form.clone());
        if let Some(known) = self.judged.get(&key) {
            return Rc::clone(known);
        }
        let place = past.cwd.as_deref().and_then(|cwd| self.place(cwd));
        let judged = Rc::new(match place {
            Some(place) => judge(&past.form, &place.0, &place.1, true),
            None => {
                let place = Place::new(PathBuf::from(trial::PROJECT), trial::environment(), &self.made_up);
                judge(&past.form, &place, &self.config, false)
            }
        });
        if self.judged.len() >= MOST_JUDGED {
            self.judged.clear();
        }
        self.judged.insert(key, Rc::clone(&judged));
        judged
    }

    /// Returns a directory with what is in force there; nothing where it is gone or its policy broken.
    fn place(&mut self, cwd: &Path) -> Option<Rc<(Place<'static>, Config)>> {
        if let Some(known) = self.places.get(cwd) {
            return known.clone();
        }
        let place = cwd.is_dir().then(|| Place::new(cwd.to_owned(), Environment::inherited(), &MACHINE));
        let found = place.and_then(|place| in_force(&place).ok().map(|config| Rc::new((place, config))));
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(cwd.to_owned(), found.clone());
        found
    }
}

/// Returns what is in force at a place, asking what it would ask about even where policy only watches.
fn in_force(place: &Place<'_>) -> Result<Config, ConfigError> {
    let mut config = config::load(place)?;
    config.policy.add(Layer::System, File { observe: Some(false), ..File::default() });
    Ok(config)
}

fn judge(form: &Form, place: &Place<'_>, config: &Config, in_place: bool) -> Judged {
    let rule = |finding: &Finding| {
        let rule = &finding.rule.rule;
        (finding.rule.id(), rule.title.clone(), rule.severity)
    };
    match pipeline::assess(Proposal::at(place, form.clone()), Session::of(place, config)) {
        Decision::Run(_) => Judged { act: Act::Run, rules: Vec::new(), in_place },
        Decision::Confirm(challenge) => {
            let mut rules: Vec<_> = challenge.findings().iter().map(rule).collect();
            if rules.is_empty() {
                rules.extend(challenge.gaps().iter().max_by_key(|gap| gap.kind).map(not_read));
            }
            Judged { act: Act::Ask, rules, in_place }
        }
        Decision::Refuse(refusal) => {
            Judged { act: Act::Refuse, rules: refusal.findings().iter().map(rule).collect(), in_place }
        }
    }
}

/// Returns what is shown in place of a rule where something could not be read.
fn not_read(gap: &crate::parse::gap::Gap) -> (String, String, Severity) {
    let kind = format!("{:?}", gap.kind).to_lowercase();
    (format!("not read: {kind}"), "Something could not be read".to_owned(), Severity::Severe)
}
