//! Shell patterns, run as a state machine: in time proportional to pattern and text, whatever they
//! are.

use crate::unknown::is_known;

/// How deeply `@( … )` may nest.
const DEEPEST: usize = 8;

/// How many states times characters one change of a value may visit.
pub(super) const WORK: usize = 1 << 18;

/// A pattern: `*`, `?`, `[…]`, and `?( )`, `*( )`, `+( )`, `@( )`.
pub(super) struct Pattern {
    steps: Vec<Step>,
}

enum Step {
    Char(char),
    Any,
    Set(Set),
    /// Goes on at either place.
    Fork(usize, usize),
    Jump(usize),
}

struct Set {
    ranges: Vec<(char, char)>,
    is_negated: bool,
}

/// Which of the stretches that a pattern matches is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// From the start, as short as can be.
    ShortestPrefix,
    /// From the start, as long as can be.
    LongestPrefix,
    /// To the end, as short as can be.
    ShortestSuffix,
    /// To the end, as long as can be.
    LongestSuffix,
    /// The first anywhere, as long as can be.
    First,
}

impl Pattern {
    /// Reads a pattern: `None` where it is not known or says what does not match (`!( )`).
    pub(super) fn read(text: &str) -> Option<Self> {
        if !is_known(text) || text.len() > 1024 {
            return None;
        }
        let letters: Vec<char> = text.chars().collect();
        let mut reader = Reader { letters: &letters, at: 0, steps: Vec::new(), is_odd: false };
        reader.sequence(0)?;
        (reader.at == letters.len() && !reader.is_odd).then_some(Self { steps: reader.steps })
    }

    /// Returns whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        self.search(&letters, 0, Wanted::LongestPrefix, &mut { WORK }) == Some(Some((0, letters.len())))
    }

    /// Returns the stretch that is wanted of `text` from `from` on, if there is one; `None` where it
    /// takes more than is left of `fuel` to find out.
    pub(super) fn search(
        &self,
        text: &[char],
        from: usize,
        wanted: Wanted,
        fuel: &mut usize,
    ) -> Option<Option<(usize, usize)>> {
        let is_suffix = matches!(wanted, Wanted::ShortestSuffix | Wanted::LongestSuffix);
        let is_prefix = matches!(wanted, Wanted::ShortestPrefix | Wanted::LongestPrefix);
        // Of two ways to the same state the later start makes the shorter stretch.
        let is_better = |new: usize, old: usize| match wanted {
            Wanted::ShortestSuffix => new > old,
            _ => new < old,
        };
        let mut states: Vec<Option<usize>> = vec![None; self.steps.len() + 1];
        let mut best: Option<(usize, usize)> = None;
        for at in from..=text.len() {
            if at == from || !is_prefix && !(wanted == Wanted::First && best.is_some()) {
                self.enter(0, at, &mut states, is_better);
            }
            if let Some(start) = states[self.steps.len()]
                && (!is_suffix || at == text.len())
                && best.is_none_or(|(old, _)| is_prefix || start <= old)
            {
                best = Some((start, at));
                if wanted == Wanted::ShortestPrefix {
                    break;
                }
            }
            let Some(&letter) = text.get(at) else { break };
            *fuel = fuel.checked_sub(states.len())?;
            if states.iter().all(Option::is_none) && (is_prefix || best.is_some()) {
                break;
            }
            let mut next = vec![None; states.len()];
            for (state, start) in states.iter().enumerate() {
                if let Some(start) = *start
                    && best.is_none_or(|(old, _)| start <= old || is_suffix)
                    && self.steps.get(state).is_some_and(|step| step.takes(letter))
                {
                    self.enter(state + 1, start, &mut next, is_better);
                }
            }
            states = next;
        }
        Some(best)
    }

    /// Marks `state`, and those that follow without a character, as reached from `start`.
    fn enter(
        &self,
        state: usize,
        start: usize,
        states: &mut [Option<usize>],
        is_better: impl Fn(usize, usize) -> bool,
    ) {
        let mut open = vec![state];
        while let Some(state) = open.pop() {
            if states[state].is_some_and(|old| !is_better(start, old)) {
                continue;
            }
            states[state] = Some(start);
            match self.steps.get(state) {
                Some(Step::Fork(one, other)) => open.extend([*one, *other]),
                Some(Step::Jump(to)) => open.push(*to),
                _ => {}
            }
        }
    }
}

impl Step {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Char(wanted) => *wanted == letter,
            Self::Any => true,
            Self::Set(set) => {
                set.ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter)) != set.is_negated
            }
            Self::Fork(..) | Self::Jump(_) => false,
        }
    }
}

struct Reader<'p> {
    letters: &'p [char],
    at: usize,
    steps: Vec<Step>,
    /// Whether a class of characters was met that is not known.
    is_odd: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    /// Reads up to the end or to what ends a branch.
    fn sequence(&mut self, depth: usize) -> Option<()> {
        while let Some(letter) = self.peek() {
            if depth > 0 && matches!(letter, '|' | ')') {
                break;
            }
            self.at += 1;
            match letter {
                '?' | '*' | '+' | '@' | '!' if self.peek() == Some('(') => self.group(letter, depth)?,
                '*' => {
                    let start = self.steps.len();
                    self.steps.extend([Step::Fork(start + 1, start + 3), Step::Any, Step::Jump(start)]);
                }
                '?' => self.steps.push(Step::Any),
                '[' => self.set(),
                '\\' => {
                    self.steps.push(Step::Char(self.peek().unwrap_or('\\')));
                    self.at += 1;
                }
                letter => self.steps.push(Step::Char(letter)),
            }
        }
        self.at = self.at.min(self.letters.len());
        Some(())
    }

    /// Reads `( … | … )` behind the sign that says how often.
    fn group(&mut self, sign: char, depth: usize) -> Option<()> {
        if depth == DEEPEST || sign == '!' {
            return None;
        }
        let start = self.steps.len();
        // `?` and `*` may be left out: the way around is known at the end.
        let is_optional = matches!(sign, '?' | '*');
        if is_optional {
            self.steps.push(Step::Fork(start + 1, 0));
        }
        let first = self.steps.len();
        let mut ends = Vec::new();
        loop {
            self.at += 1;
            let fork = self.steps.len();
            self.steps.push(Step::Fork(fork + 1, 0));
            self.sequence(depth + 1)?;
            ends.push(self.steps.len());
            self.steps.push(Step::Jump(0));
            let is_last = self.peek()? == ')';
            let next = self.steps.len();
            // The last branch has nothing to fork to.
            self.steps[fork] = if is_last { Step::Jump(fork + 1) } else { Step::Fork(fork + 1, next) };
            if is_last {
                break;
            }
        }
        self.at += 1;
        let mut behind = self.steps.len();
        if matches!(sign, '*' | '+') {
            self.steps.push(Step::Fork(first, behind + 1));
        }
        for end in ends {
            self.steps[end] = Step::Jump(behind);
        }
        behind = self.steps.len();
        if is_optional {
            self.steps[start] = Step::Fork(start + 1, behind);
        }
        Some(())
    }

    /// Reads a set from behind its `[`; without a `]` it is a bracket.
    fn set(&mut self) {
        let start = self.at;
        match self.read_set() {
            Some(set) => self.steps.push(Step::Set(set)),
            None => {
                self.at = start;
                self.steps.push(Step::Char('['));
            }
        }
    }

    fn read_set(&mut self) -> Option<Set> {
        let is_negated = matches!(self.peek(), Some('!' | '^'));
        self.at += usize::from(is_negated);
        let mut ranges = Vec::new();
        let first = self.at;
        loop {
            let letter = self.peek()?;
            self.at += 1;
            match letter {
                ']' if self.at > first + 1 => return Some(Set { ranges, is_negated }),
                '[' if self.peek() == Some(':') => ranges.extend(self.class()?),
                letter => {
                    let from = if letter == '\\' { self.escaped()? } else { letter };
                    let ends_range = self.letters.get(self.at + 1).is_some_and(|next| *next != ']');
                    if self.peek() == Some('-') && ends_range {
                        self.at += 1;
                        let to = self.peek()?;
                        self.at += 1;
                        ranges.push((from, if to == '\\' { self.escaped()? } else { to }));
                    } else {
                        ranges.push((from, from));
                    }
                }
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        self.at += 1;
        self.letters.get(self.at - 1).copied()
    }

    /// Reads `:name:]` and returns what it stands for.
    fn class(&mut self) -> Option<&'static [(char, char)]> {
        let rest: String = self.letters[self.at + 1..].iter().take(8).collect();
        let (name, _) = rest.split_once(":]")?;
        self.at += name.len() + 3;
        Some(match name {
            "alpha" => &[('a', 'z'), ('A', 'Z')],
            "digit" => &[('0', '9')],
            "alnum" => &[('a', 'z'), ('A', 'Z'), ('0', '9')],
            "lower" => &[('a', 'z')],
            "upper" => &[('A', 'Z')],
            "space" => &[(' ', ' '), ('\t', '\r')],
            "blank" => &[(' ', ' '), ('\t', '\t')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "xdigit" => &[('0', '9'), ('a', 'f'), ('A', 'F')],
            _ => {
                self.is_odd = true;
                &[]
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::read(pattern).unwrap().matches(text)
    }

    fn found(pattern: &str, text: &str, wanted: Wanted) -> Option<String> {
        let letters: Vec<char> = text.chars().collect();
        let (from, to) =
            Pattern::read(pattern).unwrap().search(&letters, 0, wanted, &mut { WORK }).unwrap()?;
        Some(letters[from..to].iter().collect())
    }

    #[test]
    fn whole_texts() {
        for (pattern, yes, no) in [
            ("a*", "abc", "ba"),
            ("*", "", "\0\0"),
            ("a?c", "abc", "ac"),
            ("[a-c]x", "bx", "dx"),
            ("[!a-c]x", "dx", "ax"),
            ("[]a]", "]", "b"),
            ("[a-]", "-", "b"),
            ("[[:digit:]_]", "7", "a"),
            ("\\*", "*", "a"),
            ("[", "[", "]"),
            ("[a", "[a", "a"),
            ("@(a|bc)d", "bcd", "d"),
            ("?(a)b", "b", "aab"),
            ("*(ab)", "abab", "aba"),
            ("+(a|b)", "abba", ""),
            ("@(a*(b)|c)", "abb", "cb"),
            ("x@(|a)y", "xy", "xby"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(no == "\0\0" || !matches(pattern, no), "{pattern} {no}");
        }
    }

    #[test]
    fn stretches() {
        let check = |pattern, text, wanted, expected: &str| {
            assert_eq!(found(pattern, text, wanted).as_deref(), Some(expected), "{pattern} {text}");
        };
        check("*/", "a/b/c", Wanted::ShortestPrefix, "a/");
        check("*/", "a/b/c", Wanted::LongestPrefix, "a/b/");
        check(".*", "a.b.c", Wanted::ShortestSuffix, ".c");
        check(".*", "a.b.c", Wanted::LongestSuffix, ".b.c");
        check("b*", "abab", Wanted::First, "bab");
        check("a", "bab", Wanted::First, "a");
        check("@(a|ab)", "xabab", Wanted::First, "ab");
        assert_eq!(found("z", "abc", Wanted::First), None);
    }

    #[test]
    fn what_is_not_known_or_says_what_does_not_match_is_not_read() {
        for pattern in ["!(a)", "a\u{F0000}", "@(a", "[[:graph:]]", &"@(".repeat(100)] {
            assert!(Pattern::read(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn work_is_bounded() {
        let text = vec!['a'; 100_000];
        let pattern = Pattern::read(&"*a".repeat(50)).unwrap();
        assert_eq!(pattern.search(&text, 0, Wanted::First, &mut { WORK }), None);
    }
}
