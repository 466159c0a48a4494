//! The files that code writes, and those whose code it runs, as tables of the functions that do so.

use super::language::Language::{
    self, Awk, Go, JavaScript, Lua, Perl, Php, PowerShell, Python, R, Ruby, Sed,
};
use super::{Argument, Call, Code};
use crate::unknown::is_mark;

/// Which argument of a call is the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum File {
    /// The operand at this place.
    Operand(usize),
    /// What the object was made with.
    Receiver,
    /// The argument of this name, or the operand at this place.
    Named(&'static str, usize),
}

/// What a call does to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Replaces what was in it.
    Write,
    /// Puts nothing in the place of what was in it.
    Empty,
    /// Adds to it.
    Append,
    /// Writes the operand at this place, which may be no text at all.
    Content(usize),
    /// Leaves as many bytes as the operand at this place says; without it none.
    Size(usize),
    /// Closes a file that was opened, and nothing was written to it since.
    Close,
    /// What the operand at this place says (`w`, `a`, `r+`).
    Mode(usize),
    /// What the flags at this place say (`os.O_TRUNC`).
    Flags(usize),
    /// Adds to it with a flag, else replaces (`file_put_contents`).
    Put,
    /// What stands before the name (Perl's `open`).
    Open,
}

/// Functions that write files.
#[rustfmt::skip]
const WRITERS: &[(&[Language], &[&str], File, How)] = &[
    (
        &[Python],
        &["open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"],
        File::Operand(0),
        How::Mode(1),
    ),
    (&[Python], &["pathlib.Path.open"], File::Receiver, How::Mode(0)),
    (
        &[Python],
        &["pathlib.Path.write_text", "pathlib.Path.write_bytes"],
        File::Receiver,
        How::Content(0),
    ),
    (&[Python], &["open.truncate"], File::Receiver, How::Size(0)),
    (&[Python], &["open.close"], File::Receiver, How::Close),
    (&[Python], &["os.truncate"], File::Operand(0), How::Size(1)),
    (&[Python], &["os.open"], File::Operand(0), How::Flags(1)),
    (
        &[Python],
        &["shutil.copy", "shutil.copy2", "shutil.copyfile"],
        File::Operand(1),
        How::Write,
    ),
    (
        &[JavaScript],
        &[
            "fs.writeFile", "fs.writeFileSync", "fs.promises.writeFile", "Bun.write", "bun.write",
            "Deno.writeTextFile", "Deno.writeTextFileSync", "Deno.writeFile", "Deno.writeFileSync",
            "fs-extra.writeFile", "fs-extra.writeFileSync", "fs-extra.outputFile", "fs-extra.outputFileSync",
            "fs-extra.writeJson", "fs-extra.writeJsonSync", "*.writeFileSync",
        ],
        File::Operand(0),
        How::Content(1),
    ),
    (
        &[JavaScript],
        &["fs.truncate", "fs.truncateSync", "fs.promises.truncate", "Deno.truncate", "Deno.truncateSync"],
        File::Operand(0),
        How::Size(1),
    ),
    (&[JavaScript], &["fs.createWriteStream", "Deno.create"], File::Operand(0), How::Write),
    (
        &[JavaScript],
        &[
            "fs.copyFile", "fs.copyFileSync", "fs.promises.copyFile", "fs.cp", "fs.cpSync", "Deno.copyFile",
        ],
        File::Operand(1),
        How::Write,
    ),
    (
        &[JavaScript],
        &["fs.appendFile", "fs.appendFileSync", "fs.promises.appendFile"],
        File::Operand(0),
        How::Append,
    ),
    (&[JavaScript], &["fs.open", "fs.openSync", "fs.promises.open"], File::Operand(0), How::Mode(1)),
    (
        &[Ruby],
        &["File.write", "IO.write", "File.binwrite", "IO.binwrite"],
        File::Operand(0),
        How::Content(1),
    ),
    (&[Ruby], &["File.truncate"], File::Operand(0), How::Size(1)),
    (&[Ruby], &["File.open", "File.new", "open"], File::Operand(0), How::Mode(1)),
    (&[Ruby], &["Pathname.new.write"], File::Receiver, How::Content(0)),
    (&[Ruby], &["File.open.truncate"], File::Receiver, How::Size(0)),
    (
        &[Ruby],
        &["FileUtils.cp", "FileUtils.copy", "FileUtils.install"],
        File::Operand(1),
        How::Write,
    ),
    (&[Perl], &["open"], File::Operand(1), How::Open),
    (&[Perl], &["truncate"], File::Operand(0), How::Size(1)),
    (&[Perl], &["File.Copy.copy"], File::Operand(1), How::Write),
    (&[Php], &["file_put_contents"], File::Operand(0), How::Put),
    (&[Php], &["fopen"], File::Operand(0), How::Mode(1)),
    (&[Php], &["copy"], File::Operand(1), How::Write),
    (
        &[Go],
        &["os.WriteFile", "ioutil.WriteFile"],
        File::Operand(0),
        How::Content(1),
    ),
    (&[Go], &["os.Create"], File::Operand(0), How::Write),
    (&[Go], &["os.Truncate"], File::Operand(0), How::Size(1)),
    (&[Go], &["os.OpenFile"], File::Operand(0), How::Flags(1)),
    (&[Awk, Sed, PowerShell], &[">"], File::Operand(0), How::Write),
    (&[Awk, PowerShell], &[">>"], File::Operand(0), How::Append),
    (&[Lua], &["io.open"], File::Operand(0), How::Mode(1)),
    (&[Lua], &["io.output"], File::Operand(0), How::Write),
    (
        &[R],
        &[
            "writeLines", "write.csv", "write.table", "saveRDS", "write", "data.table.fwrite",
            "readr.write_csv",
        ],
        File::Named("file", 1),
        How::Write,
    ),
    (&[R], &["sink", "file.create"], File::Operand(0), How::Write),
    (&[R], &["file.copy"], File::Operand(1), How::Write),
];

/// Functions that run a file's code.
#[rustfmt::skip]
const RUNNERS: &[(&[Language], &[&str])] = &[
    (&[Python], &["execfile", "runpy.run_path"]),
    (&[Ruby], &["load", "require_relative"]),
    (&[Perl], &["do", "require"]),
    (&[Php], &["include", "include_once", "require", "require_once"]),
    (&[Lua], &["dofile", "loadfile"]),
    (&[R], &["source", "sys.source"]),
    (&[JavaScript], &["load"]),
];

impl Code {
    /// Returns the files whose contents it replaces with something, in the order of the text.
    pub fn writes(&self) -> Vec<String> {
        self.written(How::Write)
    }

    /// Returns the files that it empties, in the order of the text.
    pub fn empties(&self) -> Vec<String> {
        self.written(How::Empty)
    }

    /// Returns the files that it adds to, in the order of the text.
    pub fn appends(&self) -> Vec<String> {
        self.written(How::Append)
    }

    /// Returns the files that it gives a text, with the text, in the order of the code.
    pub fn texts_written(&self) -> Vec<(String, String)> {
        let written = |call: &Call| {
            // `open("a.sh", "w").write(text)`
            if self.language == Language::Python && call.is("open.write") {
                return Some((call.receiver.first()?.value.clone()?, call.operands().next()?.to_text()));
            }
            let (file, how) = self.known(call).writes?;
            let place = match how {
                How::Content(place) => place,
                How::Put => 1,
                _ => return None,
            };
            Some((file.argument(call)?.value.clone()?, call.operands().nth(place)?.to_text()))
        };
        self.calls.iter().filter_map(written).collect()
    }

    /// Returns the files whose code it runs too: what it loads, and what it reads to evaluate. Names of
    /// packages are left out.
    pub fn sources(&self) -> Vec<String> {
        let runs = |call: &&Call| {
            let fits = |(languages, names): &&(&[Language], &[&str])| {
                languages.contains(&self.language) && names.contains(&call.callee.as_str())
            };
            RUNNERS.iter().any(|row| fits(&row))
        };
        let loaded = self.calls.iter().filter(runs).filter_map(|call| call.operands().next()?.value.clone());
        self.sources.iter().cloned().chain(loaded).collect()
    }

    fn written(&self, what: How) -> Vec<String> {
        let file = |(at, call): (usize, &Call)| {
            let (file, how) = self.known(call).writes?;
            // Between opening and closing a file anything may be written to it.
            let before = at.checked_sub(1).and_then(|at| self.calls.get(at));
            if how == How::Close && !before.is_some_and(|before| before.is("open")) {
                return None;
            }
            how.path(call, file.argument(call)?, what)
        };
        self.calls.iter().enumerate().filter_map(file).collect()
    }
}

/// Returns which file a call of a language writes, and how, if it writes one.
pub(super) fn writer(call: &Call, language: Language) -> Option<(File, How)> {
    let row = WRITERS.iter().find(|(languages, names, ..)| {
        languages.contains(&language) && names.iter().any(|name| call.is(name))
    });
    row.map(|(_, _, file, how)| (*file, *how))
}

impl File {
    fn argument(self, call: &Call) -> Option<&Argument> {
        match self {
            Self::Operand(place) => call.operands().nth(place),
            Self::Receiver => call.receiver.first(),
            Self::Named(name, place) => call.named(name).or_else(|| call.operands().nth(place)),
        }
    }
}

impl How {
    /// Returns the path of `file`, if `call` does `what` to it.
    fn path(self, call: &Call, file: &Argument, what: Self) -> Option<String> {
        let path = file.to_text();
        let operand = |place: usize| call.operands().nth(place);
        let how = match self {
            Self::Mode(place) => mode(&operand(place).or_else(|| call.named("mode"))?.to_text())?,
            Self::Flags(place) => flags(&operand(place)?.text)?,
            Self::Content(place) => content(operand(place)),
            Self::Size(place) => size(operand(place)),
            Self::Close => closed(call)?,
            Self::Put if call.arguments.iter().any(|argument| argument.text.contains("FILE_APPEND")) => {
                Self::Append
            }
            Self::Open => return open(call, &path).filter(|(how, _)| *how == what).map(|(_, path)| path),
            Self::Put => content(operand(1)),
            other => other,
        };
        (how == what).then_some(path)
    }
}

/// Returns what writing a text does: one that is empty leaves nothing.
fn content(text: Option<&Argument>) -> How {
    let is_empty = text.is_some_and(|text| text.value.as_deref() == Some(""));
    if is_empty { How::Empty } else { How::Write }
}

/// Returns what cutting a file off at a size does.
fn size(size: Option<&Argument>) -> How {
    let is_nothing = size.is_none_or(|size| size.value.as_deref() == Some("0"));
    if is_nothing { How::Empty } else { How::Write }
}

/// Returns what closing a file does that was opened just before: one opened for writing is left empty.
fn closed(call: &Call) -> Option<How> {
    let opened = call.receiver.iter().filter(|argument| argument.name.is_none()).nth(1);
    let opened =
        opened.or_else(|| call.receiver.iter().find(|argument| argument.name.as_deref() == Some("mode")))?;
    (mode(&opened.to_text())? == How::Write && opened.to_text().contains('w')).then_some(How::Empty)
}

/// Returns what a file is opened for.
fn mode(mode: &str) -> Option<How> {
    match mode {
        _ if mode.contains('a') => Some(How::Append),
        _ if mode.contains(['w', 'x', '+', 'c']) || mode.contains(is_mark) => Some(How::Write),
        _ => None,
    }
}

/// Returns what the flags in the source text `flags` open a file for.
fn flags(flags: &str) -> Option<How> {
    match flags {
        _ if flags.contains("O_APPEND") => Some(How::Append),
        _ if flags.contains("O_TRUNC") || flags.contains("O_WRONLY") || flags.contains("O_RDWR") => {
            Some(How::Write)
        }
        _ => None,
    }
}

/// Returns what Perl's `open` does to which file: `open(F, ">file")`, `open(F, ">", "file")`.
fn open(call: &Call, mode: &str) -> Option<(How, String)> {
    let mode = mode.trim();
    let (how, rest) = match (mode.strip_prefix(">>"), mode.strip_prefix(['>'])) {
        (Some(rest), _) => (How::Append, rest),
        (None, Some(rest)) => (How::Write, rest),
        (None, None) => (How::Write, mode.strip_prefix("+>")?),
    };
    let path = call.operands().nth(2).map_or_else(|| rest.trim().to_owned(), Argument::to_text);
    (!path.starts_with('&')).then_some((how, path))
}
