//! PowerShell's own words: keywords, and commands that run others.

/// Words that begin a statement and are no command.
#[rustfmt::skip]
pub(super) const KEYWORDS: &[&str] = &[
    "if", "elseif", "else", "while", "foreach", "for", "switch", "do", "until", "function", "filter",
    "param", "try", "catch", "finally", "return", "throw", "begin", "process", "end", "trap", "class",
    "enum", "using", "in", "default", "exit", "break", "continue",
];

/// Commands that run a string.
pub(super) const EVALUATORS: &[&str] = &["invoke-expression", "iex"];

/// Commands that list files, whose output others act on.
pub(super) const LISTERS: &[&str] = &["get-childitem", "gci", "ls", "dir", "get-item", "gi", "resolve-path"];

/// Commands that run a block for each item.
pub(super) const REPEATERS: &[&str] = &["foreach-object", "foreach", "%", "where-object", "?"];

/// Commands that start a program.
pub(super) const STARTERS: &[&str] = &["start-process", "saps"];

/// Parameters of theirs with a value that is no word of the program, and those that have none.
const STARTER_VALUES: &[&str] = &[
    "-credential",
    "-redirectstandarderror",
    "-redirectstandardinput",
    "-redirectstandardoutput",
    "-verb",
    "-windowstyle",
    "-workingdirectory",
];
const STARTER_FLAGS: &[&str] =
    &["-filepath", "-argumentlist", "-args", "-wait", "-nonewwindow", "-passthru", "-usenewenvironment"];

/// Returns the words of the program that `Start-Process` starts. Its arguments are joined with blanks before
/// the program takes them apart.
pub(super) fn started(words: &[String]) -> Vec<String> {
    let mut own = Vec::new();
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let name = word.to_ascii_lowercase();
        if STARTER_VALUES.contains(&name.as_str()) {
            words.next();
        } else if !STARTER_FLAGS.contains(&name.as_str()) {
            own.extend(word.split_whitespace().map(|word| word.trim_end_matches(',').to_owned()));
        }
    }
    own
}
