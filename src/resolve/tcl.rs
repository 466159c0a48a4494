//! Tcl, as far as it starts programs and deletes files: what `expect` and `tclsh` are given.
//!
//! Not a reader of the language: wherever one of its commands stands, at the start of a line, of a block or of
//! brackets, it counts. Documented at <https://www.tcl-lang.org/man/tcl8.6/TclCmd/contents.htm> and
//! `expect(1)`.

use super::files::Content;
use super::invocation::Invocation;
use super::state::Shell;
use super::walk::Walker;

/// How many commands are followed.
const MOST: usize = 256;

/// Follows code in options, in the script that is named, and on standard input.
pub(super) fn run(walker: &mut Walker<'_>, call: Invocation<'_>, shell: &Shell) -> Option<String> {
    let mut texts: Vec<String> = call.reading.values("code").map(str::to_owned).collect();
    let operand = call.operands().first().map(|operand| operand.text.as_str());
    let file = call.reading.values("file").last().or(operand).filter(|path| *path != "-");
    match file.map(|path| walker.files.read(path, &shell.site, walker.place)) {
        Some(Content::Text(text)) => texts.push(text),
        Some(_) => {}
        None if texts.is_empty() => texts.extend(call.stdin().map(str::to_owned)),
        None => {}
    }
    for text in texts {
        for command in commands(&text).take(MOST) {
            walker.deeper(call.line.program.clone(), |walker| {
                walker.shell_text(&command, &mut shell.clone(), None)
            });
        }
    }
    None
}

/// Returns the programs that Tcl starts, and the files that it deletes, as commands of a shell.
fn commands(text: &str) -> impl Iterator<Item = String> {
    let starts = |piece: &str| {
        let piece = piece.trim().trim_end_matches(['}', ']']);
        let (first, rest) = piece.split_once([' ', '\t'])?;
        match first {
            "spawn" | "exp_spawn" | "exec" | "system" => {
                let rest = rest.trim_start();
                let own = ["-noecho", "-ignorestderr", "-nottycopy", "--"];
                let rest = own.iter().fold(rest, |rest, option| rest.trim_start_matches(option).trim_start());
                Some(rest.replace(['{', '}'], "\""))
            }
            "file" => {
                let paths = rest.trim().strip_prefix("delete")?;
                Some(format!("rm -r {}", paths.trim().replace("-force", "-f")))
            }
            _ => None,
        }
    };
    text.split(['\n', ';'])
        .flat_map(|line| {
            let line = line.trim_start_matches(['{', '[', ' ', '\t']);
            // `if {$x} { exec … }`, `puts [exec …]`
            let inner = line.find("{ ").map(|at| &line[at + 2..]);
            let bracket = line.find('[').map(|at| &line[at + 1..]);
            [Some(line), inner, bracket].into_iter().flatten()
        })
        .filter_map(starts)
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn programs_and_files() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(commands(text).collect::<Vec<_>>(), expect, "{text}");
        };
        check("spawn dropdb app\nexpect eof", &["dropdb app"]);
        check("set timeout 5; spawn -noecho ssh db1 \"dropdb app\"; expect eof", &["ssh db1 \"dropdb app\""]);
        check("if {1} { exec rm -rf /srv }", &["rm -rf /srv "]);
        check("puts [exec ls -l]", &["ls -l"]);
        check("file delete -force /srv/data", &["rm -r -f /srv/data"]);
        check("puts {exec is a command}; set file delete", &[]);
    }
}
