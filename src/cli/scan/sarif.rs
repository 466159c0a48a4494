//! Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::show::{name, relative};
use crate::rulebook::BookRule;
use crate::rulebook::format::Severity;
use crate::scan::{Finding, Scanned};

/// Returns a log with one run.
pub(super) fn text(scanned: &Scanned, base: &Path) -> String {
    let mut rules: BTreeMap<String, &BookRule> = BTreeMap::new();
    for finding in &scanned.findings {
        for rule in std::iter::once(&finding.rule).chain(&finding.also) {
            rules.insert(rule.id(), rule);
        }
    }
    let places: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let results: Vec<Value> = scanned
        .findings
        .iter()
        .map(|finding| result(finding, base, places[finding.rule.id().as_str()]))
        .collect();
    let notes: Vec<Value> = scanned
        .notes
        .iter()
        .chain(&scanned.unread)
        .map(|note| {
            let mut location = json!({"artifactLocation": {"uri": uri(&note.path, base)}});
            if let Some(line) = note.line {
                location["region"] = json!({"startLine": line});
            }
            let message = json!({"text": note.text});
            json!({"level": "note", "message": message, "locations": [{"physicalLocation": location}]})
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "guard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(id, rule)| descriptor(id, rule)).collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notes}],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(id: &str, rule: &BookRule) -> Value {
    let rule = &rule.rule;
    let help = [
        format!("What is lost: {}", rule.blast_radius.data.trim()),
        format!("Backups: {}", rule.blast_radius.backups.trim()),
        rule.instead.as_deref().map(|instead| format!("Instead: {}", instead.trim())).unwrap_or_default(),
        format!("To recover: {}", rule.recover.join(" ")),
    ];
    let help: Vec<String> = help.into_iter().filter(|part| !part.is_empty()).collect();
    let mut descriptor = json!({
        "id": id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.blast_radius.data.trim()},
        "help": {"text": help.join("\n\n")},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "severity": name(rule.severity),
            "security-severity": score(rule.severity),
            "tags": ["destructive-command"],
        },
    });
    if let Some(reference) = rule.references.iter().find(|reference| reference.starts_with("https://")) {
        descriptor["helpUri"] = json!(reference);
    }
    descriptor
}

fn result(finding: &Finding, base: &Path, rule: usize) -> Value {
    let also: Vec<String> = finding.also.iter().map(|rule| rule.id()).collect();
    let also = if also.is_empty() { String::new() } else { format!(" (also {})", also.join(", ")) };
    json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": rule,
        "level": if finding.certain { level(finding.rule.rule.severity) } else { "note" },
        "message": {"text": format!("{}: {}{also}", finding.rule.rule.title, finding.phrase)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(&finding.path, base)},
            "region": {
                "startLine": finding.start.line,
                "startColumn": finding.start.column,
                "endLine": finding.end.line,
                "endColumn": finding.end.column,
                "snippet": {"text": finding.lines.join("\n")},
            },
        }}],
        "partialFingerprints": {"guard/v1": finding.fingerprint},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Moderate => "warning",
        Severity::Severe | Severity::Catastrophic => "error",
    }
}

/// What code hosts order findings by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Moderate => "5.0",
        Severity::Severe => "8.0",
        Severity::Catastrophic => "9.5",
    }
}

/// Returns a path as a reference from where guard was called, or as an absolute one.
fn uri(path: &Path, base: &Path) -> String {
    let path = relative(path, base);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let escaped: String = path
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if path.starts_with('/') { format!("file://{escaped}") } else { escaped }
}
