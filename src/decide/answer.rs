//! An answer, and whoever gave it.

/// How a person let a command through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What was typed.
    pub phrase: String,
    /// Who typed it.
    pub by: Answerer,
    /// Who typed it as well, where two people had to.
    pub second: Option<Answerer>,
}

/// A person at a terminal, who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerer {
    /// The user id.
    pub uid: u32,
    /// The user's name.
    pub user: Option<String>,
    /// The terminal.
    pub tty: Option<String>,
    /// What shows that it was a person, where that was looked into.
    pub proof: Option<String>,
    /// Which enrolled secret they showed, where one was needed.
    pub secret: Option<String>,
    /// Under which name that secret is enrolled.
    pub name: Option<String>,
}

impl Answerer {
    /// Returns whether this is surely somebody else: another enrolled secret, or another user, and nothing
    /// that says it is the same person after all.
    pub fn is_another_than(&self, other: &Self) -> bool {
        match (&self.name, &other.name) {
            (Some(one), Some(other)) => one != other,
            _ => self.uid != other.uid,
        }
    }
}
