//! Whether text has credentials in it: what `env` prints, or a file of settings that is piped on.

use crate::aim::key;
use crate::resolve::action::Request;
use crate::rulebook::targets::FileFormat;
use crate::unknown::UNKNOWN_SECRET;

/// A longer text is no file of settings.
const LONGEST: usize = 256 * 1024;

/// Returns whether a request carries some away, in its body or its query.
pub(super) fn carried(request: &Request) -> bool {
    request.query.contains(UNKNOWN_SECRET) || request.body.as_deref().is_some_and(stand_in)
}

/// Returns whether some stand in a text. Those of a form (`client_secret=…`) are meant for whom it is sent to, so only
/// the names that variables have count.
pub(super) fn stand_in(text: &str) -> bool {
    let is_variable = |name: &str| !name.chars().any(char::is_lowercase);
    text.contains(UNKNOWN_SECRET)
        || text.len() <= LONGEST
            && key::secrets_in(text, FileFormat::Settings).iter().any(|(name, _)| is_variable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_with_keys_and_nothing_else() {
        let check = |text: &str, expect| assert_eq!(stand_in(text), expect, "{text}");
        check("PORT=1\nexport RAILWAY_TOKEN=9f0e1d2c3b4a\n", true);
        check("DATABASE_URL=postgres://u:hunter22@db/app", true);
        check("\u{F0003}", true);
        check("PORT=1\nDEBUG=1\n", false);
        check("RAILWAY_TOKEN=\n", false);
        check("grant_type=refresh_token&client_secret=abcdefgh", false);
        check(r#"{"id": 1, "token": "abc"}"#, false);
        check("", false);
    }
}
