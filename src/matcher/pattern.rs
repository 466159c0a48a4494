//! The patterns of rules against texts.

use crate::glob::Text;
use crate::rulebook::format::Pattern;
use crate::truth::Truth;
use crate::unknown::is_nothing_known;

/// Returns whether `text` matches one of `patterns`.
pub(super) fn any(patterns: &[Pattern], text: &str) -> Truth {
    let text = Text::new(text);
    patterns.iter().fold(Truth::No, |found, pattern| found.or(one(pattern, &text)))
}

/// Returns whether `text` matches a pattern.
pub(super) fn one(pattern: &Pattern, text: &Text<'_>) -> Truth {
    let sought = match pattern {
        Pattern::Glob(glob) => return glob.matches(text),
        Pattern::Expression(sought) => sought,
    };
    if is_nothing_known(text.as_str()) {
        return Truth::Possible;
    }
    // Every expression compiles, or its pack would have been refused. One that does not compile all
    // the same must not let anything pass.
    sought.is_in(text).map_or(Truth::Possible, Truth::certain_if)
}
