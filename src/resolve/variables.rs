//! The variables of a shell and their values.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::unknown::UNKNOWN;

/// A variable's value; unknown stretches are marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Scalar(String),
    /// Elements by their index; there may be holes.
    Array(BTreeMap<usize, String>),
    /// An associative array.
    Map(BTreeMap<String, String>),
    /// It is known not to be set.
    Unset,
}

impl Value {
    /// Returns a value of which nothing is known.
    fn unknown() -> Self {
        Self::Scalar(UNKNOWN.to_string())
    }

    /// Returns how much text it holds, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Scalar(text) => text.len(),
            Self::Array(all) => all.values().map(|text| text.len() + 32).sum(),
            Self::Map(all) => all.values().map(|text| text.len() + 64).sum(),
            Self::Unset => 0,
        }
    }

    /// Returns an array of `items`, the first at `start`.
    pub(super) fn list(items: impl IntoIterator<Item = String>, start: usize) -> Self {
        Self::Array((start..).zip(items).collect())
    }
}

/// Variables by their names. A shell is copied for every subshell and branch, and most of them change nothing: copies
/// share their variables until one of them does.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables(Rc<BTreeMap<Rc<str>, Rc<Value>>>);

impl Variables {
    /// Returns the value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sets a variable; without a value it is as if it had never been set.
    pub(super) fn put(&mut self, name: &str, value: Option<Value>) {
        match value {
            // Most variables are set again and again.
            Some(value) => match Rc::make_mut(&mut self.0).get_mut(name) {
                Some(old) => *old = Rc::new(value),
                None => drop(Rc::make_mut(&mut self.0).insert(name.into(), Rc::new(value))),
            },
            None if self.0.contains_key(name) => drop(Rc::make_mut(&mut self.0).remove(name)),
            None => {}
        }
    }

    /// Returns those that `is_kept` says are kept.
    pub(super) fn only(&self, is_kept: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, _)| is_kept(name));
        Self(Rc::new(kept.map(|(name, value)| (Rc::clone(name), Rc::clone(value))).collect()))
    }

    /// Keeps what two ways through a script agree on; the rest is unknown.
    pub(super) fn merge(&mut self, other: &Self) {
        let mut alone = Vec::new();
        let mut differing = self.differing_from(other, |name| alone.push(Rc::clone(name)));
        differing.append(&mut alone);
        self.forget(differing);
    }

    /// Takes every variable that had another value before, or has none any more, for unknown.
    pub(super) fn doubt(&mut self, before: &Self) {
        self.forget(self.differing_from(before, |_| {}));
    }

    /// Returns the names of those of `other` that are not the same here; `alone` gets those that are only here.
    fn differing_from(&self, other: &Self, mut alone: impl FnMut(&Rc<str>)) -> Vec<Rc<str>> {
        let mut differing = Vec::new();
        if Rc::ptr_eq(&self.0, &other.0) {
            return differing;
        }
        // Both are sorted.
        let mut own = self.0.iter().peekable();
        for (name, value) in other.0.iter() {
            while let Some((name, _)) = own.next_if(|(own, _)| *own < name) {
                alone(name);
            }
            let here = own.next_if(|(own, _)| *own == name);
            if !here.is_some_and(|(_, own)| Rc::ptr_eq(own, value) || own == value) {
                differing.push(Rc::clone(name));
            }
        }
        own.for_each(|(name, _)| alone(name));
        differing
    }

    fn forget(&mut self, names: Vec<Rc<str>>) {
        if !names.is_empty() {
            let own = Rc::make_mut(&mut self.0);
            own.extend(names.into_iter().map(|name| (name, Rc::new(Value::unknown()))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Option<Value> {
        Some(Value::Scalar(text.to_owned()))
    }

    fn variables(all: &[(&str, &str)]) -> Variables {
        let mut variables = Variables::default();
        all.iter().for_each(|(name, text)| variables.put(name, scalar(text)));
        variables
    }

    fn shown(variables: &Variables, name: &str) -> Option<String> {
        variables.get(name).map(|value| match value {
            Value::Scalar(text) => text.replace(UNKNOWN, "?"),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn a_copy_does_not_change_what_it_was_made_of() {
        let first = variables(&[("a", "1")]);
        let mut second = first.clone();
        second.put("a", scalar("2"));
        second.put("b", scalar("3"));
        assert_eq!([shown(&first, "a"), shown(&first, "b")], [Some("1".to_owned()), None]);
        second.put("a", None);
        assert_eq!([shown(&second, "a"), shown(&second, "b")], [None, Some("3".to_owned())]);
        assert_eq!(first.len(), 1);
    }

    #[test]
    fn what_two_ways_do_not_agree_on_is_unknown() {
        let mut one = variables(&[("same", "1"), ("other", "1"), ("mine", "1")]);
        one.merge(&variables(&[("same", "1"), ("other", "2"), ("theirs", "1")]));
        let all = ["same", "other", "mine", "theirs"].map(|name| shown(&one, name).unwrap_or_default());
        assert_eq!(all, ["1", "?", "?", "?"]);
    }

    #[test]
    fn what_may_not_have_been_done_is_doubted() {
        let mut after = variables(&[("same", "1"), ("other", "2"), ("new", "1")]);
        after.doubt(&variables(&[("same", "1"), ("other", "1"), ("gone", "1")]));
        let all = ["same", "other", "new", "gone"].map(|name| shown(&after, name).unwrap_or_default());
        assert_eq!(all, ["1", "?", "1", "?"]);
    }
}
