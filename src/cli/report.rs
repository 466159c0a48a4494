//! A judgement as data: what `check --json`, `check --batch` and `explain --json` print.

use serde::Serialize;

use crate::decide::Decision;
use crate::matcher::Finding;
use crate::parse::gap::Gap;
use crate::pipeline;
use crate::truth::Truth;

/// A judgement.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// `run`, `ask` or `refuse`.
    pub decision: &'static str,
    /// The rules that fired, the worst first.
    pub rules: Vec<Fired>,
    /// What could not be read.
    pub gaps: Vec<Unread>,
    /// Where it acts, as a person would read it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub here: Vec<String>,
    /// What would be done before it runs.
    #[serde(flatten)]
    pub first: First,
    /// What a person would have to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
}

/// What would be done before a command runs.
#[derive(Debug, Default, Serialize)]
pub(super) struct First {
    /// What would be kept, so that it can be put back.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    kept_first: Vec<String>,
    /// What would not be, although a rule says so.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    not_kept_first: Vec<String>,
    /// The backups that policy demands.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    demands: Vec<String>,
}

impl From<pipeline::First> for First {
    fn from(first: pipeline::First) -> Self {
        Self { kept_first: first.kept, not_kept_first: first.unkept, demands: first.backups }
    }
}

impl First {
    /// Returns it as lines for a person, each with what it is.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("kept first", &self.kept_first),
            ("not kept first", &self.not_kept_first),
            ("demands a backup", &self.demands),
        ];
        all.into_iter().flat_map(|(label, lines)| lines.iter().map(move |line| (label, line.as_str())))
    }
}

/// A rule that fired.
#[derive(Debug, Serialize)]
pub(super) struct Fired {
    pub id: String,
    pub title: String,
    pub severity: crate::rulebook::format::Severity,
    pub certain: bool,
    pub phrase: String,
}

/// A gap.
#[derive(Debug, Serialize)]
pub(super) struct Unread {
    pub kind: String,
    pub reason: String,
}

impl Report {
    /// Summarises a decision.
    pub(super) fn of(decision: &Decision) -> Self {
        match decision {
            Decision::Run(clearance) => Self {
                decision: "run",
                rules: Vec::new(),
                gaps: gaps(clearance.gaps()),
                here: Vec::new(),
                first: First::default(),
                phrase: None,
            },
            Decision::Confirm(challenge) => Self {
                decision: "ask",
                rules: fired(challenge.findings()),
                gaps: gaps(challenge.gaps()),
                here: challenge.here().to_vec(),
                first: First::default(),
                phrase: Some(challenge.phrase().to_owned()),
            },
            Decision::Refuse(refusal) => Self {
                decision: "refuse",
                rules: fired(refusal.findings()),
                gaps: gaps(refusal.gaps()),
                here: refusal.here().to_vec(),
                first: First::default(),
                phrase: None,
            },
        }
    }
}

fn fired(findings: &[Finding]) -> Vec<Fired> {
    let fired = |finding: &Finding| Fired {
        id: finding.rule.id(),
        title: finding.rule.rule.title.clone(),
        severity: finding.rule.rule.severity,
        certain: finding.certainty == Truth::Certain,
        phrase: finding.phrase.clone(),
    };
    findings.iter().map(fired).collect()
}

fn gaps(gaps: &[Gap]) -> Vec<Unread> {
    let unread =
        |gap: &Gap| Unread { kind: format!("{:?}", gap.kind).to_lowercase(), reason: gap.reason.clone() };
    gaps.iter().map(unread).collect()
}
