//! The bodies of HTTP requests: JSON that may have holes, forms, and the GraphQL in them.
//!
//! What a shell could not tell stands in a body as marks, often where no string may stand; a body
//! may be cut off, commented, or followed by something else. All of this is read as far as it goes.

mod lenient;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::unknown::{self, UNKNOWN};

/// A GraphQL request as a server would read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphqlRequest {
    /// The document; a mark alone where the body does not tell it.
    pub document: String,
    /// The operation that is picked from the document.
    pub operation_name: Option<String>,
    /// The variables, or null.
    pub variables: Value,
}

/// Reads the GraphQL requests in a body or a query string.
///
/// The content type decides only where the text itself does not: clients often send JSON under the
/// name of a form. A body that is no GraphQL gives none.
pub fn graphql_requests(body: &str, content_type: Option<&str>) -> Vec<GraphqlRequest> {
    let kind = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let text = body.trim_start_matches('\u{feff}').trim();
    if kind == "application/graphql" {
        return vec![GraphqlRequest { document: text.to_owned(), ..GraphqlRequest::default() }];
    }
    if kind.starts_with("multipart/") {
        return graphql_fields(multipart(body));
    }
    if text.chars().all(unknown::is_mark) {
        let document = text.to_owned();
        return if text.is_empty() {
            Vec::new()
        } else {
            vec![GraphqlRequest { document, ..Default::default() }]
        };
    }
    if text.starts_with(['{', '[']) {
        let found = json(text).map(|value| from_json(&value)).unwrap_or_default();
        let found = if found.is_empty() { salvaged(text) } else { found };
        if !found.is_empty() {
            return found;
        }
    }
    if is_document(text) {
        return vec![GraphqlRequest { document: text.to_owned(), ..GraphqlRequest::default() }];
    }
    let fields: Vec<_> = form(text).collect();
    let found = graphql_fields(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if found.is_empty() { salvaged(text) } else { found }
}

/// Reads GraphQL requests from the fields of a form, or the fields that a client makes a body of.
///
/// Fields with other names than those of the protocol are variables.
pub fn graphql_fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<GraphqlRequest> {
    let mut request = GraphqlRequest::default();
    let mut document = None;
    let mut variables = Map::new();
    let mut found = Vec::new();
    for (name, value) in fields {
        match name {
            "query" | "mutation" => document = Some(value.to_owned()),
            "operationName" => request.operation_name = Some(value.to_owned()),
            // The upload protocol puts the whole request into one field.
            "operations" => {
                found.extend(json(value).map(|value| from_json(&value)).unwrap_or_else(|| salvaged(value)))
            }
            "extensions" if value.contains("persistedQuery") => {
                document.get_or_insert_with(|| UNKNOWN.to_string());
            }
            "variables" => match json(value) {
                Some(Value::Object(given)) => variables.extend(given),
                _ => variables.extend([(name.to_owned(), Value::String(value.to_owned()))]),
            },
            _ => variables.extend([(name.to_owned(), Value::String(value.to_owned()))]),
        }
    }
    if let Some(document) = document {
        request.document = document;
        request.variables = if variables.is_empty() { Value::Null } else { Value::Object(variables) };
        found.push(request);
    }
    found
}

/// Reads JSON, or what is meant for it: with marks, comments, trailing commas, a missing end.
///
/// Returns nothing if there is no object, array or string to begin with.
pub fn json(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok().or_else(|| lenient::read(body))
}

/// Returns the SQL in a body: the texts that interfaces of databases call `sql` or `stmt`, at any depth.
pub fn statements(body: &str) -> Vec<String> {
    const NAMES: &[&str] = &["sql", "stmt"];
    fn collect(value: Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) if NAMES.contains(&name.as_str()) => found.push(text),
                        value => collect(value, found),
                    }
                }
            }
            Value::Array(values) => values.into_iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if NAMES.iter().any(|name| body.contains(name)) && body.trim_start().starts_with(['{', '[']) {
        json(body).into_iter().for_each(|value| collect(value, &mut found));
    }
    found
}

/// Decodes `%XX`; what is no such sequence stays, and bytes that are no text become `\u{FFFD}`.
pub fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        match bytes.as_slice() {
            [high, low, ..] if byte == b'%' => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    out.push((high * 16 + low) as u8);
                    bytes.nth(1);
                }
                _ => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Reads the fields of a form or a query string.
pub fn form(text: &str) -> impl Iterator<Item = (String, String)> {
    let text = text.strip_prefix('?').unwrap_or(text);
    let decode = |part: &str| percent_decode(&part.replace('+', " "));
    text.split('&').filter(|field| !field.is_empty()).map(move |field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        (decode(name), decode(value))
    })
}

/// Reads the fields of a multipart body: as it is sent, or one `name=value` after another.
fn multipart(body: &str) -> Vec<(&str, &str)> {
    const NAMES: &[&str] =
        &["query", "mutation", "operations", "operationName", "variables", "extensions", "map"];
    if body.contains("Content-Disposition") || body.contains("content-disposition") {
        return body.split("\n--").filter_map(part).collect();
    }
    let begins = |line: &str| {
        let name = line.split('=').next().unwrap_or("");
        line.len() > name.len() && (NAMES.contains(&name) || name.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if at == 0 || begins(line) {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(body.len());
    starts.windows(2).filter_map(|pair| body[pair[0]..pair[1]].trim_end().split_once('=')).collect()
}

/// Reads one part of a multipart body: its headers name the field, a blank line ends them.
fn part(part: &str) -> Option<(&str, &str)> {
    let (head, value) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
    let (_, name) = head.split_once(" name=\"")?;
    Some((name.split('"').next()?, value.trim_end()))
}

/// Returns whether a text begins as a document does: with an operation, a fragment or `{ field`.
fn is_document(text: &str) -> bool {
    const HEADS: &[&str] = &["query", "mutation", "subscription", "fragment"];
    let is_comment = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let first = text.lines().find(|line| !is_comment(line)).unwrap_or("").trim_start();
    if first.starts_with('{') {
        let inside = text[text.find('{').map_or(0, |at| at + 1)..].trim_start();
        return inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '#'));
    }
    let word = first.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
    HEADS.contains(&word) && !first[word.len()..].starts_with('=')
}

/// Finds requests in a body: one, or a batch of them.
fn from_json(value: &Value) -> Vec<GraphqlRequest> {
    match value {
        Value::Array(batch) => batch.iter().filter_map(request).collect(),
        single => request(single).into_iter().collect(),
    }
}

fn request(value: &Value) -> Option<GraphqlRequest> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let persisted = || value.pointer("/extensions/persistedQuery").map(|_| UNKNOWN.to_string());
    let names = || value.as_object().into_iter().flat_map(|object| object.keys());
    // A field whose name is not known could be the document.
    let hidden = || names().any(|name| !unknown::is_known(name)).then(|| UNKNOWN.to_string());
    let document = text("query").or_else(|| text("mutation")).or_else(persisted).or_else(hidden)?;
    let variables = match value.get("variables") {
        Some(Value::String(inner)) => json(inner).unwrap_or_else(|| Value::String(inner.clone())),
        Some(given) => given.clone(),
        None => Value::Null,
    };
    Some(GraphqlRequest { document, operation_name: text("operationName"), variables })
}

/// Finds the strings that follow `"query":` in a body that is not even nearly JSON.
fn salvaged(body: &str) -> Vec<GraphqlRequest> {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find("query\"") {
        rest = &rest[at + "query\"".len()..];
        let Some(value) = rest.trim_start().strip_prefix(':') else { continue };
        let value = value.trim_start();
        if let Some(Value::String(document)) = value.starts_with('"').then(|| lenient::read(value)).flatten()
        {
            found.push(GraphqlRequest { document, ..GraphqlRequest::default() });
        }
    }
    found
}
