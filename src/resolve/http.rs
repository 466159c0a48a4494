//! The HTTP requests that a client's words make.

use super::action::Request;
use super::body;
use super::code::CodeRequest;
use super::command_line::CommandLine;
use super::files::Content;
use super::invocation::Invocation;
use super::secrets;
use super::state::Shell;
use super::walk::Walker;
use crate::rulebook::format::HttpSpeech;
use crate::unknown::{UNKNOWN, UNKNOWN_WORDS, is_known, is_mark};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Returns the requests that a client would send.
pub(super) fn requests(
    walker: &mut Walker<'_>,
    speech: &HttpSpeech,
    call: Invocation<'_>,
    shell: &Shell,
) -> Vec<Request> {
    let Invocation { line, reading, .. } = call;
    let mut all = Vec::new();
    for path in values(call, &speech.config_files) {
        all.extend(from_config(walker, speech, line, &path, shell));
    }
    // `curl a --next b`: each part is a request of its own.
    if let Some(at) = line.words.iter().position(|word| word == "--next" || word == "-:") {
        for words in [&line.words[..at], &line.words[at + 1..]] {
            let mut part = CommandLine::read(&line.program, words.to_vec(), line.grammar.clone());
            part.stdin.clone_from(&line.stdin);
            for reading in &part.readings {
                let call = Invocation { line: &part, reading, skip: 0 };
                all.extend(requests(walker, speech, call, shell));
            }
        }
        return all;
    }
    let mut request = Request { headers: values(call, &speech.headers), ..Request::default() };
    request.headers.extend(values(call, &speech.credentials).iter().map(|text| authorization(text)));
    let mut operands: Vec<String> = values(call, &speech.urls);
    let mut items = Vec::new();
    let mut method = speech.method.clone();
    if speech.items {
        if operands.first().is_some_and(|word| METHODS.contains(&word.to_uppercase().as_str())) {
            method = Some(operands.remove(0));
        }
        items = operands.split_off(operands.len().min(1));
        request.headers.extend(items.iter().filter_map(|item| item_header(item)));
    }
    if let Some(url) = &speech.url {
        operands = vec![url.clone()];
    }
    let mut given = bodies(walker, speech, call, shell);
    let from_items = item_body(walker, &items, shell);
    let has_items = !from_items.is_empty();
    given.extend(from_items);
    let in_query = speech.get.as_ref().is_some_and(|option| reading.has(option));
    for document in graphql(walker, speech, call, shell) {
        request.graphql.push(document);
    }
    let implied =
        speech.implies.iter().find(|(option, _)| reading.has(option)).map(|(_, method)| method.clone());
    let asked =
        speech.method_from.as_ref().and_then(|option| reading.values(option).last().map(str::to_owned));
    let overridden = request.headers.iter().find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.to_lowercase().contains("method-override").then(|| value.trim().to_owned())
    });
    let default = if in_query {
        "GET"
    } else if !request.graphql.is_empty() || has_items || !given.is_empty() {
        "POST"
    } else {
        "GET"
    };
    let implied = implied.filter(|_| !in_query);
    request.method =
        overridden.or(asked).or(method).or(implied).unwrap_or_else(|| default.to_owned()).to_uppercase();
    if in_query {
        request.query = given.join("&");
    } else if !given.is_empty() {
        request.body = Some(given.join("&"));
    }
    for url in operands {
        let mut own = request.clone();
        address(&mut own, &url, speech.base.as_deref());
        all.push(own);
    }
    all
}

/// Returns the header that a client makes of a name and a password.
fn authorization(credentials: &str) -> String {
    format!("Authorization: {credentials}")
}

fn values(call: Invocation<'_>, sources: &[String]) -> Vec<String> {
    let at = |source| call.reading.at(source, call.skip);
    sources.iter().flat_map(at).map(str::to_owned).collect()
}

fn bodies(walker: &mut Walker<'_>, speech: &HttpSpeech, call: Invocation<'_>, shell: &Shell) -> Vec<String> {
    let stdin = call.stdin();
    let mut all = Vec::new();
    for text in values(call, &speech.bodies) {
        match at_file(&text).filter(|_| speech.at_file) {
            Some((name, path)) => all.push(name + &content(walker, path, shell, stdin)),
            None => all.push(text),
        }
    }
    for path in values(call, &speech.body_files) {
        all.push(content(walker, &path, shell, stdin));
    }
    for field in values(call, &speech.fields) {
        match at_file(&field) {
            Some((name, path)) => all.push(name + &content(walker, path, shell, stdin)),
            None => all.push(field),
        }
    }
    if all.is_empty() && speech.stdin {
        all.extend(stdin.map(str::to_owned));
    }
    all
}

/// Splits `@file` and `name=@file`.
fn at_file(text: &str) -> Option<(String, &str)> {
    if let Some(path) = text.strip_prefix('@') {
        return Some((String::new(), path));
    }
    let content = || text.split_once("=<").filter(|(_, path)| !path.contains(['<', '>', ' ']));
    // `--data-urlencode name@file`, which in any other text is an address of mail.
    let named = || text.split_once('@').filter(|(_, path)| secrets::holds_keys(path));
    let (name, path) = text.split_once("=@").or_else(content).or_else(named)?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '[' | ']'));
    plain.then(|| (format!("{name}="), path))
}

fn content(walker: &mut Walker<'_>, path: &str, shell: &Shell, stdin: Option<&str>) -> String {
    if path == "-" {
        return stdin.map_or_else(|| UNKNOWN_WORDS.to_string(), str::to_owned);
    }
    match walker.files.read(path, &shell.site, walker.place) {
        Content::Text(text) => text,
        Content::Missing | Content::Directory | Content::Unknown(_) => UNKNOWN_WORDS.to_string(),
    }
}

fn graphql(walker: &mut Walker<'_>, speech: &HttpSpeech, call: Invocation<'_>, shell: &Shell) -> Vec<String> {
    let stdin = call.stdin();
    let mut all = values(call, &speech.graphql);
    for path in values(call, &speech.graphql_files) {
        all.push(content(walker, &path, shell, stdin));
    }
    if all.is_empty() && speech.graphql_stdin {
        all.extend(stdin.map(str::to_owned));
    }
    all
}

/// One of HTTPie's items that is a header: `Name:value`.
fn item_header(item: &str) -> Option<String> {
    let (name, value) = item.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_name && !value.starts_with('=')).then(|| format!("{name}: {value}"))
}

/// HTTPie's items: `name=value`, `name:=json`, `name=@file`; headers and query parts are left out.
fn item_body(walker: &mut Walker<'_>, items: &[String], shell: &Shell) -> Vec<String> {
    let mut fields = Vec::new();
    for item in items {
        // `http POST URL @body.json`
        if let Some(path) = item.strip_prefix('@') {
            return vec![content(walker, path, shell, None)];
        }
        if item.contains("==")
            || item.split_once(':').is_some_and(|(_, rest)| !rest.starts_with('=')) && !item.contains('=')
        {
            continue;
        }
        let Some((name, value)) = item.split_once(":=").or_else(|| item.split_once('=')) else { continue };
        let raw = item.contains(":=");
        let value = match value.strip_prefix('@') {
            Some(path) => content(walker, path, shell, None),
            None => value.to_owned(),
        };
        let value = if raw { value } else { serde_json::Value::String(value).to_string() };
        fields.push(format!("{}:{value}", serde_json::Value::String(name.to_owned())));
    }
    if fields.is_empty() { Vec::new() } else { vec![format!("{{{}}}", fields.join(","))] }
}

/// Reads `curl -K FILE`: one option a line, with or without dashes.
fn from_config(
    walker: &mut Walker<'_>,
    speech: &HttpSpeech,
    line: &CommandLine,
    path: &str,
    shell: &Shell,
) -> Vec<Request> {
    let text = content(walker, path, shell, line.stdin.as_deref());
    let mut words = Vec::new();
    for setting in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let end = setting.find(|c: char| c.is_whitespace() || c == '=' || c == ':').unwrap_or(setting.len());
        let (name, value) = setting.split_at(end);
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '=' || c == ':').trim();
        let dashes = if name.starts_with('-') {
            ""
        } else if name.len() == 1 {
            "-"
        } else {
            "--"
        };
        words.push(format!("{dashes}{name}"));
        if !value.is_empty() {
            let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            words.push(unquoted.map_or_else(|| value.to_owned(), |v| v.replace("\\\"", "\"")));
        }
    }
    let mut own: Vec<String> = words;
    own.extend(
        line.words.iter().filter(|word| *word != path && !speech.config_files.contains(word)).cloned(),
    );
    let mut config = CommandLine::read(&line.program, own, line.grammar.clone());
    config.stdin.clone_from(&line.stdin);
    let Some(reading) = config.readings.first() else { return Vec::new() };
    let plain = HttpSpeech { config_files: Vec::new(), ..speech.clone() };
    requests(walker, &plain, Invocation { line: &config, reading, skip: 0 }, shell)
}

/// Takes an address apart.
pub(super) fn address(request: &mut Request, url: &str, base: Option<&str>) {
    let whole = match base {
        Some(base) if !url.contains("://") => {
            format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/'))
        }
        _ => url.to_owned(),
    };
    let rest = whole.split_once("://").map_or(whole.as_str(), |(_, rest)| rest);
    let cut = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(cut);
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if !user.is_empty() {
        request.headers.push(authorization(user));
    }
    let host = if host.starts_with('[') {
        host.split(']').next().unwrap_or(host)
    } else {
        host.split(':').next().unwrap_or(host)
    };
    request.host = host.to_lowercase();
    // `$API/v1/x`: the unknown may hold the host and a part of the path.
    if authority.chars().any(is_mark) && !authority.contains('.') && !whole.contains("://") {
        request.host = UNKNOWN.to_string();
    }
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = if path.is_empty() { "/" } else { path };
    // `projects/acme%2Fapp` is one segment.
    let segments: Vec<String> =
        path.split('/').map(|segment| body::percent_decode(segment).replace('/', "%2F")).collect();
    request.path = normal_path(&segments.join("/"));
    if !query.is_empty() {
        let more = body::percent_decode(query);
        request.query = if request.query.is_empty() { more } else { format!("{more}&{}", request.query) };
    }
}

/// Removes `.`, `..` and doubled slashes, as clients and servers do.
fn normal_path(path: &str) -> String {
    if !path.contains("//") && !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    format!("/{}{}", kept.join("/"), if path.ends_with('/') && !kept.is_empty() { "/" } else { "" })
}

/// Makes a request of one found in inline code.
pub(super) fn from_code(found: &CodeRequest) -> Request {
    let mut request = Request { body: found.body.clone(), ..Request::default() };
    let usual = if found.body.is_some() { "POST" } else { "GET" };
    request.method = found.method.clone().unwrap_or_else(|| usual.to_owned());
    if is_known(&request.method) {
        request.method = request.method.to_uppercase();
    }
    address(&mut request, &found.url, None);
    request
}
