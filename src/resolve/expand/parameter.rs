//! `$name` and `${name…}`.

use super::Standing;
use super::fields::Piece;
use super::pattern::{Pattern, WORK, Wanted};
use crate::parse::Dialect;
use crate::parse::script::{Operation, Part, Which, Word};
use crate::resolve::state::Shell;
use crate::resolve::variables::Value;
use crate::resolve::walk::Walker;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

/// How long a value may be that is cut or changed, in bytes.
const LONGEST: usize = 4096;

/// How many bytes are changed for one step.
const CHANGED: usize = 8;

/// What a parameter holds.
enum Held {
    /// It is not known whether it is set.
    Unknown,
    /// It is known not to be set.
    Nothing,
    One(String),
    Many(Vec<String>),
}

impl Held {
    /// Applies a change to each value.
    fn map(self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::One(value) => Self::One(change(&value)),
            Self::Many(values) => Self::Many(values.iter().map(|value| change(value)).collect()),
            other => other,
        }
    }

    /// Returns whether `${name:-word}` is the word, or `${name-word}` where not `colon`.
    fn is_missing(&self, colon: bool) -> bool {
        match self {
            // A variable that nobody set is not set, as far as can be seen.
            Self::Unknown | Self::Nothing => true,
            Self::One(value) => colon && value.is_empty(),
            Self::Many(values) => values.is_empty() || colon && values.iter().all(String::is_empty),
        }
    }
}

/// How the values of a parameter become parts of words.
struct Manner {
    quoted: bool,
    /// Whether several values become one text: `$*`.
    joins: bool,
    /// Whether blanks in a value end a word.
    splits: bool,
    standing: Standing,
}

impl Walker<'_> {
    /// Adds what a parameter becomes.
    pub(super) fn parameter(
        &mut self,
        part: &Part,
        shell: &mut Shell,
        standing: Standing,
        all: &mut Vec<Piece>,
    ) {
        let Part::Parameter { name, index, operation, quoted } = part else { return };
        let index = index.as_deref().map(|index| self.text(index, shell));
        let held = self.held(name, index.as_deref(), shell);
        let is_every = name == "@" || index.as_deref() == Some("@");
        let joins = !is_every && (*quoted || standing == Standing::Alone);
        let splits = shell.dialect != Dialect::Zsh || shell.zsh.splits || *operation == Operation::Split;
        let manner = Manner { quoted: *quoted, joins, splits, standing };
        match operation {
            Operation::Default { word, colon } | Operation::Assign { word, colon }
                if held.is_missing(*colon) =>
            {
                if matches!(operation, Operation::Assign { .. }) {
                    let value = self.text(word, shell);
                    shell.set(name, value.clone());
                    return self.put(Held::One(value), &manner, shell, all);
                }
                self.operand(word, &manner, shell, all);
            }
            Operation::Alternative { word, colon } if held.is_missing(*colon) => {
                // What stands in the word does not run, but whether it is set may be a mistake.
                self.text(word, &mut shell.clone());
                if matches!(held, Held::Unknown) && shell.site.elsewhere {
                    return self.put(Held::Unknown, &manner, shell, all);
                }
                self.put(Held::Nothing, &manner, shell, all);
            }
            Operation::Alternative { word, .. } => self.operand(word, &manner, shell, all),
            operation => {
                let held = self.operated(held, name, index.as_deref(), operation, shell);
                self.put(held, &manner, shell, all);
            }
        }
    }

    /// Adds what the word in `${name:-word}` becomes.
    fn operand(&mut self, word: &Word, manner: &Manner, shell: &mut Shell, all: &mut Vec<Piece>) {
        let before = all.len();
        let standing = if manner.standing == Standing::Alone { Standing::Alone } else { Standing::Operand };
        self.pieces(&word.parts, shell, standing, all);
        if manner.quoted && all.len() == before {
            all.push(Piece::Quoted(String::new()));
        }
    }

    /// Adds values as they stand.
    fn put(&self, held: Held, manner: &Manner, shell: &Shell, all: &mut Vec<Piece>) {
        let piece = |value: String| match manner.quoted {
            true => Piece::Quoted(value),
            false if manner.splits => Piece::Split(value),
            false => Piece::Plain(value),
        };
        match held {
            Held::Unknown if manner.quoted => all.push(Piece::Quoted(UNKNOWN.to_string())),
            Held::Unknown => all.push(Piece::Split(UNKNOWN_WORDS.to_string())),
            Held::Nothing => all.push(piece(String::new())),
            Held::One(value) => all.push(piece(value)),
            Held::Many(values) if manner.joins => {
                let separator = match shell.separators(self.place) {
                    Some(separators) => separators.chars().next().map(String::from).unwrap_or_default(),
                    None => UNKNOWN.to_string(),
                };
                all.push(piece(values.join(&separator)));
            }
            Held::Many(values) => {
                for (nth, value) in values.into_iter().enumerate() {
                    if nth > 0 {
                        all.push(Piece::Break);
                    }
                    all.push(piece(value));
                }
            }
        }
    }

    /// Returns what a parameter holds.
    fn held(&self, name: &str, index: Option<&str>, shell: &mut Shell) -> Held {
        let is_zsh = shell.dialect == Dialect::Zsh;
        let every = matches!(index, Some("@" | "*"));
        let Some(value) = shell.value(name, self.place) else { return Held::Unknown };
        match (value, index) {
            (Value::Unset, _) => Held::Nothing,
            (Value::Scalar(text), None) => Held::One(text),
            (Value::Scalar(text), Some(_)) if every => Held::Many(vec![text]),
            (Value::Scalar(text), Some(index)) if !is_zsh => match self.sum(index, shell) {
                Some(0) => Held::One(text),
                Some(_) if is_known(&text) => Held::Nothing,
                _ => Held::Unknown,
            },
            (Value::Scalar(_), Some(_)) => Held::Unknown,
            (Value::Array(all), None) if is_zsh || name == "@" || name == "*" => {
                Held::Many(all.into_values().collect())
            }
            (Value::Array(all), None) => all.get(&0).map_or(Held::Nothing, |value| Held::One(value.clone())),
            (Value::Array(all), Some(_)) if every => Held::Many(all.into_values().collect()),
            (Value::Array(all), Some(index)) => {
                let Some(place) = self.sum(index, shell) else { return Held::Unknown };
                let end = all.keys().next_back().map_or(0, |last| last + 1);
                let place = match usize::try_from(place) {
                    Ok(place) => Some(place),
                    Err(_) => usize::try_from(place.unsigned_abs()).ok().and_then(|n| end.checked_sub(n)),
                };
                let found = place.and_then(|place| all.get(&place));
                found.map_or(Held::Nothing, |value| Held::One(value.clone()))
            }
            (Value::Map(all), Some(_)) if every && all.len() < 2 => Held::Many(all.into_values().collect()),
            (Value::Map(all), Some(key)) if !every && is_known(key) => {
                all.get(key).map_or(Held::Nothing, |value| Held::One(value.clone()))
            }
            (Value::Map(_), _) => Held::Unknown,
        }
    }

    /// Returns what an operation makes of what a parameter holds.
    fn operated(
        &mut self,
        held: Held,
        name: &str,
        index: Option<&str>,
        operation: &Operation,
        shell: &mut Shell,
    ) -> Held {
        match operation {
            Operation::None
            | Operation::Split
            | Operation::Default { .. }
            | Operation::Assign { .. }
            | Operation::Alternative { .. } => held,
            Operation::Error { word, colon } => {
                self.text(word, shell);
                if held.is_missing(*colon) { Held::Unknown } else { held }
            }
            Operation::Other { words } => {
                self.words(words, shell);
                Held::Unknown
            }
            Operation::Indirect => match held {
                Held::One(target) if is_known(&target) => match target.split_once('[') {
                    None => self.held(&target, None, shell),
                    Some((name, index)) => self.held(name, index.strip_suffix(']'), shell),
                },
                _ => Held::Unknown,
            },
            Operation::Length => length(&held),
            Operation::Substring { offset, length } => {
                let offset = self.number(offset, shell);
                let length = length.as_ref().map(|length| self.number(length, shell));
                let (Some(offset), Some(length)) = (offset, length.map_or(Some(None), |n| n.map(Some)))
                else {
                    return Held::Unknown;
                };
                let is_list = name == "@" || name == "*" || matches!(index, Some("@" | "*"));
                match held {
                    Held::Many(values) if is_list => {
                        // `${@:0}` begins with `$0`; `${@:1}` and `${array[@]:0}` with the first.
                        let skipped = i64::from(index.is_none());
                        let Ok(from) = usize::try_from(offset - skipped) else { return Held::Unknown };
                        slice(values, from, length)
                    }
                    held => held.map(|value| {
                        let least = -i64::try_from(value.chars().count()).unwrap_or_default();
                        // In zsh what is further back than the start is the start.
                        let is_clamped = shell.dialect == Dialect::Zsh && offset < least;
                        let offset = if is_clamped { 0 } else { offset };
                        substring(value, offset, length).unwrap_or_else(|| UNKNOWN_WORDS.to_string())
                    }),
                }
            }
            operation => {
                let change = self.change(operation, shell);
                let size = match &held {
                    Held::One(value) => value.len(),
                    Held::Many(values) => values.iter().map(String::len).sum(),
                    Held::Unknown | Held::Nothing => 0,
                };
                if !self.charge(size / CHANGED) {
                    return Held::Unknown;
                }
                held.map(|value| {
                    let is_short = is_known(value) && value.len() <= LONGEST;
                    let changed = if is_short { change(value) } else { None };
                    changed.unwrap_or_else(|| UNKNOWN_WORDS.to_string())
                })
            }
        }
    }

    /// Returns the function that a cutting, replacing or case-changing operation applies; what it
    /// returns is `None` where that is not known.
    fn change(&mut self, operation: &Operation, shell: &mut Shell) -> Box<dyn Fn(&str) -> Option<String>> {
        match operation {
            Operation::TrimPrefix { pattern, longest } => {
                let wanted = if *longest { Wanted::LongestPrefix } else { Wanted::ShortestPrefix };
                let pattern = Pattern::read(&self.pattern(pattern, shell));
                Box::new(move |value| replaced(value, pattern.as_ref()?, "", wanted))
            }
            Operation::TrimSuffix { pattern, longest } => {
                let wanted = if *longest { Wanted::LongestSuffix } else { Wanted::ShortestSuffix };
                let pattern = Pattern::read(&self.pattern(pattern, shell));
                Box::new(move |value| replaced(value, pattern.as_ref()?, "", wanted))
            }
            Operation::Replace { pattern, with, which } => {
                let (pattern, which) = (Pattern::read(&self.pattern(pattern, shell)), *which);
                let quoted = |part: &Part| matches!(part, Part::Text { quoted: true, .. });
                let is_plain = with.parts.iter().all(quoted);
                let with = self.text(with, shell);
                // bash 5.2 puts what was found in the place of `&`, others do not.
                let with = Some(with).filter(|with| is_plain || !with.contains(['&', '\\']));
                Box::new(move |value| {
                    let (pattern, with) = (pattern.as_ref()?, with.as_ref()?);
                    match which {
                        Which::First => replaced(value, pattern, with, Wanted::First),
                        Which::Prefix => replaced(value, pattern, with, Wanted::LongestPrefix),
                        Which::Suffix => replaced(value, pattern, with, Wanted::LongestSuffix),
                        Which::All => all_replaced(value, pattern, with),
                    }
                })
            }
            Operation::Upper { all } => {
                let all = *all;
                Box::new(move |value| Some(recased(value, all, |c| c.to_uppercase().collect())))
            }
            Operation::Lower { all } => {
                let all = *all;
                Box::new(move |value| Some(recased(value, all, |c| c.to_lowercase().collect())))
            }
            _ => Box::new(|_| None),
        }
    }
}

fn length(held: &Held) -> Held {
    let is_fixed = |value: &String| is_known(value);
    match held {
        Held::One(value) if is_fixed(value) => Held::One(value.chars().count().to_string()),
        Held::Many(values) if values.iter().all(is_fixed) => Held::One(values.len().to_string()),
        Held::Nothing => Held::One("0".to_owned()),
        // A number, whatever it is: one word.
        _ => Held::One(UNKNOWN.to_string()),
    }
}

fn slice(values: Vec<String>, from: usize, length: Option<i64>) -> Held {
    if !values.iter().all(|value| is_known(value)) {
        return Held::Unknown;
    }
    let rest = values.into_iter().skip(from);
    match length.map(usize::try_from) {
        None => Held::Many(rest.collect()),
        Some(Ok(length)) => Held::Many(rest.take(length).collect()),
        Some(Err(_)) => Held::Unknown,
    }
}

/// Returns `${value:offset:length}`; negative numbers count from the end.
fn substring(value: &str, offset: i64, length: Option<i64>) -> Option<String> {
    if !is_known(value) {
        return None;
    }
    let letters: Vec<char> = value.chars().collect();
    let count = i64::try_from(letters.len()).ok()?;
    let place = |n: i64| if n < 0 { count.checked_add(n) } else { Some(n) };
    let from = place(offset)?.min(count);
    let to = match length {
        None => count,
        Some(length) if length < 0 => count + length,
        Some(length) => from.saturating_add(length).min(count),
    };
    if from < 0 {
        // Further back than the start: nothing.
        return Some(String::new());
    }
    let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
    letters.get(range).map(|letters| letters.iter().collect())
}

fn replaced(value: &str, pattern: &Pattern, with: &str, wanted: Wanted) -> Option<String> {
    let letters: Vec<char> = value.chars().collect();
    let Some((from, to)) = pattern.search(&letters, 0, wanted, &mut { WORK })? else {
        return Some(value.to_owned());
    };
    if wanted == Wanted::First && from == to {
        return Some(value.to_owned());
    }
    Some(letters[..from].iter().collect::<String>() + with + &letters[to..].iter().collect::<String>())
}

fn all_replaced(value: &str, pattern: &Pattern, with: &str) -> Option<String> {
    let letters: Vec<char> = value.chars().collect();
    let mut result = String::new();
    let mut at = 0;
    // Each search may look at the rest of the text.
    let mut fuel = WORK;
    loop {
        match pattern.search(&letters, at, Wanted::First, &mut fuel)? {
            Some((from, to)) if from < to => {
                result.extend(&letters[at..from]);
                result.push_str(with);
                at = to;
            }
            // Shells disagree on what an empty match does.
            Some(_) => return None,
            None => {
                result.extend(&letters[at..]);
                return Some(result);
            }
        }
    }
}

fn recased(value: &str, all: bool, change: impl Fn(char) -> String) -> String {
    value.chars().enumerate().map(|(at, c)| if all || at == 0 { change(c) } else { c.to_string() }).collect()
}
