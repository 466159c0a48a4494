//! Setting doors up and taking them away.
