//! Programs that change the text that goes through them.

use super::format::set_text;

/// `head` and `tail`: `None` where a count is not understood.
pub(super) fn ends(program: &str, words: &[String], input: &str) -> Option<String> {
    let (mut count, mut of_bytes, mut rest) = ("10".to_owned(), false, words.iter());
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix('-').filter(|flag| !flag.is_empty()) else { continue };
        let mut value = |inside: &str| {
            let inside = inside.strip_prefix('=').unwrap_or(inside);
            if inside.is_empty() { rest.next().cloned() } else { Some(inside.to_owned()) }
        };
        if let Some(inside) = flag.strip_prefix("-lines").or_else(|| flag.strip_prefix('n')) {
            count = value(inside)?;
        } else if let Some(inside) = flag.strip_prefix("-bytes").or_else(|| flag.strip_prefix('c')) {
            (count, of_bytes) = (value(inside)?, true);
        } else if flag.bytes().all(|byte| byte.is_ascii_digit()) {
            count = flag.to_owned();
        } else if flag != "q" {
            return None;
        }
    }
    let parts: Vec<&str> = match of_bytes {
        true if input.is_ascii() => input.split_inclusive(|_| true).collect(),
        true => return None,
        false => input.split_inclusive('\n').collect(),
    };
    let number: usize = count.trim_start_matches(['+', '-']).parse().ok()?;
    let sign = count.chars().next();
    let range = match (program, sign) {
        ("head", Some('-')) => 0..parts.len().saturating_sub(number),
        ("head", _) => 0..number.min(parts.len()),
        (_, Some('+')) => number.saturating_sub(1).min(parts.len())..parts.len(),
        _ => parts.len().saturating_sub(number)..parts.len(),
    };
    Some(parts[range].concat())
}

/// `rev`.
pub(super) fn reversed(input: &str) -> String {
    let line = |line: &str| match line.strip_suffix('\n') {
        Some(line) => line.chars().rev().collect::<String>() + "\n",
        None => line.chars().rev().collect(),
    };
    input.split_inclusive('\n').map(line).collect()
}

/// `sort` and `uniq`, as far as their options are understood.
pub(super) fn ordered<'w>(
    program: &str,
    flags: impl Iterator<Item = &'w String>,
    input: &str,
) -> Option<String> {
    let mut lines: Vec<&str> = input.lines().collect();
    if program == "sort" {
        lines.sort_unstable();
    }
    for flag in flags {
        match (program, flag.as_str()) {
            ("sort", "-u") => lines.dedup(),
            ("sort", "-r") => lines.reverse(),
            _ => return None,
        }
    }
    if program == "uniq" {
        lines.dedup();
    }
    Some(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// `cut -d X -f LIST` and `cut -c LIST`.
pub(super) fn cut(words: &[String], input: &str) -> Option<String> {
    let (mut delimiter, mut fields, mut letters) = ('\t', None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let flag = word.get(..2)?;
        let value = match &word[2..] {
            "" => words.next()?.clone(),
            inside => inside.to_owned(),
        };
        match flag {
            "-d" => delimiter = value.chars().next().filter(|_| value.chars().count() == 1)?,
            "-f" => fields = Some(ranges(&value)?),
            "-c" | "-b" if input.is_ascii() => letters = Some(ranges(&value)?),
            _ => return None,
        }
    }
    let chosen =
        |list: &[(usize, usize)], at: usize| list.iter().any(|(from, to)| (*from..=*to).contains(&at));
    let line = |line: &str| match (&fields, &letters) {
        (Some(list), None) if line.contains(delimiter) => {
            let parts = line.split(delimiter).enumerate().filter(|(at, _)| chosen(list, at + 1));
            Some(parts.map(|(_, part)| part).collect::<Vec<_>>().join(delimiter.encode_utf8(&mut [0; 4])))
        }
        (Some(_), None) => Some(line.to_owned()),
        (None, Some(list)) => {
            Some(line.chars().enumerate().filter(|(at, _)| chosen(list, at + 1)).map(|(_, c)| c).collect())
        }
        _ => None,
    };
    input.lines().map(|text| line(text).map(|text| text + "\n")).collect()
}

/// Reads `1,3-5,7-`.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let number = |text: &str, default: usize| if text.is_empty() { Some(default) } else { text.parse().ok() };
    let range = |range: &str| match range.split_once('-') {
        Some((from, to)) => Some((number(from, 1)?, number(to, usize::MAX)?)),
        None => range.parse().ok().map(|at| (at, at)),
    };
    list.split(',').map(range).collect()
}

/// `tr`.
pub(super) fn translate(words: &[String], input: &str) -> Option<String> {
    let is_flag = |word: &&String| word.len() > 1 && word.starts_with('-');
    let flags: String = words.iter().take_while(is_flag).map(|word| &word[1..]).collect();
    let mut sets = words.iter().skip_while(is_flag);
    if flags.contains(|c| !matches!(c, 'c' | 'C' | 'd' | 's')) {
        return None;
    }
    let from = characters(sets.next()?)?;
    let to = sets.next().map(|set| characters(set));
    if sets.next().is_some() {
        return None;
    }
    let complement = flags.contains(['c', 'C']);
    let is_in = |c: char| from.contains(&c) != complement;
    let mut squeezed = None;
    if flags.contains('d') {
        if flags.contains('s') {
            return None;
        }
        return Some(input.chars().filter(|c| !is_in(*c)).collect());
    }
    let mapped: Box<dyn Fn(char) -> char> = match to {
        Some(to) => {
            let to = to?;
            let last = *to.last()?;
            let from = from.clone();
            Box::new(move |c| match from.iter().rposition(|known| *known == c) {
                Some(at) if !complement => *to.get(at).unwrap_or(&last),
                None if complement => last,
                _ => c,
            })
        }
        None if flags.contains('s') => Box::new(|c| c),
        None => return None,
    };
    let mut output = String::with_capacity(input.len());
    for c in input.chars() {
        let new = mapped(c);
        if flags.contains('s') && is_in(c) && squeezed == Some(new) {
            continue;
        }
        squeezed = Some(new);
        output.push(new);
    }
    Some(output)
}

/// Spells a set of `tr` out.
fn characters(set: &str) -> Option<Vec<char>> {
    let set = set
        .replace("[:lower:]", "a-z")
        .replace("[:upper:]", "A-Z")
        .replace("[:digit:]", "0-9")
        .replace("[:alpha:]", "A-Za-z")
        .replace("[:alnum:]", "0-9A-Za-z")
        .replace("[:blank:]", "\t ")
        .replace("[:space:]", "\t-\r ")
        .replace("[:punct:]", "!-/:-@\\[-`{-~");
    if set.contains("[:") || set.contains("[=") || set.contains('*') && set.contains('[') {
        return None;
    }
    let letters: Vec<char> = set_text(&set.replace("\\[", "[").replace("\\]", "]")).chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters.get(at + 1) == Some(&'-') && at + 2 < letters.len() {
            let (from, to) = (letters[at], letters[at + 2]);
            if u32::from(to) < u32::from(from) || u32::from(to) - u32::from(from) > 512 {
                return None;
            }
            all.extend(from..=to);
            at += 3;
        } else {
            all.push(letters[at]);
            at += 1;
        }
    }
    Some(all)
}
