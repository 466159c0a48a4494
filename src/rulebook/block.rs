//! Commands in block text: one a line; an indented line continues the one above.

/// A command of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line of the block on which it begins, from 0.
    pub number: usize,
    /// The command, on one line.
    pub command: String,
}

/// Returns the commands of a block.
pub fn commands(block: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (number, text) in block.lines().enumerate() {
        let command = text.trim_end();
        if command.is_empty() {
            continue;
        }
        match lines.last_mut() {
            Some(above) if command.starts_with([' ', '\t']) => {
                above.command.push(' ');
                above.command.push_str(command.trim_start());
            }
            _ => lines.push(Line { number, command: command.trim_start().to_owned() }),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indented_line_continues_the_one_above() {
        let found = commands("rm -rf /\n\ncurl https://a.b\n  --json '{}'\n  -s\ntrue  \n");
        let found: Vec<_> = found.iter().map(|line| (line.number, line.command.as_str())).collect();
        assert_eq!(found, [(0, "rm -rf /"), (2, "curl https://a.b --json '{}' -s"), (5, "true")]);
    }

    #[test]
    fn an_indented_first_line_stands_alone() {
        assert_eq!(commands("  rm x")[0].command, "rm x");
    }
}
