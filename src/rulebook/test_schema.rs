//! `rules/schema.json`, which gives editors completion, made from the source of the format itself.
//!
//! Doc comments become descriptions. The test fails when the file is not what the format says;
//! `GUARD_WRITE_SCHEMA=1 cargo test schema` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Map, Value, json};

const FORMATS: [&str; 4] = [
    include_str!("format.rs"),
    include_str!("targets.rs"),
    include_str!("tasks.rs"),
    include_str!("path_kind.rs"),
];
/// Where the type of patterns is, which reads itself from text.
const PATTERN: &str = include_str!("pattern.rs");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/schema.json");

/// Returns the schema of a pack.
fn schema() -> Value {
    let mut types = types();
    types.insert("Pattern".to_owned(), described(json!({ "type": "string" }), &documentation(PATTERN)));
    let mut root = types.remove("Pack").unwrap();
    let extra = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule pack of guard",
        "$defs": types,
    });
    root.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    root
}

/// Reads the types of the format: one item a line, as rustfmt leaves them.
fn types() -> Map<String, Value> {
    let mut types = Map::new();
    let mut description = String::new();
    let mut attributes = String::new();
    let mut open: Option<Item> = None;
    // What the types can do is no part of the format.
    let format = FORMATS.map(|format| format.split("\nimpl ").next().unwrap()).join("\n");
    for line in format.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("///") {
            description = format!("{description}{comment}");
            continue;
        } else if line.starts_with("#[") {
            attributes += line;
            continue;
        } else if let Some(name) = line.strip_suffix('{').and_then(|line| line.strip_prefix("pub ")) {
            let name = name.trim().trim_start_matches("struct ").trim_start_matches("enum ");
            open = Some(Item::new(name, &description, &attributes));
        } else if let Some(alias) = line.strip_prefix("pub type ") {
            let (name, of) = alias.trim_end_matches(';').split_once(" = ").unwrap();
            types.insert(name.to_owned(), described(of_type(of, ""), &description));
        } else if line == "}" {
            let item = open.take().unwrap();
            types.insert(item.name.clone(), item.finish());
        } else if let Some(item) = &mut open {
            item.line(line, &description, &attributes);
        }
        description.clear();
        attributes.clear();
    }
    types
}

/// Returns the first doc comment of a source file.
fn documentation(source: &str) -> String {
    let comments = source.lines().skip_while(|line| !line.starts_with("///"));
    comments.map_while(|line| line.strip_prefix("///")).collect()
}

/// A struct or enum that is being read.
struct Item {
    name: String,
    description: String,
    all_optional: bool,
    kebab: bool,
    properties: Map<String, Value>,
    required: Vec<String>,
    variants: Vec<Value>,
}

impl Item {
    fn new(name: &str, description: &str, attributes: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.trim().to_owned(),
            all_optional: attributes.contains("deny_unknown_fields, default"),
            kebab: attributes.contains("kebab-case"),
            properties: Map::new(),
            required: Vec::new(),
            variants: Vec::new(),
        }
    }

    fn line(&mut self, line: &str, description: &str, attributes: &str) {
        let Some(line) = line.strip_suffix(',') else { return };
        match line.strip_prefix("pub ").and_then(|field| field.split_once(": ")) {
            Some((name, of)) => {
                if !self.all_optional && !attributes.contains("default") {
                    self.required.push(name.to_owned());
                }
                self.properties.insert(name.to_owned(), described(of_type(of, attributes), description));
            }
            None => {
                let word = if self.kebab { kebab(line) } else { line.to_lowercase() };
                self.variants.push(described(json!({ "const": word }), description));
            }
        }
    }

    fn finish(self) -> Value {
        if !self.variants.is_empty() {
            return described(json!({ "oneOf": self.variants }), &self.description);
        }
        let value = json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        });
        described(value, &self.description)
    }
}

fn kebab(name: &str) -> String {
    let mut word = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(character.to_lowercase());
    }
    word
}

/// Returns `schema` with a description beside it.
fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.trim().into();
    schema
}

/// Returns the schema of a Rust type, with the short forms that its attributes allow.
fn of_type(of: &str, attributes: &str) -> Value {
    let inside =
        |name: &str| of.strip_prefix(name).and_then(|rest| rest.strip_prefix('<')?.strip_suffix('>'));
    if let Some(inner) = inside("Option") {
        let long = of_type(inner, "");
        return match attributes {
            _ if attributes.contains("forms::runs") => json!({ "anyOf": [{ "const": "operands" }, long] }),
            _ if attributes.contains("_clause") => {
                json!({ "anyOf": [one_or_many(&json!({ "type": "string" })), long] })
            }
            _ => long,
        };
    }
    // How it is kept is not seen in the file.
    if let Some(inner) = inside("Box").or_else(|| inside("Packed")) {
        return of_type(inner, attributes);
    }
    if let Some(inner) = inside("Vec") {
        let item = of_type(inner, "");
        let short = attributes.contains("one_or_many");
        return if short { one_or_many(&item) } else { json!({ "type": "array", "items": item }) };
    }
    if let Some(inner) = inside("BTreeMap") {
        let (_, value) = inner.split_once(", ").unwrap();
        let attributes = if attributes.contains("forms::") { "one_or_many" } else { "" };
        return json!({ "type": "object", "additionalProperties": of_type(value, attributes) });
    }
    match of {
        // Subcommands remember what they were asked.
        "Commands" => of_type("BTreeMap<String, Packed<Subcommand>>", ""),
        "String" | "Glob" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "u8" => json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
        "char" => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        name => json!({ "$ref": format!("#/$defs/{name}") }),
    }
}

fn one_or_many(item: &Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "items": item }] })
}

/// Says where `value` does not fit `schema`; knows as much of JSON Schema as is used above.
fn misfit(value: &Value, schema: &Value, root: &Value, at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target =
            root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} is not defined"));
        return misfit(value, target, root, at);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[key].as_array() {
            let misfits: Vec<_> =
                choices.iter().filter_map(|choice| misfit(value, choice, root, at)).collect();
            return if misfits.len() < choices.len() { None } else { misfits.into_iter().next_back() };
        }
    }
    if let Some(word) = schema.get("const") {
        return (value != word).then(|| format!("{at}: {value} is not {word}"));
    }
    let fits = match schema["type"].as_str().unwrap() {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    if !fits {
        return Some(format!("{at}: {value} is not of type {}", schema["type"]));
    }
    let items = value.as_array().into_iter().flatten().enumerate();
    let in_items =
        items.filter_map(|(index, item)| misfit(item, &schema["items"], root, &format!("{at}/{index}")));
    let members = value.as_object().into_iter().flatten();
    let in_members = members.filter_map(|(key, member)| {
        let at = format!("{at}/{key}");
        let of_key = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
        if of_key.is_object() {
            misfit(member, of_key, root, &at)
        } else {
            Some(format!("{at}: unknown key"))
        }
    });
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required.filter(|key| value.get(key.as_str().unwrap()).is_none());
    in_items.chain(in_members).chain(missing.map(|key| format!("{at}: {key} is missing"))).next()
}

#[test]
fn the_schema_is_what_the_format_says() {
    let made = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("GUARD_WRITE_SCHEMA").is_some() {
        std::fs::write(FILE, &made).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(kept == made, "rules/schema.json is stale: GUARD_WRITE_SCHEMA=1 cargo test schema");
}

#[test]
fn every_pack_fits_the_schema() {
    let schema = schema();
    let mut packs = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let value: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(misfit(&value, &schema, &schema, &path.display().to_string()), None);
            packs += 1;
        }
    }
    assert!(packs > 0);
}

#[test]
fn what_the_format_refuses_does_not_fit() {
    let schema = schema();
    let check = |pack: Value| misfit(&pack, &schema, &schema, "");
    assert_eq!(check(json!({"pack": "x", "title": "X"})), None);
    assert!(check(json!({"pack": "x"})).is_some());
    assert!(check(json!({"pack": "x", "title": "X", "rule": []})).is_some());
    assert!(check(json!({"pack": "x", "title": "X", "programs": {"a": {"style": "posix"}}})).is_some());
    assert!(check(json!({"pack": "x", "title": "X", "programs": {"a": {"runs": "operand"}}})).is_some());
    assert!(
        check(json!({"pack": "x", "title": "X", "programs": {"a": {"runs": "operands", "also": "b"}}}))
            .is_none()
    );
}
