//! Shell text of any kind in a made-up project: following it ends within the bounds, never panics,
//! and the same text gives the same answer.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use guard::rulebook::Rulebook;
use guard::trial;
use libfuzzer_sys::fuzz_target;

/// More actions than this take longer to judge than anybody waits.
const MOST: usize = 100_000;

static RULES: LazyLock<Rulebook> = LazyLock::new(Rulebook::builtin);

fuzz_target!(|text: &str| {
    let files = BTreeMap::from([("x.sh".to_owned(), text.to_owned())]);
    let (resolution, findings) = trial::judge(&RULES, text, &files);
    assert!(resolution.actions.len() <= MOST);
    let (again, findings_again) = trial::judge(&RULES, text, &files);
    assert_eq!(resolution.gaps, again.gaps);
    assert_eq!(findings.len(), findings_again.len());
});
