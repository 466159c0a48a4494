//! The rule file: a pack of grammar (`programs:`) and danger (`rules:`).
//!
//! One file describes one system. These types are read from YAML by `build.rs`, which includes this file, and
//! at run time for a user's own packs; between the two they are stored compactly. The manual is `docs/rule-format.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::commands::Commands;
use super::forms;
pub use super::path_kind::PathKind;
pub use super::pattern::Pattern;
use super::targets::Target;
use super::tasks::Tasks;
use crate::glob::Glob;

/// A rule file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The pack's name: the file's name without `.yaml`, kebab-case.
    pub pack: String,
    /// What it is about, for people.
    pub title: String,
    /// Where the system is documented.
    #[serde(default)]
    pub docs: Option<String>,
    /// What the grammar was checked against: `wrangler 4.12 --help`, `documentation`, `knowledge`.
    #[serde(default)]
    pub checked: Option<String>,
    /// How to read the command lines of its programs.
    #[serde(default)]
    pub programs: BTreeMap<String, Program>,
    /// How it is found out what its programs act on, by program.
    #[serde(default)]
    pub targets: BTreeMap<String, Target>,
    /// What is dangerous.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// The grammar of one program: how to read its command line, what it runs and what it carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Program {
    /// Other names of the program.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub also: Vec<String>,
    /// Whether `guard install path` puts a shim over it.
    pub shim: bool,
    /// How options are written.
    pub style: Style,
    /// Whether unique prefixes of long options are accepted (`--recurs`).
    pub abbreviates: bool,
    /// Whether subcommands and operands compare without regard to case (`FLUSHALL`, `flushall`).
    pub ignore_case: bool,
    /// Whether options end at the first operand (a wrapper's own options precede the command).
    pub options_first: bool,
    /// Whether options end at the first operand where it is BSD's (macOS deletes at `rm -rf DIR --help`).
    pub bsd_options_first: bool,
    /// A character that may join subcommand words instead of a blank (`:` in `heroku pg:reset`).
    pub joined_by: Option<char>,
    /// Spellings of options by name: `-v=`, `--volume=` take a value, `--mirror` none, `--color=*` an
    /// optional attached one.
    #[serde(deserialize_with = "forms::lists")]
    pub options: BTreeMap<String, Vec<String>>,
    /// Other spellings of subcommand words: `delete: [rm, remove]`.
    #[serde(deserialize_with = "forms::lists")]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Subcommands that have options, speech or programs of their own, by their words.
    pub commands: Commands,
    /// Options that make the whole command harmless (`help`, `dry-run`). `help` is always one of
    /// them; it is `--help` unless declared otherwise.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub harmless_with: Vec<String>,
    /// Options that change the working directory of what follows (`git -C`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub chdir: Vec<String>,
    /// Environment variables whose words are put before the arguments; `{command}` stands for the
    /// subcommand (`TF_CLI_ARGS_{command}`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub arguments_from: Vec<String>,
    /// What stands before an option's value where that names a file which holds it (`file://`): the text of
    /// the file is put behind the name.
    pub file_values: Option<String>,
    /// Whether each line on standard input is one more command of it (`echo FLUSHALL | redis-cli`).
    pub stdin_lines: bool,
    /// Options that name a file of such lines (`sftp -b FILE`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub line_files: Vec<String>,
    /// What it runs.
    #[serde(deserialize_with = "forms::runs")]
    pub runs: Option<Box<Runs>>,
    /// What it carries.
    pub speaks: Option<Box<Speaks>>,
    /// The files on its command line that it writes.
    pub writes: Option<Box<Writes>>,
    /// The directories of its own that it prints, by the exact words that ask (`config get cache`).
    pub prints_directory: BTreeMap<String, OwnDirectory>,
}

/// A directory that a program keeps for itself and tells of when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnDirectory {
    /// Variables that say where it is; the first that is set counts.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub variables: Vec<String>,
    /// Where it is when none of them says so, below `~/`.
    pub usual: String,
    /// Words of the program's commands that move it (`config`): after one of these it could be anywhere.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub moved_by: Vec<String>,
}

/// How a program's options are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// `-rf`, `--long v`, `--long=v`, `--` ends them.
    #[default]
    Gnu,
    /// `-name` and `--name` are the same, no clusters.
    Go,
    /// `/s /q`, without regard to case; `-` works as well.
    Dos,
    /// There are no options: every word is an operand (`dd if=… of=…`).
    None,
}

/// What one subcommand adds to its program's grammar.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subcommand {
    /// Its own options.
    #[serde(deserialize_with = "forms::lists")]
    pub options: BTreeMap<String, Vec<String>>,
    /// Options that make it harmless.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub harmless_with: Vec<String>,
    /// Whether it prints credentials.
    pub prints_secrets: bool,
    /// What it runs.
    #[serde(deserialize_with = "forms::runs")]
    pub runs: Option<Box<Runs>>,
    /// What it carries.
    pub speaks: Option<Box<Speaks>>,
}

/// Where a text stands on a command line: `operands`, `operand.2`, `operands.2` (the second and all
/// that follow), or the name of an option.
pub type Source = String;

/// What a program runs. `runs: operands` is short for `{operands_from: 1}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Runs {
    /// The operand (counted from 1, after the subcommand) at which another command begins.
    pub operands_from: Option<u8>,
    /// The option that names the program, of which what is found as the command are the arguments.
    pub program: Option<Source>,
    /// Only what follows `--` is a command.
    pub after_dashes: bool,
    /// Words of which the first that is given begins a command with what follows it (`nix develop --command`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub behind: Vec<String>,
    /// `NAME=value` before the command sets its environment.
    pub assignments: bool,
    /// The words of the command are joined with blanks and read by a shell (`ssh`, `watch`).
    pub joined: bool,
    /// Options and operands that carry shell text: each a text, those of `operands.2` one together.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub shell: Vec<Source>,
    /// Options and operands that carry code in `language`.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub code: Vec<Source>,
    /// The language of `code`, `script` and `stdin`; a shell where none is named.
    pub language: Option<String>,
    /// A file to be read and run; what follows it are its arguments.
    pub script: Option<Source>,
    /// Whether, without code and script, what arrives on standard input is run. With an option that
    /// is called `script-on-stdin` (`bash -s`) the operands are its arguments.
    pub stdin: bool,
    /// Whether it runs on another machine or in a container: its paths are not ours.
    pub elsewhere: bool,
    /// A project's tasks, one of which the first operand names. Where there is no such task, what the
    /// other keys say is run.
    pub tasks: Option<Tasks>,
    /// A reader in `resolve/wrappers` for what data cannot say: `xargs`, `find`, `parallel`, `make`….
    pub by: Option<String>,
}

/// The files that a program writes, which the same command line may run afterwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Writes {
    /// Where the files are named; the first of these that is given counts. Beside the usual places there are `last`
    /// (the last of several operands) and the beginning of an operand, up to its `=` (`of=`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub to: Vec<Source>,
    /// The beginning of the operand that names the file of which they are copies (`if=`).
    pub from: Option<Source>,
    /// What is in them then.
    pub holds: Holds,
    /// The option by which it is added to their ends.
    pub append: Option<String>,
    /// Options, or `option=value`, all of which must be given; else it writes nothing that is named.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub only_with: Vec<String>,
}

/// What is in a file that a program has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// What arrived on standard input.
    #[default]
    Input,
    /// What is in the files that the operands before it name.
    Copy,
    /// The same, and those are gone.
    Moved,
    /// The same, as long as they last.
    Linked,
    /// The same, where they are on this machine (`host:path`).
    Transferred,
    /// What `sed` makes of it.
    Edited,
    /// What cannot be told from the command line.
    Unread,
}

/// What a program carries to a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Speaks {
    /// SQL.
    pub sql: Option<SqlSpeech>,
    /// HTTP requests.
    pub http: Option<HttpSpeech>,
}

/// Where a program takes SQL from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlSpeech {
    /// Options and operands that carry statements.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub text: Vec<Source>,
    /// Options and operands that name files of statements; an `@` before the name is left out.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub files: Vec<Source>,
    /// Whether statements arrive on standard input.
    pub stdin: bool,
    /// Where the database is named, for one that is a file: in memory or below `/tmp` it is nobody's data.
    pub file: Option<Source>,
}

/// How a program's arguments make an HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSpeech {
    /// Options and operands that are addresses.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub urls: Vec<Source>,
    /// The address, where it is always the same.
    pub url: Option<String>,
    /// What an address that is only a path is appended to (`https://api.github.com/`).
    pub base: Option<String>,
    /// The method, where it is always the same.
    pub method: Option<String>,
    /// The option that names the method.
    pub method_from: Option<String>,
    /// Whether the method may stand as an operand before the address, and `name=value` operands
    /// behind it are the body (HTTPie).
    pub items: bool,
    /// Methods that options imply (`data: POST`).
    pub implies: BTreeMap<String, String>,
    /// Options and operands that carry the body.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub bodies: Vec<Source>,
    /// Options that name a file with the body.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub body_files: Vec<Source>,
    /// Whether `@file` in a body names a file (and `@-` standard input).
    pub at_file: bool,
    /// Options that carry one `name=value` field of the body each (`gh api -f`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub fields: Vec<Source>,
    /// Whether the body arrives on standard input when nothing else gives it.
    pub stdin: bool,
    /// The option that turns the body into a query string (`curl -G`).
    pub get: Option<String>,
    /// Options with headers.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub headers: Vec<Source>,
    /// Options with a name and a password, or with a token, of which a header `Authorization` is made.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub credentials: Vec<Source>,
    /// Options that name a file of further options (`curl -K`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub config_files: Vec<Source>,
    /// Options and operands that carry a bare GraphQL document.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub graphql: Vec<Source>,
    /// Options that name a file with a GraphQL document (`-`: standard input).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub graphql_files: Vec<Source>,
    /// Whether a GraphQL document arrives on standard input.
    pub graphql_stdin: bool,
}

/// What is lost, from what can be put back to what no one restores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It can be put back with effort.
    Moderate,
    /// Data is lost that a backup could restore.
    Severe,
    /// Data is lost together with its backups, or at a scale no one restores.
    Catastrophic,
}

/// One dangerous operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name within the pack, kebab-case; never reused.
    pub id: String,
    /// What it does, in the imperative, without a period.
    pub title: String,
    /// What is lost.
    pub severity: Severity,
    /// The ways to do it; any one is enough.
    pub when: Vec<Clause>,
    /// Exceptions, each with a `because`: they must hold for certain, and for every operand. Those that speak of
    /// operands alone cover these one by one, and `when` must hold for what is left.
    #[serde(default)]
    pub unless: Vec<Clause>,
    /// The phrase a person types: `delete volume {volume|without a name}`.
    pub confirm: String,
    /// What goes.
    pub blast_radius: BlastRadius,
    /// A safer way, one command a line.
    #[serde(default)]
    pub instead: Option<String>,
    /// How to recover, or that one cannot: the first sentence stands in the question, and what follows
    /// are the further steps of `guard recover`. `{volume}` is what the phrase named, `{when}` the time.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub recover: Vec<String>,
    /// What is saved before the command runs, so that `guard undo` can put it back.
    #[serde(default, deserialize_with = "forms::one_or_many")]
    pub before: Vec<Keeper>,
    /// Where this is documented.
    #[serde(default, deserialize_with = "forms::one_or_many")]
    pub references: Vec<String>,
    /// Commands that prove it.
    pub examples: Examples,
    /// Whether it asks or is only recorded.
    #[serde(default)]
    pub maturity: Maturity,
    /// The version of guard it came with.
    #[serde(default)]
    pub since: Option<String>,
    /// Its former ids.
    #[serde(default, deserialize_with = "forms::one_or_many")]
    pub was: Vec<String>,
}

/// What saves something before a command drops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// The files and directories that the command removes or overwrites.
    Trash,
    /// The SQLite database that it opens.
    CopyFile,
    /// Changes to tracked files that are not committed, and the index.
    GitChanges,
    /// The untracked files that `git clean` would delete.
    GitUntracked,
    /// Where `HEAD` and its branch are.
    GitHead,
    /// The branches, tags and other references that the command names; all of them where it names none.
    GitRefs,
    /// The stash's entries.
    GitStash,
    /// What this clone knows of the remote's branches.
    GitRemote,
    /// Commits that no reference reaches.
    GitUnreachable,
    /// A linked work tree, with what git keeps about it.
    GitWorktree,
}

/// How far a rule is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maturity {
    /// It asks.
    #[default]
    Stable,
    /// It is recorded, never asked.
    Trial,
}

/// What a person is told before typing the phrase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlastRadius {
    /// What data goes.
    pub data: String,
    /// What happens to the backups.
    pub backups: String,
}

/// A condition on one action; every key that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clause {
    /// Programs with their subcommands: `railway volume delete`, `kubectl delete ns|namespace`.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub run: Vec<String>,
    /// Options that must all be given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub with: Vec<String>,
    /// Options of which one must be given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub with_any: Vec<String>,
    /// Options none of which may be given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub without: Vec<String>,
    /// Options whose value matches one of the patterns.
    #[serde(deserialize_with = "forms::lists")]
    pub option: BTreeMap<String, Vec<Pattern>>,
    /// Patterns one of which an operand (after the subcommand) matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub operand: Vec<Pattern>,
    /// Patterns one of which the operand at that place (from 1, after the subcommand) matches.
    #[serde(deserialize_with = "forms::lists")]
    pub operand_at: BTreeMap<u8, Vec<Pattern>>,
    /// How many operands there are at least after the subcommand.
    pub operands_at_least: Option<u8>,
    /// How many operands there are at most after the subcommand.
    pub operands_at_most: Option<u8>,
    /// Whether operands follow a `--`.
    pub after_dashes: bool,
    /// Kinds of place one of which an operand's path is of.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub operand_path: Vec<PathKind>,
    /// Kinds of place one of which the directory outside the project is of that the command went to.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub cwd: Vec<PathKind>,
    /// Options whose value is a path of one of the kinds.
    #[serde(deserialize_with = "forms::lists")]
    pub option_path: BTreeMap<String, Vec<PathKind>>,
    /// Environment variables, set for the command, whose value matches one of the patterns.
    #[serde(deserialize_with = "forms::lists")]
    pub environment: BTreeMap<String, Vec<Pattern>>,
    /// Patterns one of which the text on standard input matches somewhere.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub stdin: Vec<Pattern>,
    /// Whether what comes on standard input has credentials in it.
    pub stdin_secrets: bool,
    /// SQL statements.
    #[serde(deserialize_with = "forms::sql_clause")]
    pub sql: Option<SqlClause>,
    /// An HTTP request.
    pub http: Option<HttpClause>,
    /// A file that is written.
    pub writes: Option<WriteClause>,
    /// A call in inline code.
    #[serde(deserialize_with = "forms::call_clause")]
    pub call: Option<CallClause>,
    /// Words that all stand in one piece of inline code, outside comments.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub mentions: Vec<String>,
    /// Whether what is not known does not count: `"$BRANCH"` is no `+refspec`, nor `"$BODY"` a key.
    pub known: bool,
    /// In an exception: why nothing is lost then.
    pub because: Option<String>,
}

/// SQL statements. `sql: [DROP DATABASE]` is short for `{statement: [DROP DATABASE]}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlClause {
    /// Keyword sequences; `…` or `...` stands for anything between.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub statement: Vec<String>,
    /// Only statements that touch every row: no `WHERE`, or one that is always true.
    pub unfiltered: bool,
    /// Patterns one of which the object's name matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub object: Vec<Pattern>,
    /// Patterns one of which the statement's text matches (write regular expressions with `(?i)`).
    #[serde(deserialize_with = "forms::one_or_many")]
    pub text: Vec<Pattern>,
}

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpClause {
    /// Methods; any but GET, HEAD and OPTIONS where none is given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub method: Vec<String>,
    /// Host globs (`*.supabase.co`); any host where none is given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub host: Vec<Glob>,
    /// Path globs: `*` stays within a segment, `**` does not.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub path: Vec<Glob>,
    /// Path globs that must not match.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub not_path: Vec<Glob>,
    /// Patterns one of which the query string matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub query: Vec<Pattern>,
    /// Globs of a GraphQL mutation's root fields.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub graphql: Vec<Glob>,
    /// Patterns one of which the body (with GraphQL: the field's arguments and the variables) matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub body: Vec<Pattern>,
    /// Patterns one of which a header line matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub header: Vec<Pattern>,
    /// Whether its body or its query has credentials in it.
    pub secrets: bool,
}

/// A file that is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WriteClause {
    /// Path globs; `~/` is the home directory.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub path: Vec<Glob>,
    /// Kinds of place.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub kind: Vec<PathKind>,
    /// How it is written.
    pub how: How,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// In any way.
    #[default]
    Any,
    /// Its content is replaced.
    Replace,
    /// It is emptied: nothing is put in its place.
    Empty,
}

/// Calls in inline code. `call: [shutil.rmtree]` is short for `{name: [shutil.rmtree]}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallClause {
    /// Dotted names; `*.deleteMany` is any receiver.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub name: Vec<Glob>,
    /// Languages it is a call of; any where none is given.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub language: Vec<String>,
    /// Patterns one of which an argument's value or source text matches.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub argument: Vec<Pattern>,
    /// Kinds of place one of which an argument's path (or the receiver's) is of.
    #[serde(deserialize_with = "forms::one_or_many")]
    pub argument_path: Vec<PathKind>,
    /// Whether it is called without arguments, or with an empty object or list.
    pub no_argument: bool,
    /// Whether it must stand in a loop.
    pub in_loop: bool,
}

/// Commands that prove a rule, one a line; an indented line continues the one above.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Examples {
    /// Files put in place for them.
    pub files: BTreeMap<String, String>,
    /// Commands this rule must stop.
    pub must_stop: String,
    /// Commands no rule of the whole book may stop.
    pub must_pass: String,
    /// Phrases that must be typed for commands.
    pub phrases: BTreeMap<String, String>,
}
