//! Clauses about HTTP requests.

use std::borrow::Cow;

use serde_json::Value;

use super::{Captures, Subject, pattern, secrets};
use crate::glob::{self, Glob, Text};
use crate::resolve::action::Request;
use crate::resolve::{body, graphql};
use crate::rulebook::format::HttpClause;
use crate::rulebook::index::is_read;
use crate::truth::Truth;
use crate::unknown::{UNKNOWN, is_mark, is_nothing_known};

/// Returns whether a clause holds for a request.
pub(super) fn holds(
    clause: &HttpClause,
    request: &Request,
    subject: &Subject<'_>,
    captures: &mut Captures,
) -> Truth {
    let mut found = method(clause, request).and(host(clause, request));
    if found == Truth::No {
        return Truth::No;
    }
    if !clause.path.is_empty() {
        // Where a rule goes by the path alone, or by a host where anything may listen, what is not known in
        // it is a name like any other: it may stand for a `*`, and is no word of the rule's.
        let is_any_service = clause.host.is_empty() || is_local(&request.host);
        let path = match is_any_service {
            true => Cow::Owned(request.path.replace(is_mark, "_")),
            false => Cow::Borrowed(request.path.as_str()),
        };
        found = found.and(any_path(&clause.path, &path));
    }
    if found == Truth::No {
        return Truth::No;
    }
    if any_path(&clause.not_path, &request.path) == Truth::Certain {
        return Truth::No;
    }
    if !clause.query.is_empty() {
        found = found.and(pattern::any(&clause.query, &request.query));
    }
    if !clause.header.is_empty() {
        let headers = request.headers.iter().map(|header| pattern::any(&clause.header, header));
        found = found.and(headers.fold(Truth::No, Truth::or));
    }
    if found == Truth::No || clause.secrets && !secrets::carried(request) {
        return Truth::No;
    }
    let said = if !clause.graphql.is_empty() {
        mutation(clause, subject.graphql.get_or_init(|| carried(request)), captures)
    } else if clause.body.is_empty() {
        Truth::Certain
    } else {
        pattern::any(&clause.body, request.body.as_deref().unwrap_or_default())
    };
    // `curl -X POST "$WEBHOOK" -d "$TEXT"` is everyday, and no more one service's than another's.
    let is_bare = matches!(request.path.as_str(), "" | "/") || is_nothing_known(&request.path);
    let names_nothing = is_nothing_known(&request.host) && is_bare;
    let is_told =
        clause.secrets || said == Truth::Certain && !(clause.body.is_empty() && clause.graphql.is_empty());
    if names_nothing && request.method == "POST" && !is_told {
        return Truth::No;
    }
    found = found.and(said);
    captures.insert("http.host", request.host.clone());
    captures.insert("http.path", request.path.clone());
    for (at, segment) in request.path.split('/').filter(|part| !part.is_empty()).enumerate().take(12) {
        captures.insert(format!("path.{}", at + 1), segment.to_owned());
    }
    found
}

fn method(clause: &HttpClause, request: &Request) -> Truth {
    if is_nothing_known(&request.method) {
        return Truth::Possible;
    }
    let method = request.method.as_str();
    if clause.method.is_empty() {
        // GraphQL travels in a GET as well.
        let reads = is_read(method) && clause.graphql.is_empty();
        return Truth::certain_if(!reads);
    }
    clause.method.iter().map(|wanted| glob::matches(wanted, method)).fold(Truth::No, Truth::or)
}

fn host(clause: &HttpClause, request: &Request) -> Truth {
    if clause.host.is_empty() {
        // Without a host a rule goes by the path alone, so the path must be known.
        return Truth::certain_if(!is_nothing_known(&request.path));
    }
    let host = Text::new(&request.host);
    clause.host.iter().map(|wanted| wanted.matches(&host)).fold(Truth::No, Truth::or)
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0")
}

/// Returns whether a path, or it without a slash at its end, matches one of some globs.
fn any_path(globs: &[Glob], path: &str) -> Truth {
    let bare = path.trim_end_matches('/');
    let any = |path: &Text<'_>| globs.iter().map(|glob| glob.matches_path(path)).fold(Truth::No, Truth::or);
    let found = any(&Text::new(path));
    if bare == path { found } else { found.or(any(&Text::new(bare))) }
}

/// What GraphQL a request carries, read once for all rules; nothing where its body cannot be read.
pub(super) type Carried = Option<Vec<Sent>>;

/// A GraphQL document as it is sent.
pub(super) struct Sent {
    /// What it says, if anything of it is known.
    document: Option<graphql::Document>,
    operation: Option<String>,
    variables: Value,
}

impl Sent {
    fn new(document: &str, operation: Option<String>, variables: Value) -> Self {
        let document = (!is_nothing_known(document)).then(|| graphql::read(document));
        Self { document, operation, variables }
    }
}

/// Reads the GraphQL that a request carries.
pub(super) fn carried(request: &Request) -> Carried {
    let variables = || request.body.as_deref().and_then(body::json).unwrap_or(Value::Null);
    let mut sent: Vec<Sent> =
        request.graphql.iter().map(|document| Sent::new(document, None, variables())).collect();
    let kind = request.headers.iter().find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.eq_ignore_ascii_case("content-type").then(|| value.trim())
    });
    for text in [request.body.as_deref(), Some(request.query.as_str())].into_iter().flatten() {
        if is_nothing_known(text) {
            return None;
        }
        let found = body::graphql_requests(text, kind).into_iter();
        sent.extend(found.map(|found| Sent::new(&found.document, found.operation_name, found.variables)));
    }
    Some(sent)
}

/// Returns whether a mutation that the request would run has one of the fields.
fn mutation(clause: &HttpClause, carried: &Carried, captures: &mut Captures) -> Truth {
    // A request to this very host with a body that cannot be read.
    let Some(sent) = carried else { return Truth::Possible };
    let mut best = Truth::No;
    for Sent { document, operation, variables } in sent {
        let Some(document) = document else { return best.or(Truth::Possible) };
        let operations = document.executed(operation.as_deref()).into_iter();
        let fields =
            operations.filter(|operation| operation.may_change()).flat_map(|operation| &operation.fields);
        for field in fields {
            let name = Text::new(&field.name);
            let names = clause.graphql.iter().map(|wanted| wanted.matches(&name));
            let named = names.fold(Truth::No, Truth::or);
            if named == Truth::No {
                continue;
            }
            let arguments = field.arguments.iter();
            let mut text: String =
                arguments.map(|argument| format!("{}: {}, ", argument.name, argument.source)).collect();
            text.push_str(&variables.to_string());
            let told =
                if clause.body.is_empty() { Truth::Certain } else { pattern::any(&clause.body, &text) };
            let found = named.and(told);
            if found > best {
                best = found;
                note(field, variables, captures);
            }
        }
    }
    best
}

/// Notes the arguments of a field, also where they come from variables.
fn note(field: &graphql::Field, variables: &Value, captures: &mut Captures) {
    captures.insert("graphql.field", field.name.clone());
    if let Value::Object(all) = variables {
        for (name, value) in all {
            captures.insert(name.clone(), text_of(value));
        }
    }
    for argument in &field.arguments {
        captures.insert(argument.name.clone(), text_of(&argument.value(variables)));
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => UNKNOWN.to_string(),
        other => other.to_string(),
    }
}
