//! The lines of the policies in force, each with its file and line.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::whose;
use crate::aim::settings;
use crate::config::Config;
use crate::decide::policy::{Layer, SeverityName};
use crate::glob;
use crate::place::Place;
use crate::rulebook::format::Severity;
use crate::rulebook::targets::FileFormat;
use crate::trust::loosening;

/// A line of a policy.
pub(super) struct Line {
    layer: Layer,
    path: String,
    line: usize,
    keys: Vec<String>,
    value: String,
    /// Whether it loosens and its layer may not.
    pub ignored: bool,
}

/// Returns the lines of all policies in force.
pub(super) fn of(config: &Config, place: &Place<'_>) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let is_pack = |path: &PathBuf| path.parent().is_some_and(|parent| parent.ends_with("rules"));
    for (layer, path) in config.files.iter().filter(|(_, path)| !is_pack(path)) {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let loosening = loosening(&text);
        let shown = crate::aim::shown(path, place);
        for leaf in settings::read(&text, FileFormat::Yaml) {
            let says = format!("{}: {}", leaf.keys.join("."), leaf.value);
            let loosens = loosening.iter().any(|loose| loose.line == leaf.line && loose.says == says);
            let ignored = loosens && !layer.may_loosen();
            let settings::Leaf { keys, value, line } = leaf;
            lines.push(Line { layer: *layer, path: shown.clone(), line, keys, value, ignored });
        }
    }
    Ok(lines)
}

impl Line {
    /// Returns whether trust could let it loosen.
    pub fn awaits_trust(&self) -> bool {
        self.ignored && self.layer == Layer::Project
    }

    /// Returns its place.
    pub fn at(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }

    /// Returns it as a person reads it.
    pub fn shown(&self) -> String {
        let ignored = if self.ignored { "  (ignored: it loosens)" } else { "" };
        let at = format!("{}:{}", self.path, self.line);
        format!("{at:32} {}: {}  [{}]{ignored}", self.keys.join("."), self.value, whose(self.layer))
    }

    /// Returns whether it applies to a rule of a severity, in general or in an environment.
    pub fn speaks_of(&self, id: &str, severity: Severity) -> bool {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        let own = match keys.as_slice() {
            ["environments", _, rest @ ..] => rest,
            all => all,
        };
        let known = [
            ("moderate", SeverityName::Moderate),
            ("severe", SeverityName::Severe),
            ("catastrophic", SeverityName::Catastrophic),
        ];
        let named = |name: &str| known.iter().find(|(word, _)| *word == name).map(|(_, known)| *known);
        let severity = SeverityName::from(severity);
        match own {
            ["at", name] if self.value != "refuse" => named(name) == Some(severity),
            // What is demanded or refused at one severity is so above it too.
            ["at" | "proof" | "approvals", name] => named(name).is_some_and(|name| name <= severity),
            ["rules", name, ..] => *name == id || glob::matches(name, id).is_possible(),
            ["freeze", ..] => true,
            _ => false,
        }
    }
}
