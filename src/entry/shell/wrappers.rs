//! Turns the texts in `shims/shell/*.yaml` into the constants that `unwrap` looks through. Part of the
//! build, not of the program.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

/// The texts of one agent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What was looked at.
    #[serde(rename = "checked")]
    _checked: String,
    wrappers: Vec<Wrapper>,
}

/// One text around a command.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapper {
    /// The text, with `{command}`, `{quoted}`, `{path}` and `{name}` in it.
    text: String,
    /// Texts as they were seen.
    examples: Vec<Example>,
}

/// A text as it was seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    text: String,
    command: String,
}

/// Returns the constants of these files, as Rust.
pub fn compile(files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut wrappers = String::new();
    let mut examples = String::new();
    for path in files {
        let shown = path.display();
        let file: File = serde_saphyr::from_str(&fs::read_to_string(path)?)
            .map_err(|error| format!("{shown}: {error}"))?;
        for wrapper in &file.wrappers {
            let pieces = pieces(wrapper.text.trim_end_matches('\n'));
            writeln!(wrappers, "    &[{pieces}],")?;
            for Example { text, command } in &wrapper.examples {
                let text = text.trim_end_matches('\n');
                writeln!(examples, "    ({text:?}, {command:?}),")?;
            }
        }
    }
    Ok(format!(
        "static WRAPPERS: &[&[Piece]] = &[\n{wrappers}];\n\n#[cfg(test)]\nstatic EXAMPLES: &[(&str, &str)] = &[\n{examples}];\n"
    ))
}

/// Returns a text's pieces, as Rust.
fn pieces(mut text: &str) -> String {
    const MARKS: [(&str, &str); 4] = [
        ("{command}", "Piece::Command, "),
        ("{quoted}", "Piece::Quoted, "),
        ("{path}", "Piece::Path, "),
        ("{name}", "Piece::Name, "),
    ];
    let mut pieces = String::new();
    while !text.is_empty() {
        let next = MARKS.iter().filter_map(|(mark, piece)| Some((text.find(mark)?, *mark, *piece))).min();
        let literal = next.map_or(text, |(at, ..)| &text[..at]);
        if !literal.is_empty() {
            pieces += &format!("Piece::Literal({literal:?}), ");
        }
        text = next.map_or("", |(at, mark, piece)| {
            pieces += piece;
            &text[at + mark.len()..]
        });
    }
    pieces
}
