//! What is asked about and what is refused, by severity, by rule and by kind of gap.
//!
//! Policy comes in layers: the system's, the person's, the project's. A layer that comes with a
//! repository can only tighten; the system's can be loosened by nobody.

pub mod backup;
pub mod before;
pub mod demand;
pub mod environments;
pub mod examples;
pub mod freeze;
pub mod keys;
pub mod notify;
pub mod observe;
pub mod schema;
mod unique;
pub mod verify;

use std::collections::BTreeMap;

use globset::Glob;
use serde::Deserialize;

use self::demand::{ApprovalsAt, ProofAt};
use self::environments::Environments;
use crate::parse::gap::GapKind;
use crate::rulebook::format::Severity;

/// What is done, from least to most strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Do {
    /// It runs.
    Run,
    /// A person is asked.
    Confirm,
    /// It is refused.
    Refuse,
}

/// Whose layer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The person's own.
    User,
    /// It came with the project, and a person trusts exactly this content.
    Trusted,
    /// It came with the project: it can only tighten.
    Project,
    /// A user's, at a place named by the environment: it can only tighten.
    Named,
    /// The machine's: nothing can loosen it.
    System,
}

/// A policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// What is done by severity.
    #[serde(deserialize_with = "unique::map")]
    pub at: BTreeMap<SeverityName, Do>,
    /// What is done by kind of gap.
    #[serde(deserialize_with = "unique::map")]
    pub gaps: BTreeMap<GapName, Do>,
    /// What is done by rule (`git/push-force`), or by a glob over rules (`git/*`).
    #[serde(deserialize_with = "unique::map")]
    pub rules: BTreeMap<String, RuleLine>,
    /// What a person must show to answer, by severity.
    #[serde(deserialize_with = "unique::map")]
    pub proof: ProofAt,
    /// How many different people must answer, by severity.
    #[serde(deserialize_with = "unique::map")]
    pub approvals: ApprovalsAt,
    /// What is done where.
    #[serde(deserialize_with = "unique::map")]
    pub environments: Environments,
    /// Whether commands that would be asked about run and are only put on record.
    pub observe: Option<bool>,
    /// The commands that show a person what a tool really acts on.
    #[serde(deserialize_with = "unique::map")]
    pub verify: verify::Verifiers,
    /// What tells people that a question waits.
    pub notify: Option<notify::Notify>,
    /// Commands with the decisions that they must get.
    pub examples: examples::Examples,
    /// What is saved before a command runs.
    pub before: before::Before,
    /// What evidence of backups must be there before something is destroyed.
    #[serde(deserialize_with = "unique::map")]
    pub backup: backup::Backups,
    /// Which of the credentials that guard keeps go to which tools.
    #[serde(deserialize_with = "unique::map")]
    pub keys: keys::Keys,
}

impl File {
    /// Returns the first name of a rule that is no glob, with what is wrong with it.
    pub fn broken_name(&self) -> Option<(String, String)> {
        let own = self.environments.values().flat_map(|environment| environment.rules.keys());
        let mut names = self.rules.keys().chain(own);
        names.find_map(|name| Some((name.clone(), Glob::new(name).err()?.to_string())))
    }

    /// Returns the first backup or key that is described wrongly, with what is wrong with it.
    pub fn broken_entry(&self) -> Option<(String, String)> {
        let own = self.environments.values().flat_map(|environment| &environment.backup);
        let backups = self.backup.iter().chain(own).map(|(name, backup)| (name, backup.fault()));
        let mut entries = backups.chain(self.keys.iter().map(|(name, key)| (name, key.fault())));
        entries.find_map(|(name, fault)| Some((name.clone(), fault?)))
    }

    /// Returns the top-level keys that only the user's own file and root's may have, each with what it does.
    pub fn not_for_a_project(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        const RUNS: &str = "names programs to be run";
        let own = [
            (self.notify.is_some(), "notify", RUNS),
            (!self.verify.is_empty(), "verify", RUNS),
            (!self.keys.is_empty(), "keys", "hands credentials out"),
        ];
        own.into_iter().filter(|(is_there, ..)| *is_there).map(|(_, key, what)| (key, what))
    }

    /// Returns the names of rules that its lines are about, globs among them.
    pub fn rule_names(&self) -> impl Iterator<Item = &String> {
        let own = self.environments.values().flat_map(|environment| environment.rules.keys());
        let backups = self.environments.values().flat_map(|environment| environment.backup.values());
        let backups = backups.chain(self.backup.values()).flat_map(|backup| &backup.rules);
        self.rules.keys().chain(own).chain(backups)
    }

    /// Returns the backups, by name, of which a command tells: they count in the user's own file and root's.
    pub fn told_backups(&self) -> impl Iterator<Item = &String> {
        let own = self.environments.values().flat_map(|environment| &environment.backup);
        self.backup.iter().chain(own).filter(|(_, backup)| !backup.command.is_empty()).map(|(name, _)| name)
    }

    /// Returns the strictest line that applies to a rule.
    fn line(&self, id: &str) -> Option<&RuleLine> {
        line_for(&self.rules, id)
    }
}

/// Returns the strictest of these lines that applies to a rule.
fn line_for<'l>(lines: &'l BTreeMap<String, RuleLine>, id: &str) -> Option<&'l RuleLine> {
    lines.iter().filter(|(name, _)| applies(name, id)).map(|(_, line)| line).max_by_key(|line| line.act)
}

/// Returns what is done at a severity: what is said of it, or else that the next milder one is refused.
///
/// Who has something severe refused does not mean what is catastrophic to be asked about.
fn by_severity(at: &BTreeMap<SeverityName, Do>, severity: SeverityName) -> Option<Do> {
    let below = || at.range(..severity).next_back().map(|(_, act)| *act).filter(|act| *act == Do::Refuse);
    at.get(&severity).copied().or_else(below)
}

/// Returns whether a line of this name applies to a rule.
pub fn applies(name: &str, id: &str) -> bool {
    name == id || Glob::new(name).is_ok_and(|glob| glob.compile_matcher().is_match(id))
}

/// What a policy says about one rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleLine {
    /// What is done.
    #[serde(rename = "do")]
    pub act: Do,
    /// Why; shown when it refuses.
    #[serde(default)]
    pub because: Option<String>,
}

/// A severity as policy files write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are those of Severity")]
pub enum SeverityName {
    Moderate,
    Severe,
    Catastrophic,
}

impl From<Severity> for SeverityName {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Moderate => Self::Moderate,
            Severity::Severe => Self::Severe,
            Severity::Catastrophic => Self::Catastrophic,
        }
    }
}

impl SeverityName {
    /// Returns a rule's severity as policy files write it.
    pub const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Moderate => Self::Moderate,
            Severity::Severe => Self::Severe,
            Severity::Catastrophic => Self::Catastrophic,
        }
    }
}

/// A kind of gap as policy files write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are those of GapKind")]
pub enum GapName {
    Value,
    Syntax,
    File,
    Program,
    Code,
    Remote,
    Bound,
}

/// The policy in force.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    layers: Vec<(Layer, File)>,
}

impl Policy {
    /// Adds a layer.
    pub fn add(&mut self, layer: Layer, file: File) {
        self.layers.push((layer, file));
    }

    /// Returns the files, each with its layer.
    pub fn files(&self) -> impl Iterator<Item = (Layer, &File)> {
        self.layers.iter().map(|(layer, file)| (*layer, file))
    }

    /// Returns the files that are the user's own or root's: only these may name programs and hand out
    /// credentials.
    pub fn own_files(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|(layer, _)| layer.is_own()).map(|(_, file)| file)
    }

    /// Returns what is done about a rule.
    pub fn for_rule(&self, id: &str, severity: Severity) -> Do {
        self.for_rule_in(id, severity, &environments::Standing::default())
    }

    /// Returns what is done about a gap.
    pub fn for_gap(&self, kind: GapKind) -> Do {
        let (name, usual) = match kind {
            GapKind::Value => (GapName::Value, Do::Run),
            GapKind::Syntax => (GapName::Syntax, Do::Run),
            GapKind::File => (GapName::File, Do::Confirm),
            GapKind::Program => (GapName::Program, Do::Confirm),
            GapKind::Code => (GapName::Code, Do::Confirm),
            GapKind::Remote => (GapName::Remote, Do::Confirm),
            GapKind::Bound => (GapName::Bound, Do::Confirm),
        };
        self.merged(usual, |file| file.gaps.get(&name).copied())
    }

    /// Returns the reason that policy gives for how it treats a rule, from an environment that may be meant
    /// or else from a line on the rule.
    pub fn because_in(&self, id: &str, standing: &environments::Standing<'_>) -> Option<String> {
        let of_place = standing.because(id);
        of_place.or_else(|| self.layers.iter().find_map(|(_, file)| file.line(id)?.because.clone()))
    }

    /// Returns the backups that are demanded, those without an environment first. A project's file executes
    /// nothing, so only its entries that name a file count.
    pub fn backups(&self) -> Vec<backup::Demanded> {
        let mut all = Vec::new();
        for (layer, file) in &self.layers {
            let own = file.environments.iter().map(|(name, environment)| (Some(name), &environment.backup));
            for (environment, backups) in std::iter::once((None, &file.backup)).chain(own) {
                let counts = backups.iter().filter(|(_, one)| layer.is_own() || one.command.is_empty());
                all.extend(counts.map(|(name, backup)| backup::Demanded {
                    environment: environment.cloned(),
                    name: name.clone(),
                    backup: backup.clone(),
                }));
            }
        }
        all.sort_by(|one, other| one.environment.cmp(&other.environment));
        all
    }

    /// Returns what is saved before a command runs.
    pub fn before(&self) -> before::Kept {
        let usual = Do::Confirm;
        before::Kept::of(
            self.own_files().map(|file| &file.before),
            self.merged(usual, |file| file.before.unkept),
        )
    }

    /// The user's files replace the default; the project's and the system's can only tighten it.
    fn merged(&self, usual: Do, say: impl Fn(&File) -> Option<Do>) -> Do {
        self.merged_by(usual, |_, _, file| say(file))
    }

    /// The same, where the answer depends on which file it is.
    fn merged_by(&self, usual: Do, say: impl Fn(usize, Layer, &File) -> Option<Do>) -> Do {
        let said: Vec<(Layer, Do)> = self
            .layers
            .iter()
            .enumerate()
            .filter_map(|(at, (layer, file))| Some((*layer, say(at, *layer, file)?)))
            .collect();
        let by = |loosens: bool| {
            said.iter().filter(move |(layer, _)| layer.may_loosen() == loosens).map(|(_, act)| *act)
        };
        let own = by(true).max().unwrap_or(usual);
        own.max(by(false).max().unwrap_or(Do::Run))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
impl Policy {
    /// Returns the policy of these files.
    pub(crate) fn of(layers: &[(Layer, &str)]) -> Policy {
        let mut policy = Policy::default();
        for (layer, text) in layers {
            policy.add(*layer, serde_yaml::from_str(text).unwrap());
        }
        policy
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(layers: &[(Layer, &str)], expect: Do) {
        assert_eq!(Policy::of(layers).for_rule("git/push-force", Severity::Moderate), expect, "{layers:?}");
    }

    #[test]
    fn what_is_refused_is_refused_at_what_is_worse_too() {
        let at = |text: &str, severity| Policy::of(&[(Layer::User, text)]).for_rule("x/y", severity);
        let severe = "at: {severe: refuse}";
        assert_eq!(at(severe, Severity::Moderate), Do::Confirm);
        assert_eq!(at(severe, Severity::Severe), Do::Refuse);
        assert_eq!(at(severe, Severity::Catastrophic), Do::Refuse);
        assert_eq!(at("at: {moderate: refuse, severe: confirm}", Severity::Severe), Do::Confirm);
        assert_eq!(at("at: {moderate: refuse, severe: confirm}", Severity::Catastrophic), Do::Confirm);
        assert_eq!(at("at: {moderate: run}", Severity::Severe), Do::Confirm);
        assert_eq!(at("at: {moderate: confirm, severe: run}", Severity::Catastrophic), Do::Confirm);
    }

    #[test]
    fn the_strictest_wins_and_a_project_never_loosens() {
        check(&[], Do::Confirm);
        check(&[(Layer::User, "at: {moderate: run}")], Do::Run);
        check(&[(Layer::Project, "at: {moderate: run}")], Do::Confirm);
        check(&[(Layer::Project, "rules: {git/push-force: {do: refuse}}")], Do::Refuse);
        check(&[(Layer::Project, "rules: {'git/*': {do: refuse}}")], Do::Refuse);
        check(&[(Layer::Project, "rules: {'files/*': {do: refuse}}")], Do::Confirm);
        check(&[(Layer::User, "at: {moderate: run}"), (Layer::System, "at: {moderate: refuse}")], Do::Refuse);
        check(
            &[
                (Layer::User, "rules: {git/push-force: {do: run}}"),
                (Layer::Project, "at: {moderate: confirm}"),
            ],
            Do::Confirm,
        );
    }
}
