//! Brace expansion: `{a,b}` and `{1..3}` in the unquoted text of a word.

use crate::parse::script::{Operation, Part};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS};

/// How many words one word may become; one that would be more stays one, with marks for its braces.
const MOST: usize = 256;

/// How deeply braces may nest before they count as unknown text.
const DEEPEST: usize = 32;

/// Returns the words that a word becomes, before anything else in it is expanded.
///
/// Where `joins_names`, `$a{b,c}` is `$ab $ac`; as nothing tells it from `${a}{b,c}` any more, such
/// a parameter is not known.
pub(super) fn spelled_out(parts: &[Part], joins_names: bool) -> Vec<Vec<Part>> {
    let braced = |part: &Part| matches!(part, Part::Text { text, quoted: false } if text.contains('{'));
    if !parts.iter().any(braced) {
        return vec![parts.to_vec()];
    }
    let sequence = read(parts);
    if count(&sequence) > MOST {
        return vec![joined(&marked(&sequence), joins_names)];
    }
    products(&sequence).iter().map(|atoms| joined(atoms, joins_names)).collect()
}

/// A character of unquoted text, or a part that braces cannot reach into.
#[derive(Clone)]
enum Atom {
    Char(char),
    Part(Part),
}

enum Item {
    Atom(Atom),
    Choices(Vec<Vec<Item>>),
    /// A range with too many members to spell out.
    Any,
}

/// A brace that has been opened: the alternatives before the last comma, and what follows it.
#[derive(Default)]
struct Open {
    alternatives: Vec<Vec<Item>>,
    current: Vec<Item>,
}

impl Open {
    /// Returns the text of a brace that was none.
    fn literal(self, closed: bool) -> Vec<Item> {
        let mut items = vec![Item::Atom(Atom::Char('{'))];
        for alternative in self.alternatives {
            items.extend(alternative);
            items.push(Item::Atom(Atom::Char(',')));
        }
        items.extend(self.current);
        if closed {
            items.push(Item::Atom(Atom::Char('}')));
        }
        items
    }

    fn close(mut self) -> Vec<Item> {
        if !self.alternatives.is_empty() {
            self.alternatives.push(self.current);
            return vec![Item::Choices(self.alternatives)];
        }
        match range(&self.current) {
            Some(Range::Members(members)) => {
                let atoms = |member: String| member.chars().map(|c| Item::Atom(Atom::Char(c))).collect();
                vec![Item::Choices(members.into_iter().map(atoms).collect())]
            }
            Some(Range::TooLong) => vec![Item::Any],
            None => self.literal(true),
        }
    }
}

fn read(parts: &[Part]) -> Vec<Item> {
    // The first entry is the word itself.
    let mut open = vec![Open::default()];
    for part in parts {
        let Part::Text { text, quoted: false } = part else {
            push(&mut open, Item::Atom(Atom::Part(part.clone())));
            continue;
        };
        for c in text.chars() {
            match c {
                '{' if open.len() > DEEPEST => return vec![Item::Any],
                '{' => open.push(Open::default()),
                ',' if open.len() > 1 => {
                    if let Some(last) = open.last_mut() {
                        let alternative = std::mem::take(&mut last.current);
                        last.alternatives.push(alternative);
                    }
                }
                '}' if open.len() > 1 => {
                    let items = open.pop().map(Open::close).unwrap_or_default();
                    extend(&mut open, items);
                }
                c => push(&mut open, Item::Atom(Atom::Char(c))),
            }
        }
    }
    while open.len() > 1 {
        let items = open.pop().map(|last| last.literal(false)).unwrap_or_default();
        extend(&mut open, items);
    }
    open.pop().map(|word| word.current).unwrap_or_default()
}

fn push(open: &mut [Open], item: Item) {
    if let Some(last) = open.last_mut() {
        last.current.push(item);
    }
}

fn extend(open: &mut [Open], items: Vec<Item>) {
    if let Some(last) = open.last_mut() {
        last.current.extend(items);
    }
}

/// Returns how many words a sequence stands for.
fn count(sequence: &[Item]) -> usize {
    let of = |item: &Item| match item {
        Item::Choices(choices) => choices.iter().map(|choice| count(choice)).fold(0, usize::saturating_add),
        Item::Atom(_) | Item::Any => 1,
    };
    sequence.iter().map(of).fold(1, usize::saturating_mul)
}

/// Returns a sequence with a mark for each brace.
fn marked(sequence: &[Item]) -> Vec<Atom> {
    let atom = |item: &Item| match item {
        Item::Atom(atom) => atom.clone(),
        Item::Choices(_) | Item::Any => Atom::Char(UNKNOWN),
    };
    sequence.iter().map(atom).collect()
}

/// Returns the words that a sequence stands for, the last brace changing first.
fn products(sequence: &[Item]) -> Vec<Vec<Atom>> {
    let mut words = vec![Vec::new()];
    for item in sequence {
        match item {
            Item::Atom(atom) => words.iter_mut().for_each(|word| word.push(atom.clone())),
            Item::Any => words.iter_mut().for_each(|word| word.push(Atom::Char(UNKNOWN))),
            Item::Choices(choices) => {
                let endings: Vec<Vec<Atom>> = choices.iter().flat_map(|choice| products(choice)).collect();
                let with = |word: &Vec<Atom>, ending: &Vec<Atom>| [word.as_slice(), ending].concat();
                words = words
                    .iter()
                    .flat_map(|word| endings.iter().map(move |ending| with(word, ending)))
                    .collect();
            }
        }
    }
    words
}

fn joined(atoms: &[Atom], joins_names: bool) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // Whether the last part is a parameter whose name may go on.
    let mut is_name = false;
    for atom in atoms {
        is_name &= matches!(atom, Atom::Char(c) if continues_name(*c));
        match (atom, parts.last_mut()) {
            _ if is_name => {}
            (Atom::Char(c), Some(Part::Text { text, quoted: false })) => text.push(*c),
            (Atom::Char(c), Some(last)) if joins_names && is_longer_with(last, *c) => {
                *last = Part::Text { text: UNKNOWN_WORDS.to_string(), quoted: false };
                is_name = true;
            }
            (Atom::Char(c), _) => parts.push(Part::Text { text: c.to_string(), quoted: false }),
            (Atom::Part(part), _) => parts.push(part.clone()),
        }
    }
    parts
}

fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns whether a parameter may have a longer name with `c` behind it.
fn is_longer_with(part: &Part, c: char) -> bool {
    continues_name(c)
        && matches!(part, Part::Parameter { operation: Operation::None, index: None, quoted: false, name }
            if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
}

enum Range {
    Members(Vec<String>),
    TooLong,
}

/// Reads `from..to` or `from..to..step`, of numbers or of letters.
fn range(inside: &[Item]) -> Option<Range> {
    let character = |item: &Item| if let Item::Atom(Atom::Char(c)) = item { Some(*c) } else { None };
    if inside.len() > 64 {
        return None;
    }
    let text: String = inside.iter().map(character).collect::<Option<_>>()?;
    let mut ends = text.split("..");
    let (from, to) = (ends.next()?, ends.next()?);
    let step = ends.next().map_or(Some(1), |step| step.parse::<i64>().ok())?;
    if ends.next().is_some() {
        return None;
    }
    if let (Ok(low), Ok(high)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let is_padded = |end: &str| end.trim_start_matches('-').starts_with('0') && end.len() > 1;
        let width = if is_padded(from) || is_padded(to) { from.len().max(to.len()) } else { 0 };
        return Some(members(low, high, step, |number| Some(format!("{number:0width$}"))));
    }
    let letter = |end: &str| end.chars().next().filter(|c| end.len() == 1 && c.is_ascii_alphabetic());
    let (low, high) = (letter(from)?, letter(to)?);
    if low.is_ascii_uppercase() != high.is_ascii_uppercase() {
        // What stands between `Z` and `a` is punctuation that may mean something.
        return Some(Range::TooLong);
    }
    let name = |code: i64| Some(char::from(u8::try_from(code).ok()?).to_string());
    Some(members(i64::from(u32::from(low)), i64::from(u32::from(high)), step, name))
}

fn members(from: i64, to: i64, step: i64, name: impl Fn(i64) -> Option<String>) -> Range {
    let step = step.unsigned_abs().max(1);
    let steps = from.abs_diff(to) / step;
    if steps >= MOST as u64 {
        return Range::TooLong;
    }
    let member = |nth: u64| {
        let distance = i64::try_from(nth * step).ok()?;
        name(if from <= to { from + distance } else { from - distance })
    };
    Range::Members((0..=steps).filter_map(member).collect())
}
