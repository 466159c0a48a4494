//! What could not be read.

use super::script::Span;

/// Something in a command that could not be read. A gap is never dropped: it reaches `decide` and
/// the ledger, and it can only make an answer stricter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// Where it stands in the text it was found in.
    pub span: Span,
    /// What a person is told: a lower-case fragment without a period.
    pub reason: String,
}

/// The kinds of gaps, by what could hide in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// A value that is not known, where nothing dangerous can hide (a harmless program's operand).
    Value,
    /// Text after which the parser recovered; what it read was judged.
    Syntax,
    /// A file that would be read could not be (missing, too big, a device, too deep).
    File,
    /// The program to run is not known.
    Program,
    /// Code to run is not known: `eval "$X"`, `sh -c "$X"`, `python -c "$X"`.
    Code,
    /// Code from the network is run: `curl … | sh`.
    Remote,
    /// A bound was hit (size, depth, time): the rest was not read.
    Bound,
}
