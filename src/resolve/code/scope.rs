//! What the names in a text stand for at the place that is being read.
//!
//! A name that is set in a block holds its value up to the block's end; after that it may hold what
//! it held before as well, as the block may not have run.

use std::collections::HashMap;

use super::value::Value;

/// The names that are set, and the blocks that are open.
#[derive(Debug, Default)]
pub(super) struct Scope {
    names: HashMap<String, Value>,
    blocks: Vec<Block>,
    last_choice: u32,
    loops: usize,
    /// Modules whose names are all in reach (`from os import *`).
    pub(super) stars: Vec<String>,
}

/// A block that is open.
#[derive(Debug)]
struct Block {
    closes: Closes,
    /// Whether what is in it may run again.
    repeats: bool,
    /// The names that were set in it, with what they held before.
    set: HashMap<String, Before>,
}

/// What a name held before a block set it.
#[derive(Debug)]
struct Before {
    value: Option<Value>,
    /// Whether the name is the block's own, so that nothing of it is left afterwards.
    own: bool,
}

/// What closes a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closes {
    /// The one who opened it.
    Caller,
    /// A line that begins no further right than this.
    Column(usize),
    /// The word `end`.
    End,
}

impl Scope {
    /// Returns an empty scope for another reading of the text that this one was for. Its choices have
    /// identities of their own, as values of the first reading are used in the second.
    pub(super) fn for_another_reading(&self) -> Self {
        Self { last_choice: self.last_choice, ..Self::default() }
    }

    /// Opens a block.
    pub(super) fn open(&mut self, closes: Closes, repeats: bool) {
        self.loops += usize::from(repeats);
        self.blocks.push(Block { closes, repeats, set: HashMap::new() });
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) {
        let Some(block) = self.blocks.pop() else { return };
        self.loops -= usize::from(block.repeats);
        for (name, before) in block.set {
            match before.value {
                None if before.own => {
                    self.names.remove(&name);
                }
                // What was not set before can have no other value.
                None => {}
                Some(old) => {
                    let last = self.names.insert(name.clone(), old.clone());
                    if let Some(last) = last.filter(|_| !before.own) {
                        let merged = Value::choice(self.new_choice(), vec![old, last]);
                        self.set(&name, merged);
                    }
                }
            }
        }
    }

    /// Closes the innermost block that an `end` closes, if there is one.
    pub(super) fn close_end(&mut self) {
        if self.blocks.last().is_some_and(|block| block.closes == Closes::End) {
            self.close();
        }
    }

    /// Closes the blocks that a line at `column` ends.
    pub(super) fn dedent(&mut self, column: usize) {
        while let Some(Block { closes: Closes::Column(header), .. }) = self.blocks.last()
            && column <= *header
        {
            self.close();
        }
    }

    /// Begins another arm of the innermost block.
    pub(super) fn next_arm(&mut self) {
        if let Some(block) = self.blocks.last() {
            let (closes, repeats) = (block.closes, block.repeats);
            self.close();
            self.open(closes, repeats);
        }
    }

    /// Returns how many blocks are open.
    pub(super) fn depth(&self) -> usize {
        self.blocks.len()
    }

    /// Closes blocks until `depth` are left.
    pub(super) fn close_to(&mut self, depth: usize) {
        while self.blocks.len() > depth {
            self.close();
        }
    }

    /// Returns whether what is being read may run again and again.
    pub(super) fn in_loop(&self) -> bool {
        self.loops > 0
    }

    /// Returns the identity of a new choice.
    pub(super) fn new_choice(&mut self) -> u32 {
        self.last_choice += 1;
        self.last_choice
    }

    /// Returns what `name` stands for.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.names.get(name)
    }

    /// Returns whether `name` is set at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Sets `name`.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.put(name, value, false);
    }

    /// Sets `name`, which belongs to the innermost block alone (a parameter).
    pub(super) fn set_own(&mut self, name: &str, value: Value) {
        self.put(name, value, true);
    }

    /// Sets `name` where that may not happen (`p = "x" if y`).
    pub(super) fn set_maybe(&mut self, name: &str, value: Value) {
        self.open(Closes::Caller, false);
        self.set(name, value);
        self.close();
    }

    fn put(&mut self, name: &str, value: Value, own: bool) {
        let old = self.names.insert(name.to_owned(), value);
        if let Some(block) = self.blocks.last_mut()
            && !block.set.contains_key(name)
        {
            block.set.insert(name.to_owned(), Before { value: old, own });
        }
    }
}
