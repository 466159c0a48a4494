//! `echo` and `printf`.

use crate::parse::Dialect;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known};

/// How long the output may get, in bytes.
const LONGEST: usize = 64 * 1024;

/// Returns what `echo` prints.
pub(in crate::resolve) fn echo(words: &[String], dialect: Dialect) -> String {
    let mut rest = words;
    // bash decodes escapes when it is told to, other shells always.
    let (mut newline, mut decodes) = (true, dialect != Dialect::Bash);
    while let [first, more @ ..] = rest {
        let flags = first.strip_prefix('-').unwrap_or_default();
        if flags.is_empty() || !flags.chars().all(|c| matches!(c, 'n' | 'e' | 'E')) {
            break;
        }
        newline &= !flags.contains('n');
        for flag in flags.chars().filter(|flag| *flag != 'n') {
            decodes = flag == 'e';
        }
        rest = more;
    }
    let text = rest.join(" ");
    let (mut text, ended) = if decodes { unescape(&text, Style::Echo) } else { (text, false) };
    if newline && !ended {
        text.push('\n');
    }
    text
}

/// Returns what `printf` prints for its format and arguments.
pub(in crate::resolve) fn printf(words: &[String]) -> String {
    let words = match words {
        [first, rest @ ..] if first == "--" => rest,
        other => other,
    };
    let Some((format, arguments)) = words.split_first() else { return String::new() };
    if !is_known(format) {
        return UNKNOWN_WORDS.to_string();
    }
    let mut printer = Printer { arguments: arguments.iter(), output: String::new(), ended: false };
    loop {
        let left = printer.arguments.len();
        printer.round(format);
        if printer.output.len() > LONGEST {
            return UNKNOWN_WORDS.to_string();
        }
        let used = left - printer.arguments.len();
        if printer.ended || used == 0 || printer.arguments.len() == 0 {
            return printer.output;
        }
    }
}

struct Printer<'a> {
    arguments: std::slice::Iter<'a, String>,
    output: String,
    /// Whether a `\c` said that nothing more is printed.
    ended: bool,
}

impl Printer<'_> {
    /// Goes through the format once.
    fn round(&mut self, format: &str) {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.put(&rest[..at], Style::Format);
            rest = &rest[at + 1..];
            let end =
                rest.find(|c: char| c.is_ascii_alphabetic() && !b"hlLqjzt".contains(&(c as u8)) || c == '%');
            // `%q` quotes; elsewhere `q` is a length.
            let end = rest.find('q').filter(|q| end.is_none_or(|end| *q < end)).or(end);
            let Some(end) = end else {
                self.output.push(UNKNOWN_WORDS);
                return;
            };
            let (spec, kind) = (&rest[..end], rest.as_bytes()[end]);
            rest = &rest[end + 1..];
            self.convert(spec, kind);
            if self.ended || self.output.len() > LONGEST {
                return;
            }
        }
        self.put(rest, Style::Format);
    }

    fn put(&mut self, text: &str, style: Style) {
        let (text, ended) = unescape(text, style);
        self.output.push_str(&text);
        self.ended |= ended;
    }

    fn convert(&mut self, spec: &str, kind: u8) {
        if kind == b'%' {
            return self.output.push('%');
        }
        let argument = self.arguments.next().map_or("", String::as_str);
        let Some(spec) = Spec::read(spec) else { return self.output.push(UNKNOWN_WORDS) };
        let (text, ended) = match kind {
            b's' => (argument.to_owned(), false),
            b'b' => unescape(argument, Style::Argument),
            b'q' => (quoted(argument), false),
            b'c' => (argument.chars().take(1).collect(), false),
            _ => return self.output.push_str(&spec.number(argument, kind)),
        };
        self.ended |= ended;
        if spec.is_plain() {
            return self.output.push_str(&text);
        }
        if !is_known(&text) {
            return self.output.push(UNKNOWN_WORDS);
        }
        let text: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
        self.output.push_str(&spec.padded(&text));
    }
}

/// What stands between a `%` and its letter.
struct Spec {
    left: bool,
    zeros: bool,
    sign: Option<char>,
    alternative: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn read(spec: &str) -> Option<Self> {
        let flags = spec.len() - spec.trim_start_matches(['-', '+', ' ', '#', '0']).len();
        let (flags, rest) = spec.split_at(flags);
        let rest = rest.trim_end_matches(['h', 'l', 'L', 'j', 'z', 't']);
        let (width, precision) = match rest.split_once('.') {
            Some((width, precision)) => (width, Some(precision)),
            None => (rest, None),
        };
        let number = |digits: &str| match digits {
            "" => Some(0),
            digits => digits.parse::<usize>().ok().filter(|n| *n <= 4096),
        };
        let sign = match (flags.contains('+'), flags.contains(' ')) {
            (true, _) => Some('+'),
            (false, true) => Some(' '),
            _ => None,
        };
        Some(Self {
            left: flags.contains('-'),
            zeros: flags.contains('0'),
            sign,
            alternative: flags.contains('#'),
            width: number(width)?,
            precision: precision.map(number).map_or(Some(None), |n| n.map(Some))?,
        })
    }

    fn is_plain(&self) -> bool {
        self.width == 0 && self.precision.is_none()
    }

    fn padded(&self, text: &str) -> String {
        let width = self.width;
        if self.left { format!("{text:<width$}") } else { format!("{text:>width$}") }
    }

    fn number(&self, argument: &str, kind: u8) -> String {
        let Some(number) = value(argument).filter(|_| !self.alternative) else {
            return UNKNOWN.to_string();
        };
        let digits = match kind {
            b'd' | b'i' => number.unsigned_abs().to_string(),
            b'u' => (number as u64).to_string(),
            b'o' => format!("{number:o}"),
            b'x' => format!("{number:x}"),
            b'X' => format!("{number:X}"),
            _ => return UNKNOWN.to_string(),
        };
        let least = self.precision.unwrap_or(1);
        let is_signed = matches!(kind, b'd' | b'i');
        let sign = match number {
            ..0 if is_signed => "-".to_owned(),
            _ if is_signed => self.sign.map(String::from).unwrap_or_default(),
            _ => String::new(),
        };
        if self.zeros && !self.left && self.precision.is_none() {
            let width = self.width.saturating_sub(sign.len());
            return format!("{sign}{digits:0>width$}");
        }
        self.padded(&format!("{sign}{digits:0>least$}"))
    }
}

/// Reads a number as `printf` does: also `0x1f`, `017`, and `'a` for the code of a letter.
fn value(argument: &str) -> Option<i64> {
    let argument = argument.trim_start();
    if let Some(letter) = argument.strip_prefix(['\'', '"']) {
        return letter.chars().next().map(|c| i64::from(u32::from(c)));
    }
    let (negative, digits) = match argument.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, argument.strip_prefix('+').unwrap_or(argument)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let number = match (hexadecimal, digits.strip_prefix('0')) {
        (Some(digits), _) => i64::from_str_radix(digits, 16).ok()?,
        (_, Some(octal)) if !octal.is_empty() => i64::from_str_radix(octal, 8).ok()?,
        _ if argument.is_empty() => 0,
        _ => digits.parse().ok()?,
    };
    Some(if negative { -number } else { number })
}

/// Returns `text` as `%q` prints it.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return UNKNOWN_WORDS.to_string();
    }
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        let is_safe =
            c.is_ascii_alphanumeric() || "_@%+=:./-".contains(c) || at > 0 && matches!(c, '#' | '~');
        if !is_safe {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Where escapes stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Behind `echo -e`.
    Echo,
    /// In the format of `printf`.
    Format,
    /// In an argument of `%b`.
    Argument,
}

/// Decodes the escapes of `echo -e` and `printf`; returns whether a `\c` ended it all.
fn unescape(text: &str, style: Style) -> (String, bool) {
    if !text.contains('\\') {
        return (text.to_owned(), false);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut ended = false;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let mut behind = rest[at + 1..].chars();
        let Some(letter) = behind.next() else {
            rest = &rest[at..];
            break;
        };
        rest = behind.as_str();
        match letter {
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            'r' => bytes.push(b'\r'),
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'v' => bytes.push(11),
            'e' | 'E' => bytes.push(27),
            '\\' => bytes.push(b'\\'),
            'c' if style != Style::Format => {
                ended = true;
                rest = "";
                break;
            }
            'x' => match digits(&mut rest, 16, 2) {
                Some(code) => bytes.push(code as u8),
                None => bytes.extend_from_slice(b"\\x"),
            },
            'u' | 'U' => match digits(&mut rest, 16, if letter == 'u' { 4 } else { 8 }) {
                Some(code) => {
                    let c = char::from_u32(code).unwrap_or(UNKNOWN);
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => bytes.extend([b'\\', letter as u8]),
            },
            '0' if style != Style::Format => bytes.push(digits(&mut rest, 8, 3).unwrap_or(0) as u8),
            '0'..='7' if style != Style::Echo => {
                let head = letter.to_digit(8).unwrap_or(0);
                let before = rest.len();
                let tail = digits(&mut rest, 8, 2).unwrap_or(0);
                bytes.push((head * 8_u32.pow((before - rest.len()) as u32) + tail) as u8);
            }
            '"' if style != Style::Echo => bytes.push(b'"'),
            '\'' | '?' if style != Style::Echo => bytes.push(letter as u8),
            other => {
                bytes.push(b'\\');
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    (crate::resolve::decode::text(&bytes), ended)
}

/// Takes up to `most` digits from the start of `rest`.
fn digits(rest: &mut &str, radix: u32, most: usize) -> Option<u32> {
    let count = rest.chars().take(most).take_while(|c| c.is_digit(radix)).count();
    let (digits, behind) = rest.split_at(count);
    *rest = behind;
    u32::from_str_radix(digits, radix).ok()
}

/// Returns what `tr` makes of the escapes in its sets.
pub(super) fn set_text(set: &str) -> String {
    unescape(set, Style::Format).0
}
