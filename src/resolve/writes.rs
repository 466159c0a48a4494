//! Files that a program writes by what its command line says, so that what runs one of them later sees it.

use std::path::PathBuf;

use super::action::{Effect, FileWrite};
use super::command_line::{CommandLine, Reading};
use super::launch::base_name;
use super::runs::is_stdin;
use super::secrets;
use super::state::Shell;
use super::walk::Walker;
use crate::place;
use crate::rulebook::format::{Holds, Writes};
use crate::unknown::{UNKNOWN_REMOTE, UNKNOWN_SECRET, is_known};

impl Walker<'_> {
    /// Returns the directory that a path leads to through the links that this command makes:
    /// `ln -s "$PWD" /tmp/x && cd /tmp/x`.
    pub(super) fn through_links(&self, path: PathBuf) -> PathBuf {
        if self.links.is_empty() {
            return path;
        }
        let behind = path.ancestors().find_map(|above| Some((above, self.links.get(above)?)));
        let found = behind.and_then(|(above, to)| Some(to.join(path.strip_prefix(above).ok()?)));
        found.unwrap_or(path)
    }

    /// Notes the files that a program writes by its operands and options.
    pub(super) fn written(&mut self, line: &CommandLine, shell: &Shell) {
        let Some(reading) = line.readings.first() else { return };
        if let Some(archive) = secrets::packed(line, reading) {
            self.files.write(archive, &UNKNOWN_SECRET.to_string(), &shell.site, self.place);
        }
        let grammar = line.grammar.clone();
        let Some(writes) = grammar.as_ref().and_then(|grammar| grammar.writes.as_deref()) else { return };
        if !writes.only_with.iter().all(|given| is_given(reading, given)) {
            return;
        }
        let operands: Vec<&str> = reading.operands.iter().map(|operand| operand.text.as_str()).collect();
        let Some((to, sources)) = named(writes, reading, &operands) else { return };
        match writes.holds {
            Holds::Input => self.input_written(line, writes, reading, &to, shell),
            Holds::Edited => self.edited(line, reading, &operands, shell),
            Holds::Unread => to.iter().for_each(|path| self.files.change(path, &shell.site, self.place)),
            Holds::Transferred => to.iter().for_each(|to| self.transferred(sources, to, shell)),
            Holds::Copy | Holds::Moved | Holds::Linked => {
                to.iter().for_each(|to| self.copies_written(writes.holds, line, sources, to, reading, shell));
            }
        }
    }

    /// Notes files that get what arrives on standard input, or what is in the one file that is named (`dd if=`).
    fn input_written(
        &mut self,
        line: &CommandLine,
        writes: &Writes,
        reading: &Reading,
        to: &[&str],
        shell: &Shell,
    ) {
        let replaces = !writes.append.as_ref().is_some_and(|append| reading.has(append));
        let operands = reading.operands.iter().map(|operand| operand.text.as_str());
        let from = writes
            .from
            .as_ref()
            .and_then(|from| operands.into_iter().find_map(|word| word.strip_prefix(&**from)));
        for path in to {
            match (from, line.stdin.as_deref()) {
                (Some(from), _) => self.files.copy(from, path, &shell.site, self.place),
                (None, Some(text)) if replaces => self.puts(path, text, shell),
                (None, Some(text)) => self.adds(path, text, shell),
                (None, None) => {}
            }
            let empties = match from {
                Some(from) => from == "/dev/null",
                None => writes.from.is_none() && line.stdin.as_deref() == Some(""),
            };
            let path = (*path).to_owned();
            self.act(Effect::Write(FileWrite { path, replaces, empties, ..FileWrite::default() }), shell);
        }
    }

    /// Notes what is copied, moved or linked to a file, or into a directory.
    fn copies_written(
        &mut self,
        holds: Holds,
        line: &CommandLine,
        sources: &[&str],
        to: &str,
        reading: &Reading,
        shell: &Shell,
    ) {
        for from in sources {
            self.copied(holds, line, from, (sources.len() == 1).then_some(to), to, shell);
        }
        // Without it a link replaces nothing; and what it replaces is a link, most of the time.
        if holds == Holds::Linked && !reading.has("force") {
            return;
        }
        let write = FileWrite {
            path: to.to_owned(),
            names: sources.iter().map(|from| base_name(from).to_owned()).collect(),
            replaces: holds != Holds::Linked,
            empties: holds != Holds::Moved && sources.contains(&"/dev/null"),
        };
        self.act(Effect::Write(write), shell);
    }

    /// Notes that `from` is copied, moved or linked into a directory, or to a name of its own as well.
    fn copied(
        &mut self,
        holds: Holds,
        line: &CommandLine,
        from: &str,
        to: Option<&str>,
        directory: &str,
        shell: &Shell,
    ) {
        let base = |walker: &Self, path: &str| place::path::target(path, &shell.site, walker.place).base;
        if let (Some(to), Holds::Linked) = (to, holds) {
            let link = base(self, to).zip(base(self, from));
            self.links.extend(link);
        }
        // `cp clean.sh /tmp/c.sh; sh /tmp/c.sh`
        let name = base_name(from);
        for to in to.into_iter().chain([inside(directory, from).as_str()]) {
            let Some(there) = base(self, to) else { continue };
            if holds == Holds::Moved && is_known(from) {
                self.moved.push((there.clone(), from.to_owned()));
            }
            match line.stdin.as_deref().filter(|_| is_stdin(from)) {
                Some(text) => self.files.write(to, text, &shell.site, self.place),
                None => self.files.copy(from, to, &shell.site, self.place),
            }
            // `cp /bin/rm ./x; ./x -rf …`
            if from.contains('/') && self.rulebook.program(name).is_some() {
                self.copied_programs.insert(there, name.to_owned());
            }
        }
    }

    /// Notes what comes from other machines, or goes to them: `scp host:run.sh .; sh run.sh`.
    fn transferred(&mut self, sources: &[&str], to: &str, shell: &Shell) {
        if is_remote(to) {
            return;
        }
        for from in sources {
            let inside = inside(to, from);
            for to in [to, inside.as_str()] {
                match is_remote(from) {
                    true => self.files.write(to, &UNKNOWN_REMOTE.to_string(), &shell.site, self.place),
                    false => self.files.copy(from, to, &shell.site, self.place),
                }
            }
        }
    }

    /// Notes the files that an editor of streams edits where they stand, with what it would make of them:
    /// `sed -i 's/ls/rm/' run.sh; sh run.sh`.
    fn edited(&mut self, line: &CommandLine, reading: &Reading, operands: &[&str], shell: &Shell) {
        let mut operands = operands.iter().copied();
        let mut scripts: Vec<&str> = reading.values("expression").chain(reading.values("code")).collect();
        if scripts.is_empty() {
            scripts.extend(operands.next());
        }
        let runs = line.grammar.as_ref().and_then(|grammar| grammar.runs.as_deref());
        let is_sed = runs.is_some_and(|runs| runs.language.as_deref() == Some("sed"));
        let flags = line.words.iter().filter_map(|word| word.strip_prefix('-'));
        // `-Ei.bak`, `-ne s/a/b/`: letters up to the first that has a value.
        let letters: String =
            flags.clone().flat_map(|word| word.chars().take_while(|c| !"-iefl".contains(*c))).collect();
        let is_followed = !reading.has("file")
            && !letters.contains(['z', '0'])
            && (is_sed || !letters.contains('n'))
            && !flags.into_iter().any(|word| word == "-null-data");
        let spelled = |script: &&str| match is_sed {
            _ if !is_followed || !is_known(script) => None,
            true => Some((*script).to_owned()),
            false => as_sed(script),
        };
        let Some(scripts) = scripts.iter().map(spelled).collect::<Option<Vec<String>>>() else {
            // What `sed` does is mostly small; what another language does could be anything.
            if !is_sed {
                operands.for_each(|file| self.files.change(file, &shell.site, self.place));
            }
            return;
        };
        let mut words = Vec::new();
        words.extend((is_sed && letters.contains('n')).then(|| "-n".to_owned()));
        words.extend((!is_sed || letters.contains(['E', 'r'])).then(|| "-E".to_owned()));
        words.extend(scripts.into_iter().flat_map(|script| ["-e".to_owned(), script]));
        for file in operands {
            self.files.edit(file, words.clone(), &shell.site, self.place);
        }
    }
}

/// Returns whether an option is given, or given a value (`include=inplace`).
fn is_given(reading: &Reading, given: &str) -> bool {
    match given.split_once('=') {
        Some((name, value)) => reading.values(name).any(|found| found == value),
        None => reading.has(given),
    }
}

/// Returns the files that are written, and the operands that say what is put there.
fn named<'l>(
    writes: &'l Writes,
    reading: &'l Reading,
    operands: &'l [&'l str],
) -> Option<(Vec<&'l str>, &'l [&'l str])> {
    writes.to.iter().find_map(|source| {
        if source == "last" {
            let (last, sources) = operands.split_last().filter(|(_, sources)| !sources.is_empty())?;
            return Some((vec![*last], sources));
        }
        let found: Vec<&str> = match source.ends_with('=') {
            true => operands.iter().filter_map(|word| word.strip_prefix(&**source)).collect(),
            false => reading.at(source, 0),
        };
        (!found.is_empty()).then_some((found, operands))
    })
}

/// Returns where a file is that is put into a directory under its own name.
fn inside(directory: &str, from: &str) -> String {
    let name = base_name(from.rsplit_once(':').map_or(from, |(_, path)| path));
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// Returns whether a path is one of another machine: `host:path`, `rsync://host/path`.
fn is_remote(path: &str) -> bool {
    path.split_once(':').is_some_and(|(host, _)| !host.contains('/'))
}

/// Returns a line of Perl as `sed -E` reads it: one substitution in which nothing is special to Perl alone.
fn as_sed(script: &str) -> Option<String> {
    let mut rest = script.trim_end_matches(';').chars();
    let delimiter = (rest.next()? == 's').then(|| rest.next())??;
    if delimiter.is_alphanumeric() || delimiter.is_whitespace() || "{([<'".contains(delimiter) {
        return None;
    }
    let parts: Vec<&str> = rest.as_str().split(delimiter).collect();
    let [pattern, replacement, flags] = parts[..] else { return None };
    let is_plain = |text: &str| {
        let escaped = |c: char| c.is_ascii_punctuation() || "rntbwsWSB".contains(c);
        text.match_indices('\\').all(|(at, _)| text[at + 1..].starts_with(escaped)) && !text.contains("(?")
    };
    // Within brackets `\d` would need another spelling.
    let pattern = if pattern.contains('[') { pattern.to_owned() } else { pattern.replace("\\d", "[0-9]") };
    let replacement = with_groups(replacement)?;
    let is_alike = is_plain(&pattern)
        && !pattern.trim_end_matches('$').contains(['$', '@'])
        && flags.chars().all(|flag| "gi".contains(flag));
    is_alike.then(|| format!("s{delimiter}{pattern}{delimiter}{replacement}{delimiter}{flags}"))
}

/// Returns a replacement of Perl's in which `sed` finds what the groups hold (`$1`, `${1}`, `\1`).
fn with_groups(replacement: &str) -> Option<String> {
    let mut spelled = String::new();
    let mut rest = replacement;
    while let Some(at) = rest.find(['$', '@', '&', '\\']) {
        let (before, special) = rest.split_at(at);
        let bare = special[1..].strip_prefix('{').unwrap_or(&special[1..]);
        let digit = bare.chars().next().filter(|c| ('1'..='9').contains(c))?;
        let behind = &bare[1..];
        let behind = if bare.len() < special.len() - 1 { behind.strip_prefix('}')? } else { behind };
        // `$10` is the tenth, and an address holds an `@`.
        if !special.starts_with(['$', '\\']) || behind.starts_with(|c: char| c.is_ascii_digit() || c == '[') {
            return None;
        }
        spelled.push_str(before);
        spelled.push('\\');
        spelled.push(digit);
        rest = behind;
    }
    spelled.push_str(rest);
    Some(spelled)
}

#[cfg(test)]
mod tests {
    use super::as_sed;

    #[test]
    fn a_substitution_of_perl_is_one_of_sed() {
        let check = |perl: &str, sed: Option<&str>| assert_eq!(as_sed(perl).as_deref(), sed, "{perl}");
        check("s/ls/rm/", Some("s/ls/rm/"));
        check("s/ls/rm/gi;", Some("s/ls/rm/gi"));
        check("s#echo hello#rm -rf /srv/data#", Some("s#echo hello#rm -rf /srv/data#"));
        check(r"s/v(\d+)/v$1.0/g", Some(r"s/v([0-9]+)/v\1.0/g"));
        check(r"s/(a)(b)/${2}\1/", Some(r"s/(a)(b)/\2\1/"));
        check(r"s/\r$//", Some(r"s/\r$//"));
        for other in [
            "s/a/$x/",
            "s/a/$ENV{X}/",
            "s/a/b/e",
            "s/(a)/$1[0]/",
            "s/a/$10/",
            "s/a/@{[1]}/",
            "s/a/&/",
            "tr/a/b/",
        ] {
            check(other, None);
        }
        check("s{a}{b}", None);
        check("print uc", None);
        check(r"s/(?<x>a)/b/", None);
        check(r"s/\Qa/b/", None);
        check("s/$a/b/", None);
        check("", None);
        check("s", None);
    }
}
