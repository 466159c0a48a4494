//! Whether a request carries credentials away: what `env` prints, or a file of settings.

use crate::resolve::action::Request;
use crate::resolve::secrets::stand_in;
use crate::unknown::UNKNOWN_SECRET;

/// Returns whether a request carries some away, in its body or its query.
pub(super) fn carried(request: &Request) -> bool {
    request.query.contains(UNKNOWN_SECRET) || request.body.as_deref().is_some_and(stand_in)
}
