//! Whether something holds, where not everything is known.

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    No,
    /// It may: what decides it is not known.
    Possible,
    /// It does.
    Certain,
}

impl Truth {
    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// One of them is enough.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Certain or not at all.
    #[must_use]
    pub const fn certain_if(holds: bool) -> Self {
        if holds { Self::Certain } else { Self::No }
    }

    /// Returns whether it holds or may hold.
    pub fn is_possible(self) -> bool {
        self != Self::No
    }
}
