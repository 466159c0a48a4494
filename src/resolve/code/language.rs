//! Which language a piece of code is in: by the program that runs it, by its file name, by its
//! first line.

/// A language whose code is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python 2 and 3.
    Python,
    /// JavaScript and TypeScript, under Node, Bun, Deno or mongosh.
    JavaScript,
    /// Ruby.
    Ruby,
    /// Perl 5.
    Perl,
    /// PHP.
    Php,
    /// Go.
    Go,
    /// Awk in all its kinds.
    Awk,
    /// Lua.
    Lua,
    /// R.
    R,
    /// PowerShell.
    PowerShell,
    /// The scripts of `sed`.
    Sed,
}

/// Languages by the names that rules call them by.
const NAMES: &[(&str, Language)] = &[
    ("python", Language::Python),
    ("javascript", Language::JavaScript),
    ("mongosh", Language::JavaScript),
    ("ruby", Language::Ruby),
    ("perl", Language::Perl),
    ("php", Language::Php),
    ("go", Language::Go),
    ("awk", Language::Awk),
    ("lua", Language::Lua),
    ("r", Language::R),
    ("powershell", Language::PowerShell),
    ("sed", Language::Sed),
];

/// Interpreters by name, without version and path.
const PROGRAMS: &[(&str, Language)] = &[
    ("python", Language::Python),
    ("pythonw", Language::Python),
    ("pypy", Language::Python),
    ("ipython", Language::Python),
    ("bpython", Language::Python),
    ("node", Language::JavaScript),
    ("nodejs", Language::JavaScript),
    ("bun", Language::JavaScript),
    ("deno", Language::JavaScript),
    ("tsx", Language::JavaScript),
    ("ts-node", Language::JavaScript),
    ("zx", Language::JavaScript),
    ("mongosh", Language::JavaScript),
    ("mongo", Language::JavaScript),
    ("ruby", Language::Ruby),
    ("jruby", Language::Ruby),
    ("irb", Language::Ruby),
    ("perl", Language::Perl),
    ("php", Language::Php),
    ("php-cgi", Language::Php),
    ("go", Language::Go),
    ("awk", Language::Awk),
    ("gawk", Language::Awk),
    ("mawk", Language::Awk),
    ("nawk", Language::Awk),
    ("goawk", Language::Awk),
    ("lua", Language::Lua),
    ("luajit", Language::Lua),
    ("Rscript", Language::R),
    ("R", Language::R),
    ("pwsh", Language::PowerShell),
    ("powershell", Language::PowerShell),
    ("sed", Language::Sed),
    ("gsed", Language::Sed),
];

/// Ends of file names.
const EXTENSIONS: &[(&str, Language)] = &[
    ("py", Language::Python),
    ("pyw", Language::Python),
    ("js", Language::JavaScript),
    ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript),
    ("jsx", Language::JavaScript),
    ("ts", Language::JavaScript),
    ("mts", Language::JavaScript),
    ("cts", Language::JavaScript),
    ("tsx", Language::JavaScript),
    ("mongodb", Language::JavaScript),
    ("rb", Language::Ruby),
    ("rake", Language::Ruby),
    ("pl", Language::Perl),
    ("pm", Language::Perl),
    ("php", Language::Php),
    ("phtml", Language::Php),
    ("go", Language::Go),
    ("awk", Language::Awk),
    ("lua", Language::Lua),
    ("r", Language::R),
    ("ps1", Language::PowerShell),
    ("psm1", Language::PowerShell),
    ("sed", Language::Sed),
];

impl Language {
    /// Returns the language that rules call `name`.
    pub fn named(name: &str) -> Option<Self> {
        look_up(NAMES, name)
    }

    /// Returns the name by which rules call it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, language)| *language == self).map_or("code", |(name, _)| name)
    }

    /// Returns the file that is run where a directory is named instead of a script.
    pub fn first_file(self) -> Option<&'static str> {
        match self {
            Self::Python => Some("__main__.py"),
            Self::JavaScript => Some("index.js"),
            Self::Go => Some("main.go"),
            _ => None,
        }
    }

    /// Returns the language that the interpreter `name` runs, with or without path and version
    /// (`/usr/bin/python3.11`, `node.exe`).
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
        look_up(PROGRAMS, bare)
    }

    /// Returns the language of files that are called `path`.
    pub fn from_path(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
        look_up(EXTENSIONS, &extension.to_ascii_lowercase())
    }

    /// Returns the endings of files in this language.
    pub fn endings(self) -> impl Iterator<Item = &'static str> {
        EXTENSIONS.iter().filter(move |(_, language)| *language == self).map(|(ending, _)| *ending)
    }

    /// Returns the language that the first line of `text` asks for (`#!/usr/bin/env -S python3 -u`).
    pub fn from_shebang(text: &str) -> Option<Self> {
        let line = text.strip_prefix("#!")?.lines().next()?;
        let mut words = line.split_whitespace();
        let program = words.next()?;
        if program.rsplit('/').next() != Some("env") {
            return Self::from_name(program);
        }
        let is_own =
            |word: &str| word.starts_with('-') || word.contains('=') || matches!(word, "npx" | "bunx");
        match words.find(|word| !is_own(word))? {
            // `#!/usr/bin/env -S uv run --script`
            "uv" => Some(Self::Python),
            name => Self::from_name(name),
        }
    }
}

/// Returns what stands beside `key` in `table`.
fn look_up(table: &[(&str, Language)], key: &str) -> Option<Language> {
    table.iter().find(|(name, _)| *name == key).map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::Language::{self, *};

    #[test]
    fn interpreters_are_known_by_name() {
        let check = |name, expect: Option<Language>| assert_eq!(Language::from_name(name), expect, "{name}");
        check("python3.11", Some(Python));
        check("/home/me/.venv/bin/python", Some(Python));
        check("node.exe", Some(JavaScript));
        check("mongosh", Some(JavaScript));
        check("ruby2.7", Some(Ruby));
        check("perl5.36.0", Some(Perl));
        check("lua5.4", Some(Lua));
        check("gawk", Some(Awk));
        check("Rscript", Some(R));
        check("pwsh", Some(PowerShell));
        check("gsed", Some(Sed));
        check("pythonista", None);
        check("", None);
        check("cat", None);
    }

    #[test]
    fn files_are_known_by_their_extension() {
        let check = |path, expect: Option<Language>| assert_eq!(Language::from_path(path), expect, "{path}");
        check("scripts/purge.JS", Some(JavaScript));
        check("a.b/clean.py", Some(Python));
        check("a.py/clean", None);
        check("Makefile", None);
        check("analysis.R", Some(R));
    }

    #[test]
    fn scripts_are_known_by_their_first_line() {
        let check =
            |text, expect: Option<Language>| assert_eq!(Language::from_shebang(text), expect, "{text}");
        check("#!/usr/bin/python3 -u\nprint(1)", Some(Python));
        check("#!/usr/bin/env node\n", Some(JavaScript));
        check("#!/usr/bin/env -S A=1 ruby -w", Some(Ruby));
        check("#!/usr/bin/env -S uv run --script\n", Some(Python));
        check("#!/usr/bin/env -S npx tsx\n", Some(JavaScript));
        check("#!/bin/sh\npython", None);
        check("# python", None);
        check("#!", None);
    }
}
