//! `guard explain`: shows how a command was read and why it was judged so.

use std::fmt::Write as _;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use super::args::ExplainArgs;
use super::check::foresee;
use super::report::Report;
use crate::decide::{Decision, describe};
use crate::exit::{Exit, Status};
use crate::matcher::Finding;
use crate::resolve::action::{Action, Effect};
use crate::text::safe;

/// Everything that was seen in a command.
#[derive(Debug, Serialize)]
struct Explanation {
    #[serde(flatten)]
    report: Report,
    actions: Vec<Seen>,
}

/// One thing that the command would do.
#[derive(Debug, Serialize)]
struct Seen {
    kind: &'static str,
    what: String,
    through: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
}

/// Runs `guard explain`.
pub(super) fn run(args: ExplainArgs) -> Result<Status> {
    if let Some(directory) = &args.command.directory {
        std::env::set_current_dir(directory)
            .with_context(|| format!("cannot go to {}", directory.display()))?;
    }
    let form = args.command.form().map_err(|message| anyhow!("{message}\n\nhint: guard explain --help"))?;
    let (decision, report) = foresee(form)?;
    let explanation = Explanation { report, actions: decision.actions().iter().map(seen).collect() };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&explanation)?);
    } else {
        print!("{}", page(&explanation, &decision));
    }
    Ok(Exit::Done.into())
}

fn findings(decision: &Decision) -> &[Finding] {
    match decision {
        Decision::Run(_) => &[],
        Decision::Confirm(challenge) => challenge.findings(),
        Decision::Refuse(refusal) => refusal.findings(),
    }
}

fn seen(action: &Action) -> Seen {
    let (kind, what) = match &action.effect {
        Effect::Run(_) => ("run", describe(action)),
        Effect::Sql { .. } => ("sql", describe(action)),
        Effect::Http(_) => ("http", describe(action)),
        Effect::Write(_) => ("write", describe(action)),
        Effect::Call { .. } => ("call", describe(action)),
        Effect::Code(_) => ("code", "code in another language".to_owned()),
    };
    let directory = match &action.site {
        site if site.elsewhere => Some("elsewhere".to_owned()),
        site => site.cwd.as_ref().map(|cwd| cwd.display().to_string()),
    };
    Seen { kind, what, through: action.trail.iter().map(|step| step.to_string()).collect(), directory }
}

fn page(explanation: &Explanation, decision: &Decision) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "What it would do");
    for seen in &explanation.actions {
        let _ = writeln!(page, "  {:<6} {}", seen.kind, safe(&seen.what));
        if !seen.through.is_empty() {
            let _ = writeln!(page, "         through {}", safe(&seen.through.join(" → ")));
        }
    }
    if explanation.actions.is_empty() {
        let _ = writeln!(page, "  nothing that could be seen");
    }
    if !explanation.report.gaps.is_empty() {
        let _ = writeln!(page, "\nWhat could not be read");
        for gap in &explanation.report.gaps {
            let _ = writeln!(page, "  {:<8} {}", gap.kind, safe(&gap.reason));
        }
    }
    let findings = findings(decision);
    if !findings.is_empty() {
        let _ = writeln!(page, "\nWhich rules fired");
    }
    for finding in findings {
        rule(&mut page, finding, explanation);
    }
    let first: Vec<_> = explanation.report.first.lines().collect();
    if !first.is_empty() {
        let _ = writeln!(page, "\nWhat comes before it");
    }
    for (label, line) in first {
        let _ = writeln!(page, "  {label}: {}", safe(line));
    }
    let verdict = match decision {
        Decision::Run(_) => "It would run.".to_owned(),
        Decision::Confirm(challenge) => {
            format!("A person would be asked to type: {}", safe(challenge.phrase()))
        }
        Decision::Refuse(_) => "It would be refused.".to_owned(),
    };
    let _ = writeln!(page, "\n{verdict}");
    page
}

fn rule(page: &mut String, finding: &Finding, explanation: &Explanation) {
    let rule = &finding.rule.rule;
    let sure = if finding.certainty == crate::truth::Truth::Certain { "" } else { ", possibly" };
    let severity = format!("{:?}", rule.severity).to_lowercase();
    let _ = writeln!(page, "  {} ({severity}{sure}): {}", finding.rule.id(), rule.title);
    if let Some(seen) = explanation.actions.get(finding.action) {
        let _ = writeln!(page, "    on      {}", safe(&seen.what));
    }
    let _ = writeln!(page, "    loses   {}", rule.blast_radius.data.trim());
    let _ = writeln!(page, "    backups {}", rule.blast_radius.backups.trim());
    for (at, line) in rule.instead.as_deref().unwrap_or_default().lines().enumerate() {
        let _ = writeln!(page, "    {:<7} {line}", if at == 0 { "instead" } else { "" });
    }
}
