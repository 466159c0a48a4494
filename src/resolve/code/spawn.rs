//! The commands that code hands to a shell or to the system, as a table of the functions that do so.

use super::language::Language::{
    self, Awk, Go, JavaScript, Lua, Perl, Php, PowerShell, Python, R, Ruby, Sed,
};
use super::{Argument, Call, Code, Shape};
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_mark};

/// A command that code runs. What is not known of it is a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spawned {
    /// A text that a shell reads.
    Shell(String),
    /// A program and its arguments.
    Argv(Vec<String>),
}

/// Where a function takes its command from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    /// The operand at this place is a shell's text.
    Shell(usize),
    /// The same; a second operand `w` means that text is written to it.
    Pipe(usize),
    /// The operands from this place on are words.
    Words(usize),
    /// The operand at this place is the program, those behind it are its words with its name first.
    Exec(usize),
    /// The first operand is the program, the second a list of its arguments; `shell: true` makes it
    /// a shell's text.
    Program,
    /// The same, the arguments under the key `args`.
    ProgramWithKey,
    /// One string is a shell's text, several are words; from this place on.
    ShellOrWords(usize),
    /// Python's `subprocess`: a list is words, a string is a shell's text with `shell=True`.
    Subprocess,
    /// The same for what was made before, with its input as the first operand.
    Communicate,
    /// The function's own name is the program, its operands are words.
    Name,
    /// It does what this program does with its operands as words.
    As(&'static str),
    /// The function's own name is a subcommand of this program, its operands are words.
    Subcommand(&'static str),
    /// A template is a shell's text whose insertions are quoted.
    Template,
    /// The key `cmd` of the first operand, or that itself, is a list of words.
    Cmd,
    /// Perl's `open`.
    Open,
    /// Awk's `|`: the first operand is a command that reads the second.
    Reads,
}

/// Functions that run commands.
#[rustfmt::skip]
const SPAWNERS: &[(&[Language], &[&str], Takes)] = &[
    (&[Ruby, Perl, Php], &["`"], Takes::Shell(0)),
    (
        &[Python],
        &[
            "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
            "subprocess.Popen",
        ],
        Takes::Subprocess,
    ),
    (&[Python], &["subprocess.Popen.communicate", "subprocess.Popen.stdin.write"], Takes::Communicate),
    (
        &[Python],
        &[
            "os.system", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput",
            "commands.getstatusoutput", "asyncio.create_subprocess_shell",
            "asyncio.subprocess.create_subprocess_shell", "pexpect.run", "pexpect.spawn", "*.exec_command",
            "fabric.Connection.run", "fabric.Connection.sudo", "fabric.Connection.local", "fabric.api.run",
            "fabric.api.local", "fabric.api.sudo", "invoke.run", "invoke.Context.run", "invoke.Context.sudo", "get_ipython.system",
            "get_ipython.getoutput", "posix.system", "nt.system",
        ],
        Takes::Shell(0),
    ),
    (&[Python], &["os.popen"], Takes::Pipe(0)),
    (&[Python], &["nox.Session.run", "nox.Session.run_always"], Takes::Words(0)),
    (
        &[Python],
        &["pty.spawn", "asyncio.create_subprocess_exec", "asyncio.subprocess.create_subprocess_exec"],
        Takes::Words(0),
    ),
    (
        &[Python],
        &[
            "os.execl", "os.execle", "os.execlp", "os.execlpe", "os.execv", "os.execve", "os.execvp",
            "os.execvpe", "os.posix_spawn", "os.posix_spawnp",
        ],
        Takes::Exec(0),
    ),
    (
        &[Python],
        &[
            "os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnlpe", "os.spawnv", "os.spawnve", "os.spawnvp",
            "os.spawnvpe",
        ],
        Takes::Exec(1),
    ),
    (&[Python], &["sh.*"], Takes::Name),
    (&[JavaScript], &["shelljs.exec", "shelljs.shelljs.exec"], Takes::Shell(0)),
    (&[JavaScript], &["shelljs.*"], Takes::Name),
    (&[JavaScript], &["simple-git.*"], Takes::Subcommand("git")),
    (&[Python], &["shutil.move", "os.rename", "os.replace"], Takes::As("mv")),
    (
        &[JavaScript],
        &["fs.rename", "fs.renameSync", "fs.promises.rename", "Deno.rename", "Deno.renameSync"],
        Takes::As("mv"),
    ),
    (&[Ruby], &["FileUtils.mv", "FileUtils.move", "File.rename"], Takes::As("mv")),
    (&[Perl], &["File.Copy.move", "rename"], Takes::As("mv")),
    (&[Php], &["rename"], Takes::As("mv")),
    (&[Go], &["os.Rename"], Takes::As("mv")),
    (&[Lua], &["os.rename"], Takes::As("mv")),
    (&[R], &["file.rename"], Takes::As("mv")),
    (&[Python], &["git.Repo.git.*", "git.Repo.init.git.*", "git.Repo.clone_from.git.*", "git.Git.*"], Takes::Subcommand("git")),
    (&[JavaScript], &["Bun.spawn", "Bun.spawnSync", "bun.spawn", "bun.spawnSync", "Deno.run"], Takes::Cmd),
    (
        &[JavaScript],
        &[
            "child_process.exec", "child_process.execSync", "child_process.promises.exec", "*.execSync",
            "execSync", "shelljs.exec", "shell.exec", "execaCommand", "execaCommandSync", "execa.command",
            "execa.commandSync", "execa.execaCommand", "execa.execaCommandSync",
        ],
        Takes::Shell(0),
    ),
    (
        &[JavaScript],
        &[
            "child_process.spawn", "child_process.spawnSync", "child_process.execFile",
            "child_process.execFileSync", "*.spawnSync", "spawnSync", "*.execFileSync", "execFileSync",
            "execa", "execaSync", "execa.execa", "execa.execaSync", "execa.sync", "cross-spawn",
            "cross-spawn.sync", "cross-spawn.spawn", "spawn",
        ],
        Takes::Program,
    ),
    (&[JavaScript], &["$", "bun.$", "Bun.$", "zx.$", "execa.$", "zx.globals.$"], Takes::Template),
    (&[JavaScript], &["Deno.Command"], Takes::ProgramWithKey),
    (
        &[Ruby],
        &[
            "system", "exec", "spawn", "Process.spawn", "Process.exec", "Open3.*", "PTY.spawn", "IO.popen",
            "Kernel.spawn", "sh", "FileUtils.sh",
        ],
        Takes::ShellOrWords(0),
    ),
    (&[Perl], &["system", "exec", "shell", "readpipe", "capture", "IPC.System.Simple.*"], Takes::ShellOrWords(0)),
    (&[Perl], &["IPC.Open2.open2", "open2"], Takes::ShellOrWords(2)),
    (&[Perl], &["IPC.Open3.open3", "open3"], Takes::ShellOrWords(3)),
    (&[Perl], &["IPC.Run.run", "IPC.Run3.run3"], Takes::Words(0)),
    (&[Perl], &["open"], Takes::Open),
    (
        &[Php],
        &["exec", "shell_exec", "system", "passthru", "Process.fromShellCommandline", "Process.run"],
        Takes::Shell(0),
    ),
    (&[Php], &["popen"], Takes::Pipe(0)),
    (&[Php], &["proc_open", "Process"], Takes::Shell(0)),
    (&[Php], &["pcntl_exec"], Takes::Program),
    (&[Go], &["exec.Command"], Takes::Words(0)),
    (&[Go], &["exec.CommandContext"], Takes::Words(1)),
    (&[Go], &["syscall.Exec", "unix.Exec", "os.StartProcess"], Takes::Exec(0)),
    (&[Awk], &["system", "getline"], Takes::Shell(0)),
    (&[Awk], &["|"], Takes::Reads),
    (&[Lua], &["os.execute"], Takes::Shell(0)),
    (&[Lua], &["io.popen"], Takes::Pipe(0)),
    (&[R], &["system", "shell", "shell.exec"], Takes::Shell(0)),
    (&[R], &["system2", "processx.run", "sys.exec_wait"], Takes::ProgramWithKey),
    (&[R], &["pipe"], Takes::Shell(0)),
    (&[PowerShell], &["&"], Takes::Words(0)),
    (&[Sed], &["e"], Takes::Shell(0)),
];

impl Code {
    /// Returns the commands that it runs, in the order of the text.
    pub fn commands(&self) -> Vec<Spawned> {
        self.calls.iter().filter_map(|call| self.known(call).takes?.command(call)).collect()
    }
}

/// Returns how a call of a language is told the command that it starts, if it starts one.
pub(super) fn takes(call: &Call, language: Language) -> Option<Takes> {
    let fits = |pattern: &&str| call.is(pattern);
    let row = SPAWNERS
        .iter()
        .find(|(languages, names, _)| languages.contains(&language) && names.iter().any(&fits));
    row.map(|(_, _, takes)| *takes)
}

impl Takes {
    /// Returns the command that `call` runs.
    fn command(self, call: &Call) -> Option<Spawned> {
        // Environments and options stand between the operands.
        let operands: Vec<&Argument> =
            call.operands().filter(|argument| argument.shape != Shape::Map).collect();
        let from = |place: usize| operands.get(place..).unwrap_or_default();
        let first = |place: usize| from(place).first().copied();
        let command = match self {
            Self::Shell(place) => shell(first(place).or_else(|| call.named("command"))?),
            Self::Pipe(place) => {
                let command = shell(first(place)?);
                let writes = first(place + 1).is_some_and(|mode| mode.to_text().contains(['w', UNKNOWN]));
                if writes { fed(command, UNKNOWN.encode_utf8(&mut [0; 4])) } else { command }
            }
            Self::Words(place) => Spawned::Argv(words(from(place))),
            Self::Exec(place) => {
                let mut argv = vec![first(place)?.to_text()];
                argv.extend(words(from(place + 1)).into_iter().skip(1));
                Spawned::Argv(argv)
            }
            Self::Program => program(call, first(0)?, from(1)),
            Self::ProgramWithKey => {
                let arguments: Vec<&Argument> = call.named("args").or_else(|| first(1)).into_iter().collect();
                program(call, first(0).or_else(|| call.named("command"))?, &arguments)
            }
            Self::ShellOrWords(place) => match from(place) {
                [] => return None,
                [list, ..] if list.shape == Shape::List => Spawned::Argv(words(&[list])),
                [one] => shell(one),
                many => Spawned::Argv(words(many)),
            },
            Self::Subprocess => subprocess(call, first(0).or_else(|| call.named("args"))?),
            Self::Communicate => {
                let made = Call { arguments: call.receiver.clone(), ..call.clone() };
                let input = first(0).or_else(|| call.named("input"))?.to_text();
                return Some(fed(
                    subprocess(&made, made.operands().next().or_else(|| made.named("args"))?),
                    &input,
                ));
            }
            Self::Name => {
                let name = call.callee.rsplit('.').next().unwrap_or_default().to_owned();
                Spawned::Argv(std::iter::once(name).chain(words(from(0))).collect())
            }
            Self::As(program) => {
                Spawned::Argv(std::iter::once(program.to_owned()).chain(words(from(0))).collect())
            }
            Self::Subcommand(program) => {
                let name = call.callee.rsplit('.').next().unwrap_or_default().replace('_', "-");
                Spawned::Argv([program.to_owned(), name].into_iter().chain(words(from(0))).collect())
            }
            Self::Template => {
                let template = first(0).filter(|argument| argument.text.starts_with('`'))?;
                Spawned::Shell(template.to_text())
            }
            Self::Cmd => Spawned::Argv(words(&[call.named("cmd").or_else(|| first(0))?])),
            Self::Open => return open(&operands),
            Self::Reads => return Some(fed(shell(first(0)?), &first(1)?.to_text())),
        };
        let input = call.named("input").or_else(|| call.named("stdin_data"));
        Some(match input {
            Some(input) => fed(command, &input.to_text()),
            None => command,
        })
    }
}

/// Returns a shell's text, in which what is not known may be split unless it is quoted.
fn shell(argument: &Argument) -> Spawned {
    if argument.shape == Shape::List {
        return Spawned::Argv(words(&[argument]));
    }
    let mut quote = None;
    let mut escaped = false;
    let spread = |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != Some('\'') => escaped = true,
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            UNKNOWN if quote.is_none() => return UNKNOWN_WORDS,
            _ => {}
        }
        c
    };
    Spawned::Shell(argument.to_text().chars().map(spread).collect())
}

/// Returns `arguments` as words, lists flattened.
fn words(arguments: &[&Argument]) -> Vec<String> {
    let mut words = Vec::new();
    for argument in arguments {
        match argument.shape {
            Shape::List => words.extend(argument.words()),
            _ => words.push(argument.to_text()),
        }
    }
    words
}

/// Returns `program` with its arguments, through a shell where `call` asks for one.
fn program(call: &Call, program: &Argument, arguments: &[&Argument]) -> Spawned {
    let mut argv = vec![program.to_text()];
    match arguments.first() {
        Some(list) if list.shape == Shape::List => argv.extend(list.words()),
        // A callback is no list of arguments.
        Some(list) if list.value.is_none() && !list.text.contains(['(', '>']) => {
            argv.push(UNKNOWN_WORDS.to_string())
        }
        Some(text) => argv.extend(text.value.clone()),
        None => {}
    }
    let shell_asked = call.named("shell").is_some_and(|shell| shell.value.as_deref() != Some("false"));
    if shell_asked { Spawned::Shell(argv.join(" ")) } else { Spawned::Argv(argv) }
}

/// Returns what Python's `subprocess` makes of `command`.
fn subprocess(call: &Call, command: &Argument) -> Spawned {
    match (call.has("shell"), command.shape) {
        // With a shell only the first item is its text.
        (true, Shape::List) => {
            let mut words = command.words();
            let text = words.next().unwrap_or_default();
            Spawned::Shell(text)
        }
        (true, _) => shell(command),
        (false, Shape::List) => Spawned::Argv(words(&[command])),
        // A string is the name of a program, unless it is not known at all: then it may be a list.
        (false, _) if command.value.is_none() => Spawned::Argv(vec![UNKNOWN_WORDS.to_string()]),
        (false, _) => Spawned::Argv(command.to_text().split_whitespace().map(str::to_owned).collect()),
    }
}

/// Returns Perl's `open` as a command: `open(F, "| cmd")`, `open(F, "cmd |")`, `open(F, "-|", …)`.
fn open(operands: &[&Argument]) -> Option<Spawned> {
    let mode = operands.get(1)?.to_text();
    let mode = mode.trim();
    let rest = operands.get(2..).unwrap_or_default();
    match (mode, rest) {
        ("-|" | "|-", [one]) => Some(shell(one)),
        ("-|" | "|-", many) if !many.is_empty() => Some(Spawned::Argv(words(many))),
        (_, []) => {
            let text = |text: &str| shell(&Argument { value: Some(text.to_owned()), ..Argument::default() });
            if let Some(command) = mode.strip_prefix('|') {
                return Some(fed(text(command.trim()), UNKNOWN.encode_utf8(&mut [0; 4])));
            }
            mode.strip_suffix('|').map(|command| text(command.trim()))
        }
        _ => None,
    }
}

/// Returns `command` as a shell's text that feeds it `input`.
fn fed(command: Spawned, input: &str) -> Spawned {
    let text = match command {
        Spawned::Shell(text) => text,
        Spawned::Argv(argv) => argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
    };
    Spawned::Shell(format!("printf '%s\\n' {} | {text}", quoted(input)))
}

/// Returns `word` quoted for a shell. What may be any number of words stays as it is.
fn quoted(word: &str) -> String {
    let many = !word.is_empty() && word.chars().all(is_mark);
    if many { word.to_owned() } else { shell_words::quote(word).into_owned() }
}
