//! A pack file with any content is read or refused, and one that is read can be checked, compiled
//! and found again.

#![no_main]

use guard::rulebook::{Rulebook, lint, read_pack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match read_pack(text, "fuzz.yaml") {
    Err(error) => assert!(error.to_string().starts_with("fuzz.yaml")),
    Ok(pack) => {
        lint::sound(&pack, &|_| None);
        lint::tidy(&pack);
        if let Ok(book) = Rulebook::of(std::slice::from_ref(&pack)) {
            assert_eq!(book.packs().len(), 1);
            for rule in &pack.rules {
                assert!(book.rule(&format!("{}/{}", pack.pack, rule.id)).is_some());
            }
        }
    }
});
