//! A rule's clauses in words, for people.

use super::format::{CallClause, Clause, How, HttpClause, PathKind, SqlClause, WriteClause};

/// Returns what a clause matches, as a noun phrase with code in backquotes.
pub fn clause(clause: &Clause) -> String {
    let mut parts = Vec::new();
    let program = !clause.run.is_empty();
    if program {
        parts.push(any_of(&clause.run));
    }
    if let Some(sql) = &clause.sql {
        let text = statement(sql);
        parts.push(if program {
            format!("that carries {text}")
        } else {
            format!("{text}, through any client")
        });
    }
    parts.extend(clause.http.as_ref().map(request));
    parts.extend(clause.call.as_ref().map(call));
    parts.extend(clause.writes.as_ref().map(written));
    if !clause.mentions.is_empty() {
        parts.push(format!("code that mentions {}", all_of(&clause.mentions)));
    }
    let conditions = conditions(clause);
    if !conditions.is_empty() {
        parts.push(conditions.join(" and "));
    }
    parts.join(" ")
}

/// Returns what a clause asks of the words of a command.
fn conditions(clause: &Clause) -> Vec<String> {
    let mut parts = Vec::new();
    if !clause.with.is_empty() {
        parts.push(format!("with {}", all_of(&clause.with)));
    }
    if !clause.with_any.is_empty() {
        parts.push(format!("with {}", any_of(&clause.with_any)));
    }
    if !clause.without.is_empty() {
        parts.push(format!("without {}", any_of(&clause.without)));
    }
    for (option, patterns) in &clause.option {
        parts.push(format!("with `{option}` set to {}", any_of(patterns)));
    }
    for (option, kinds) in &clause.option_path {
        parts.push(format!("with `{option}` set to {}", any_place(kinds)));
    }
    if !clause.operand.is_empty() {
        parts.push(format!("on {}", any_of(&clause.operand)));
    }
    for (place, patterns) in &clause.operand_at {
        parts.push(format!("with {} as operand {place}", any_of(patterns)));
    }
    if !clause.operand_path.is_empty() {
        parts.push(format!("on {}", any_place(&clause.operand_path)));
    }
    if !clause.cwd.is_empty() {
        parts.push(format!("in {}", any_place(&clause.cwd)));
    }
    match (clause.operands_at_least, clause.operands_at_most) {
        (Some(least), Some(most)) if least == most => parts.push(format!("with {}", operands(least))),
        (least, most) => {
            parts.extend(least.map(|least| format!("with at least {}", operands(least))));
            parts.extend(most.map(|most| format!("with at most {}", operands(most))));
        }
    }
    if clause.known {
        parts.push("known for certain".to_owned());
    }
    if clause.after_dashes {
        parts.push("with operands behind `--`".to_owned());
    }
    for (name, patterns) in &clause.environment {
        parts.push(format!("with the variable `{name}` set to {}", any_of(patterns)));
    }
    if !clause.stdin.is_empty() {
        parts.push(format!("with {} on standard input", any_of(&clause.stdin)));
    }
    if clause.stdin_secrets {
        parts.push("with credentials on standard input".to_owned());
    }
    parts
}

fn operands(count: u8) -> String {
    match count {
        0 => "no operands".to_owned(),
        1 => "one operand".to_owned(),
        _ => format!("{count} operands"),
    }
}

fn statement(sql: &SqlClause) -> String {
    let mut text = match sql.statement.as_slice() {
        [] => "SQL".to_owned(),
        statements => format!("the SQL {}", any_of(statements)),
    };
    if sql.unfiltered {
        text += " on every row";
    }
    if !sql.object.is_empty() {
        text += &format!(" on {}", any_of(&sql.object));
    }
    if !sql.text.is_empty() {
        text += &format!(" with {} in it", any_of(&sql.text));
    }
    text
}

fn request(http: &HttpClause) -> String {
    let mut text = match (http.graphql.as_slice(), http.method.as_slice()) {
        ([], []) => "an HTTP request that changes something".to_owned(),
        ([], methods) => format!("an HTTP {} request", any_of(methods)),
        (fields, _) => format!("the GraphQL mutation {}", any_of(fields)),
    };
    if !http.host.is_empty() {
        text += &format!(" to {}", any_of(&http.host));
    }
    if !http.path.is_empty() {
        text += &format!(" for {}", any_of(&http.path));
    }
    if !http.not_path.is_empty() {
        text += &format!(" but not for {}", any_of(&http.not_path));
    }
    for (patterns, place) in [(&http.query, "query"), (&http.body, "body"), (&http.header, "headers")] {
        if !patterns.is_empty() {
            text += &format!(" with {} in its {place}", any_of(patterns));
        }
    }
    if http.secrets {
        text += " with credentials in its body or query";
    }
    text
}

fn call(call: &CallClause) -> String {
    let mut text = format!("a call of {}", any_of(&call.name));
    if !call.language.is_empty() {
        text += &format!(" in {}", any_of(&call.language));
    }
    if !call.argument.is_empty() {
        text += &format!(" with {}", any_of(&call.argument));
    }
    if !call.argument_path.is_empty() {
        text += &format!(" on {}", any_place(&call.argument_path));
    }
    if call.no_argument {
        text += " without arguments";
    }
    if call.in_loop {
        text += " in a loop";
    }
    text
}

fn written(writes: &WriteClause) -> String {
    let what = match writes.how {
        How::Any => "writing to",
        How::Replace => "replacing the content of",
        How::Empty => "emptying",
    };
    let place = match (writes.path.as_slice(), writes.kind.as_slice()) {
        (paths, []) => any_of(paths),
        ([], kinds) => any_place(kinds),
        (paths, kinds) => format!("{}, where it is {}", any_of(paths), any_place(kinds)),
    };
    format!("{what} {place}")
}

fn any_of<T: AsRef<str>>(words: &[T]) -> String {
    enumerate(words.iter().map(|word| code(word.as_ref())), "or")
}

fn all_of(words: &[String]) -> String {
    enumerate(words.iter().map(|word| code(word)), "and")
}

/// Returns `word` as Markdown code, whatever it contains.
fn code(word: &str) -> String {
    if word.contains('`') { format!("`` {word} ``") } else { format!("`{word}`") }
}

fn any_place(kinds: &[PathKind]) -> String {
    enumerate(kinds.iter().map(|kind| place(*kind).to_owned()), "or")
}

fn place(kind: PathKind) -> &'static str {
    match kind {
        PathKind::OutsideProject => "a path outside the project",
        PathKind::InsideProject => "a path inside the project",
        PathKind::Temporary => "a temporary path",
        PathKind::Artefact => "what a build makes again",
        PathKind::Vital => "the root, a system or home directory, or the project itself",
        PathKind::Device => "a disk",
        PathKind::Sink => "`/dev/null` or the like",
        PathKind::Existing => "something that is there",
        PathKind::Missing => "something that is not there",
        PathKind::Directory => "a directory",
        PathKind::Database => "a database's files",
        PathKind::Backup => "backups",
        PathKind::Personal => "keys, credentials or personal configuration",
        PathKind::Repository => "a version-control directory",
        PathKind::Committed => "what version control has unchanged",
        PathKind::Door => "a hook of guard's",
        PathKind::Work => "work in the project",
    }
}

fn enumerate(items: impl Iterator<Item = String>, joint: &str) -> String {
    let mut items: Vec<String> = items.collect();
    match items.pop() {
        None => String::new(),
        Some(only) if items.is_empty() => only,
        Some(last) => format!("{} {joint} {last}", items.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::rulebook::load::read_pack;

    fn check(yaml: &str, expect: &str) {
        let text = format!(
            "{{pack: x, title: X, rules: [{{id: a, title: T, severity: severe, when: [{{{yaml}}}], confirm: c, \
             blast_radius: {{data: D, backups: B}}, recover: R, examples: {{}}}}]}}"
        );
        assert_eq!(clause(&read_pack(&text, "x.yaml").unwrap().rules[0].when[0]), expect);
    }

    #[test]
    fn clauses_read_as_text() {
        check("run: railway volume delete", "`railway volume delete`");
        check("run: git push, with_any: [force, mirror]", "`git push` with `force` or `mirror`");
        check("run: rm, with: [recursive, force]", "`rm` with `recursive` and `force`");
        check("run: rm, operand_path: outside-project", "`rm` on a path outside the project");
        check(
            "sql: [DROP DATABASE, DROP SCHEMA]",
            "the SQL `DROP DATABASE` or `DROP SCHEMA`, through any client",
        );
        check(
            "run: psql, sql: {statement: DELETE FROM, unfiltered: true}",
            "`psql` that carries the SQL `DELETE FROM` on every row",
        );
        check(
            "http: {host: backboard.railway.com, graphql: volumeDelete}",
            "the GraphQL mutation `volumeDelete` to `backboard.railway.com`",
        );
        check(
            "http: {method: DELETE, host: api.fly.io, path: '/v1/apps/*'}",
            "an HTTP `DELETE` request to `api.fly.io` for `/v1/apps/*`",
        );
        check("call: {name: shutil.rmtree, language: python}", "a call of `shutil.rmtree` in `python`");
        check("mentions: [one, two]", "code that mentions `one` and `two`");
        check("writes: {path: '/etc/**', how: empty}", "emptying `/etc/**`");
        check(
            "run: x y, operands_at_least: 2, operands_at_most: 2, option: {name: '`*'}",
            "`x y` with `name` set to `` `* `` and with 2 operands",
        );
    }
}
