//! Arithmetic as shells do it, with 64 bits and all of C's operators.

use crate::unknown::is_known;

/// How deeply parentheses and the values of variables may nest.
const DEEPEST: usize = 32;

/// How long an expression may be, in bytes.
const LONGEST: usize = 1024;

/// The variables of the shell that reckons.
pub(super) trait Variables {
    /// Returns a variable's text: empty where it is known not to be set, `None` where it is not known.
    fn value(&self, name: &str) -> Option<String>;
    /// Sets a variable to a number, or to `None` where that is not known.
    fn set(&mut self, name: &str, number: Option<i64>);
}

/// Works out an expression: `None` where its value is not known. Then every variable that it may
/// set is not known either.
pub(super) fn evaluate(text: &str, variables: &mut dyn Variables) -> Option<i64> {
    if is_known(text) && text.len() <= LONGEST {
        let mut reader = Reader { rest: text, depth: 0, is_live: true, variables };
        if let Some(number) = reader.whole() {
            return Some(number);
        }
    }
    for name in may_set(text) {
        variables.set(name, None);
    }
    None
}

/// Returns the names in an expression that also holds a sign that sets something.
fn may_set(text: &str) -> impl Iterator<Item = &str> {
    let sets = text.contains(['=', '$', '`', crate::unknown::UNKNOWN, crate::unknown::UNKNOWN_WORDS])
        || text.contains("++")
        || text.contains("--");
    let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    names.filter(move |name| sets && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

struct Reader<'r> {
    rest: &'r str,
    depth: usize,
    /// Whether what is read counts: not so behind `0 &&`.
    is_live: bool,
    variables: &'r mut dyn Variables,
}

/// Operators of two sides with their binding, the longest of those that begin alike first.
const OPERATORS: &[(&str, u8)] = &[
    ("**", 12),
    ("<<", 9),
    (">>", 9),
    ("<=", 8),
    (">=", 8),
    ("==", 7),
    ("!=", 7),
    ("&&", 3),
    ("||", 2),
    ("*", 11),
    ("/", 11),
    ("%", 11),
    ("+", 10),
    ("-", 10),
    ("<", 8),
    (">", 8),
    ("&", 6),
    ("^", 5),
    ("|", 4),
];

/// Operators that set a variable, with what they do to it.
const ASSIGNMENTS: &[(&str, &str)] = &[
    ("<<=", "<<"),
    (">>=", ">>"),
    ("*=", "*"),
    ("/=", "/"),
    ("%=", "%"),
    ("+=", "+"),
    ("-=", "-"),
    ("&=", "&"),
    ("^=", "^"),
    ("|=", "|"),
    ("=", ""),
];

impl<'r> Reader<'r> {
    fn whole(&mut self) -> Option<i64> {
        self.blanks();
        if self.rest.is_empty() {
            return Some(0);
        }
        let number = self.list()?;
        self.rest.is_empty().then_some(number)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n']);
    }

    fn eat(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        if rest.is_some() {
            self.blanks();
        }
        rest.is_some()
    }

    fn list(&mut self) -> Option<i64> {
        let mut number = self.assignment()?;
        while self.eat(",") {
            number = self.assignment()?;
        }
        Some(number)
    }

    fn assignment(&mut self) -> Option<i64> {
        let start = self.rest;
        if let Some(name) = self.name() {
            let assignment = ASSIGNMENTS.iter().find(|(sign, _)| self.rest.starts_with(sign));
            if let Some((sign, operator)) = assignment
                && !self.rest.starts_with("==")
            {
                self.eat(sign);
                let right = self.deeper(Self::assignment)?;
                let number =
                    if operator.is_empty() { right } else { apply(operator, self.variable(name)?, right)? };
                return Some(self.set(name, number));
            }
            self.rest = start;
        }
        self.conditional()
    }

    fn conditional(&mut self) -> Option<i64> {
        let condition = self.binary(2)?;
        if !self.eat("?") {
            return Some(condition);
        }
        let yes = self.only_if(condition != 0, |reader| reader.deeper(Self::assignment))?;
        if !self.eat(":") {
            return None;
        }
        let no = self.only_if(condition == 0, |reader| reader.deeper(Self::assignment))?;
        Some(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, least: u8) -> Option<i64> {
        let mut left = self.unary()?;
        loop {
            let operator = OPERATORS.iter().find(|(sign, _)| self.rest.starts_with(sign));
            let Some((sign, binding)) = operator.filter(|(_, binding)| *binding >= least) else {
                return Some(left);
            };
            // `a -= b` ends here: what stands on its left is no variable.
            if ASSIGNMENTS.iter().any(|(set, of)| of == sign && self.rest.starts_with(set)) {
                return None;
            }
            self.eat(sign);
            // Powers bind to the right.
            let above = if *sign == "**" { *binding } else { binding + 1 };
            let counts = match *sign {
                "&&" => left != 0,
                "||" => left == 0,
                _ => true,
            };
            let right = self.only_if(counts, |reader| reader.deeper(|reader| reader.binary(above)))?;
            left = match *sign {
                "&&" => i64::from(left != 0 && right != 0),
                "||" => i64::from(left != 0 || right != 0),
                _ if !self.is_live => 0,
                sign => apply(sign, left, right)?,
            };
        }
    }

    fn unary(&mut self) -> Option<i64> {
        for (sign, by) in [("++", 1), ("--", -1)] {
            let behind = self.rest.strip_prefix(sign).unwrap_or_default();
            if behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                self.eat(sign);
                let name = self.name()?;
                let number = self.variable(name)?.wrapping_add(by);
                return Some(self.set(name, number));
            }
        }
        let operations: [(&str, fn(i64) -> i64); 4] =
            [("!", |n| i64::from(n == 0)), ("~", |n| !n), ("-", i64::wrapping_neg), ("+", |n| n)];
        for (sign, operation) in operations {
            if self.eat(sign) {
                return self.deeper(Self::unary).map(operation);
            }
        }
        self.operand()
    }

    fn operand(&mut self) -> Option<i64> {
        if self.eat("(") {
            let number = self.deeper(Self::list)?;
            return self.eat(")").then_some(number);
        }
        if let Some(name) = self.name() {
            if self.rest.starts_with(['[', '(']) {
                return None;
            }
            let number = self.variable(name)?;
            for (sign, by) in [("++", 1), ("--", -1)] {
                if self.eat(sign) {
                    self.set(name, number.wrapping_add(by));
                }
            }
            return Some(number);
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '@' | '_');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (written, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.blanks();
        number(written)
    }

    fn name(&mut self) -> Option<&'r str> {
        let rest = self.rest;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = &rest[end..];
        self.blanks();
        Some(name)
    }

    /// A variable's text is an expression of its own.
    fn variable(&mut self, name: &str) -> Option<i64> {
        let text = self.variables.value(name)?;
        if text.trim().is_empty() {
            return Some(0);
        }
        if let Some(number) = number(text.trim()) {
            return Some(number);
        }
        if !is_known(&text) || text.len() > LONGEST || self.depth >= DEEPEST / 4 {
            return None;
        }
        let variables = &mut *self.variables;
        Reader { rest: &text, depth: self.depth + 1, is_live: self.is_live, variables }.whole()
    }

    fn set(&mut self, name: &str, number: i64) -> i64 {
        if self.is_live {
            self.variables.set(name, Some(number));
        }
        number
    }

    fn only_if(&mut self, counts: bool, read: impl FnOnce(&mut Self) -> Option<i64>) -> Option<i64> {
        let outer = self.is_live;
        self.is_live &= counts;
        let number = read(self);
        self.is_live = outer;
        number
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Option<i64>) -> Option<i64> {
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let number = read(self);
        self.depth -= 1;
        number
    }
}

fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    let shift = u32::try_from(right).ok().filter(|bits| *bits < 64);
    Some(match operator {
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        "**" => left.wrapping_pow(u32::try_from(right).ok()?),
        "<<" => left << shift?,
        ">>" => left >> shift?,
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "&" => left & right,
        "^" => left ^ right,
        "|" => left | right,
        _ => return None,
    })
}

/// Reads `10`, `0x1f`, `017` and `2#101`.
fn number(written: &str) -> Option<i64> {
    if let Some((base, digits)) = written.split_once('#') {
        // Above 36 upper case counts otherwise than lower case.
        let base = base.parse().ok().filter(|base| (2..=36).contains(base))?;
        return i64::from_str_radix(digits, base).ok();
    }
    if let Some(digits) = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")) {
        return i64::from_str_radix(digits, 16).ok();
    }
    match written.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => i64::from_str_radix(digits, 8).ok(),
        _ => written.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    impl Variables for BTreeMap<String, String> {
        fn value(&self, name: &str) -> Option<String> {
            self.get(name).cloned()
        }
        fn set(&mut self, name: &str, number: Option<i64>) {
            match number {
                Some(number) => drop(self.insert(name.to_owned(), number.to_string())),
                None => drop(self.remove(name)),
            }
        }
    }

    fn variables() -> BTreeMap<String, String> {
        [("x", "5"), ("y", "x+1"), ("z", ""), ("loop", "loop")].map(|(a, b)| (a.into(), b.into())).into()
    }

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(evaluate(text, &mut variables()), expected, "{text}");
    }

    #[test]
    fn sums() {
        for (text, expected) in [
            ("1+2*3", 7),
            ("(1+2)*3", 9),
            ("-2**2", 4),
            ("2**3**2", 512),
            ("7/2", 3),
            ("-7%3", -1),
            ("1<<4|3", 19),
            ("5>3&&2>=2", 1),
            ("0||0", 0),
            ("!0+~0", 0),
            ("1?2:3", 2),
            ("0?2:0?3:4", 4),
            ("1,2,3", 3),
            ("0x1f+010+2#101", 44),
            ("x", 5),
            ("y*2", 12),
            ("z", 0),
            ("", 0),
            (" 1 + 1 ", 2),
            ("x==5", 1),
            ("3-1-1", 1),
            ("10-x", 5),
        ] {
            check(text, Some(expected));
        }
    }

    #[test]
    fn what_is_not_known() {
        for text in [
            "nobody",
            "1/0",
            "1+",
            "a[1]",
            "(1",
            "1 2",
            "\u{F0000}+1",
            "loop",
            "9999999999999999999",
            "1<<64",
        ] {
            check(text, None);
        }
        check(&"(".repeat(1000), None);
        check(&"-".repeat(1000), None);
        check(&"1+".repeat(10_000), None);
    }

    #[test]
    fn variables_are_set() {
        let after = |text: &str| {
            let mut all = variables();
            evaluate(text, &mut all);
            all.get("x").cloned()
        };
        for (text, x) in [
            ("x=2", Some("2")),
            ("x+=2", Some("7")),
            ("x++", Some("6")),
            ("--x", Some("4")),
            ("0&&(x=1)", Some("5")),
            ("1?x:(x=1)", Some("5")),
            ("z=x=3", Some("3")),
            ("x=nobody", None),
            ("i=0;i<x;i++", None),
            ("x<nobody", Some("5")),
        ] {
            assert_eq!(after(text).as_deref(), x, "{text}");
        }
    }
}
