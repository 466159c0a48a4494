//! What a call of a tool carries that is no command: SQL, a request, or a deed that the tool's name tells. Each is
//! written as the command that would do it: `mcp-sql STATEMENT`, `curl -X METHOD ADDRESS`, `mcp-tool NAME
//! NAME=VALUE…`. The first and the last are no programs; the pack `mcp` knows them, and no machine's settings tell
//! where a tool's database is.

use std::ffi::OsString;

use serde_json::{Map, Value};

use super::json;
use super::tools::{DEPTH, MOST, is, lines, plain};
use crate::proposal::Form;
use crate::rulebook::index::is_read;
use crate::unknown::UNKNOWN;

/// How many bytes of an argument are shown with the tool's name.
const SHOWN: usize = 200;

/// Adds what a call of a tool carries.
pub(super) fn collect(tool: &str, arguments: &Value, found: &mut Vec<Form>) {
    let is_database = names(tool, "database") && !names(tool, "prose");
    let call = Call { tool, is_database, is_graph: names(tool, "graphql") };
    call.walk(arguments, DEPTH, found);
    if names(tool, "deed") {
        let mut words = vec!["mcp-tool".to_owned(), tool.to_owned()];
        add_arguments(arguments, DEPTH, &mut words);
        found.push(argv(words));
    }
}

/// Returns whether a tool's name, or its server's, has a part of that kind.
fn names(tool: &str, kind: &str) -> bool {
    let tool = plain(tool);
    lines(kind).any(|part| tool.contains(part))
}

fn argv(words: Vec<String>) -> Form {
    Form::Argv(words.into_iter().map(OsString::from).collect())
}

/// A call of a tool.
struct Call<'t> {
    tool: &'t str,
    /// Whether it is one of a database.
    is_database: bool,
    /// Whether it speaks GraphQL.
    is_graph: bool,
}

impl Call<'_> {
    fn walk(&self, value: &Value, depth: usize, found: &mut Vec<Form>) {
        if depth == 0 || found.len() >= MOST {
            return;
        }
        match value {
            Value::Object(map) => {
                found.extend(self.request(map));
                for (name, value) in map {
                    match self.statements(name, value) {
                        Some(statements) => found.extend(statements),
                        None => self.walk(value, depth - 1, found),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.walk(value, depth - 1, found)),
            _ => {}
        }
    }

    /// Returns the SQL that an argument holds.
    fn statements(&self, name: &str, value: &Value) -> Option<Vec<Form>> {
        if self.is_graph || !is("sql", name) && !(self.is_database && is("query", name)) {
            return None;
        }
        let form = |text: &str| argv(vec!["mcp-sql".to_owned(), text.to_owned()]);
        match value {
            Value::String(text) => Some(vec![form(text)]),
            Value::Array(list) => list.iter().map(|item| item.as_str().map(form)).collect(),
            _ => None,
        }
    }

    /// Returns the request that a tool is told to make, if it changes anything.
    fn request(&self, beside: &Map<String, Value>) -> Option<Form> {
        let argument = |kind: &str| beside.iter().find(|(name, _)| is(kind, name)).map(|(_, value)| value);
        let address = argument("address").and_then(Value::as_str);
        let query = argument("query").and_then(Value::as_str).filter(|_| self.is_graph);
        let (method, body) = match query {
            Some(query) => ("POST".to_owned(), Some(serde_json::json!({ "query": query }).to_string())),
            None => (self.method(argument("method"))?, argument("body").map(json::text)),
        };
        let unknown = UNKNOWN.to_string();
        let address = address.or(query.map(|_| unknown.as_str()))?;
        let mut words = ["curl", "-X", &method, address].map(str::to_owned).to_vec();
        words.extend(body.into_iter().flat_map(|body| ["--json".to_owned(), body]));
        if let Some(Value::Object(headers)) = argument("headers") {
            let header = |(name, value): (&String, &Value)| {
                ["-H".to_owned(), format!("{name}: {}", json::text(value))]
            };
            words.extend(headers.iter().flat_map(header));
        }
        Some(argv(words))
    }

    /// Returns the method of a request, by its argument or the end of the tool's name; none of one that only reads.
    fn method(&self, given: Option<&Value>) -> Option<String> {
        let tool = plain(self.tool);
        let by_name = ["DELETE", "PATCH", "PUT", "POST"]
            .into_iter()
            .find(|method| tool.ends_with(&method.to_ascii_lowercase()));
        let method = given.and_then(Value::as_str).or(by_name)?.to_ascii_uppercase();
        (!is_read(&method)).then_some(method)
    }
}

/// Adds the arguments of a call as `NAME=VALUE`, those within others by their own names.
fn add_arguments(arguments: &Value, depth: usize, words: &mut Vec<String>) {
    let Value::Object(map) = arguments else { return };
    for (name, value) in map {
        match value {
            _ if depth == 0 || words.len() > MOST => return,
            Value::Object(inner) if inner.is_empty() => words.push(format!("{name}={{}}")),
            Value::Object(_) => add_arguments(value, depth - 1, words),
            Value::String(text) if text.len() <= SHOWN => words.push(format!("{name}={text}")),
            Value::Number(_) | Value::Bool(_) => words.push(format!("{name}={value}")),
            _ => words.push(format!("{name}=…")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what is judged of a call.
    fn check(tool: &str, arguments: &str, expected: &[&str]) {
        let mut found = Vec::new();
        collect(tool, &serde_json::from_str(arguments).unwrap_or_default(), &mut found);
        let found: Vec<String> = found.iter().map(Form::text).collect();
        assert_eq!(found, expected, "{tool} {arguments}");
    }

    #[test]
    fn sql_is_found_by_its_name_and_the_tools() {
        let drop = &["mcp-sql 'DROP TABLE users'"];
        check("mcp__postgres__query", r#"{"sql":"DROP TABLE users"}"#, drop);
        check("mcp__supabase__execute_sql", r#"{"project_id":"x","query":"DROP TABLE users"}"#, drop);
        check("mcp__supabase__apply_migration", r#"{"name":"x","query":"DROP TABLE users"}"#, drop);
        check("mcp__neon__run_sql", r#"{"params":{"sql":"DROP TABLE users","projectId":"x"}}"#, drop);
        check("mcp__neon__run_sql_transaction", r#"{"sqlStatements":["DROP TABLE users"]}"#, drop);
        check("sqlite-write_query", r#"{"query":"DROP TABLE users"}"#, drop);
        check("bigquery_execute", r#"{"statement":"DROP TABLE users"}"#, drop);
        check("mcp__docs__query-docs", r#"{"query":"DELETE FROM a table"}"#, &[]);
        check("mcp__github__create_issue", r#"{"body":"DROP TABLE users"}"#, &[]);
    }

    #[test]
    fn requests_that_change_something_are_found() {
        let delete = &["curl -X DELETE https://api.x.com/v1/y"];
        check("fetch", r#"{"url":"https://api.x.com/v1/y","method":"delete"}"#, delete);
        let named = &[delete[0], "mcp-tool mcp__rest__http_delete 'url=https://api.x.com/v1/y'"];
        check("mcp__rest__http_delete", r#"{"url":"https://api.x.com/v1/y"}"#, named);
        check(
            "mcp__http__request",
            r#"{"method":"POST","url":"https://x.com","body":{"a":1},"headers":{"A":"b"}}"#,
            &[r#"curl -X POST https://x.com --json '{"a":1}' -H 'A: b'"#],
        );
        check("fetch", r#"{"url":"https://api.x.com/v1/y"}"#, &[]);
        check("fetch", r#"{"url":"https://api.x.com/v1/y","method":"GET"}"#, &[]);
        check("mcp__post_office__send", r#"{"method":"DELETE"}"#, &[]);
        let mutation =
            r#"{"query":"mutation { volumeDelete(volumeId: \"v\") }","endpoint":"https://x.com/q"}"#;
        let sent =
            r#"curl -X POST https://x.com/q --json '{"query":"mutation { volumeDelete(volumeId: \"v\") }"}'"#;
        check("mcp__graphql__query-graphql", mutation, &[sent]);
    }

    #[test]
    fn what_a_name_tells_is_a_deed() {
        check(
            "mcp__neon__delete_project",
            r#"{"params":{"projectId":"p"}}"#,
            &["mcp-tool mcp__neon__delete_project 'projectId=p'"],
        );
        check("mcp__neon__list_projects", r#"{"params":{"projectId":"p"}}"#, &[]);
    }
}
