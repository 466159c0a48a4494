//! The ways in which agents' hooks are switched off, looked for where they would be set.
//!
//! What cannot be read is ignored here: settings that the agent cannot read either are reported where guard's
//! own part of them is looked for.

use std::path::PathBuf;

use serde_json::Value;

use super::{Here, Scope, files, merge};
use crate::agents::file::OffSwitch;
use crate::env_vars;

/// Returns what switches off hooks that were set up for `scope`, each as a phrase that names it.
pub(super) fn off(switches: &[OffSwitch], scope: Scope, here: &Here) -> Vec<String> {
    let count = switches.iter().filter(|switch| !(switch.spares_system && scope == Scope::System));
    count.flat_map(|switch| by_variable(switch).into_iter().chain(by_files(switch, here))).collect()
}

fn by_variable(switch: &OffSwitch) -> Option<String> {
    let name = switch.variable.as_ref()?;
    let value = env_vars::get(name)?;
    let is_on = !matches!(value.to_str(), Some("" | "0" | "false"));
    is_on.then(|| format!("{name} is set"))
}

fn by_files(switch: &OffSwitch, here: &Here) -> Vec<String> {
    let (Some(key), Some(is)) = (&switch.key, &switch.is) else { return Vec::new() };
    let is: Value = serde_json::from_str(is).unwrap_or_default();
    let files = switch.files.iter().filter_map(|name| Some((name, path(name, here)?)));
    let off = files.filter(|(name, path)| {
        let text = files::read(path).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        let found = text.and_then(|text| match name.ends_with(".toml") {
            true => toml(&text, key),
            false => merge::read(&text)?.pointer(key).cloned(),
        });
        found.is_some_and(|found| found == is || found.as_array().is_some_and(|list| list.contains(&is)))
    });
    off.map(|(_, path)| format!("{} in {}", key[1..].replace('/', "."), here.shown(&path))).collect()
}

/// Returns the file that a switch may stand in.
fn path(name: &str, here: &Here) -> Option<PathBuf> {
    match name.strip_prefix("~/") {
        Some(below_home) => Some(here.home.join(below_home)),
        None if name.starts_with('/') => Some(PathBuf::from(name)),
        None => Some(here.project.as_ref()?.join(name)),
    }
}

/// Returns the value of a key of a TOML file, where it is a plain one on a line of its own: `hooks = false`
/// below `[features]`, `features.hooks = false`, or `features = { hooks = false }`.
fn toml(text: &str, key: &str) -> Option<Value> {
    let mut table = String::new();
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            table = pointer(name);
        } else if let Some((name, value)) = line.split_once('=') {
            let name = format!("{table}{}", pointer(name));
            let value = value.trim();
            let members = value.strip_prefix('{').and_then(|rest| rest.split('}').next());
            for member in members.into_iter().flat_map(|members| members.split(',')) {
                if let Some((inner, value)) = member.split_once('=')
                    && format!("{name}{}", pointer(inner)) == key
                {
                    found = plain(value);
                }
            }
            if name == key {
                found = plain(value);
            }
        }
    }
    found
}

/// Returns a dotted key as a JSON pointer.
fn pointer(dotted: &str) -> String {
    let parts = dotted.split('.').map(|part| part.trim().trim_matches(['"', '\'']));
    parts.map(|part| format!("/{part}")).collect()
}

/// Returns a value without the comment behind it.
fn plain(value: &str) -> Option<Value> {
    serde_json::from_str(value.split('#').next()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn keys_of_toml_are_found_however_they_are_written() {
        let check = |text: &str, expect: Option<bool>| {
            assert_eq!(toml(text, "/features/hooks"), expect.map(Value::from), "{text}");
        };
        check("[features]\nhooks = false", Some(false));
        check("model = \"x\"\n[ features ]\nhooks=true # on\n[other]\nhooks = false", Some(true));
        check("features.hooks = false", Some(false));
        check("\"features\" . 'hooks' = false", Some(false));
        check("features = { web = true, hooks = false }", Some(false));
        check("[features]\nother = false", None);
        check("hooks = false", None);
        check("# [features]\n# hooks = false", None);
        check("[features\nhooks", None);
        check("[[features]]\n= = =\n[", None);
    }
}
