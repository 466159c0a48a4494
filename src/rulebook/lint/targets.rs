//! Checks of `targets:`.

use super::super::format::{Pack, Program};
use super::super::targets::{Aspect, Target, Way};
use super::Faults;
use super::grammar::is_operand_source;
use crate::expression::Expression;

/// What a key may take from the place that is looked at, apart from aspects.
const PLACES: [&str; 1] = ["directory"];

pub(super) fn check(pack: &Pack, faults: &mut Faults) {
    for (name, target) in &pack.targets {
        let at = format!("targets/{name}");
        match pack.programs.get(name) {
            Some(program) => target_faults(&at, target, program, faults),
            None => faults.add(&at, format!("`{name}` is no program of this pack, by its first name")),
        }
    }
}

fn target_faults(at: &str, target: &Target, program: &Program, faults: &mut Faults) {
    for (key, text) in [("can", &target.keys.can), ("narrow", &target.keys.narrow)] {
        let ended = text.as_ref().is_none_or(|text| text.trim_end_matches('`').ends_with('.'));
        faults.check(format!("{at}/keys/{key}"), ended, || "a sentence ends with a period".to_owned());
    }
    for (aspect, ways) in &target.facts {
        for (nth, way) in ways.iter().enumerate() {
            way_faults(&format!("{at}/facts/{}/{nth}", aspect.name()), *aspect, way, program, faults);
        }
    }
}

fn way_faults(at: &str, aspect: Aspect, way: &Way, program: &Program, faults: &mut Faults) {
    let places = [way.option.is_some(), way.variable.is_some(), !way.file.is_empty()];
    let named = places.iter().filter(|given| **given).count();
    faults.check(at, named == 1 || named == 0 && way.value.is_some(), || {
        "a way has one of `option`, `variable` and `file`, or a `value` alone".to_owned()
    });
    if let Some(option) = &way.option {
        let declared = is_operand_source(option)
            || program.options.contains_key(option)
            || program.commands.values().any(|command| command.options.contains_key(option));
        faults.check(format!("{at}/option"), declared, || format!("no option is declared as `{option}`"));
    }
    faults.check(format!("{at}/value"), way.value.is_none() || way.option.is_some() || named == 0, || {
        "a `value` stands alone, or beside an `option` without one".to_owned()
    });
    faults.check(format!("{at}/key"), way.key.is_none() || !way.file.is_empty(), || {
        "a `key` is looked for in a `file`".to_owned()
    });
    for text in way.key.iter().chain(&way.file) {
        for name in placeholders(text) {
            let earlier = Aspect::ALL.iter().find(|known| known.name() == name);
            let known = PLACES.contains(&name) || earlier.is_some_and(|earlier| *earlier < aspect);
            faults.check(at, known, || {
                format!("`{{{name}}}` is neither `{{directory}}` nor an aspect before `{}`", aspect.name())
            });
        }
    }
    if let Some(pattern) = &way.pattern {
        faults.check(format!("{at}/pattern"), Expression::with_group(pattern).is_ok(), || {
            format!("`{pattern}` is no regular expression with one group")
        });
    }
}

/// Returns the names in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}
