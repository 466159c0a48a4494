//! GraphQL documents, read down to the root fields of the operations that would run.
//!
//! Aliases and fragments are seen through, comments, strings and the names of operations are not
//! taken for fields. A document that is broken, because a template or an unknown stretch stands in
//! it, is read as far as it can be, and then once more name by name, so that a mutation does not
//! hide behind what is wrong before it. Reading never fails.

mod scan;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use apollo_parser::Parser;
use apollo_parser::cst::{self, CstNode};
use serde_json::{Map, Value};

use crate::unknown::{self, UNKNOWN};

/// A GraphQL document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The operations, in their order.
    pub operations: Vec<Operation>,
    /// Whether the document breaks the grammar, so that fields may be guesses.
    pub broken: bool,
    /// Whether it is not known what the document does at all.
    pub unknown: bool,
}

/// An operation and what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What kind it is.
    pub kind: OperationKind,
    /// Its name, which says nothing about what it does.
    pub name: Option<String>,
    /// Its root fields, those of fragments among them.
    pub fields: Vec<Field>,
}

/// What an operation may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It reads.
    Query,
    /// It may change things.
    Mutation,
    /// It listens.
    Subscription,
    /// A template or an unknown stretch stands where the kind would; it could be a mutation.
    Unknown,
}

/// A root field: to a server, a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// Its name in the schema, whatever its alias; may contain marks.
    pub name: String,
    /// Its arguments, in their order.
    pub arguments: Vec<Argument>,
}

/// An argument of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value as it was written.
    pub source: String,
    /// Its value as far as it is written out; a mark stands for each variable in it. Values of an
    /// enumeration are strings.
    pub literal: Option<Value>,
    /// The variable that is its value, without the `$`.
    pub variable: Option<String>,
}

/// Reads a document.
pub fn read(document: &str) -> Document {
    if !document.is_empty()
        && document.trim_matches(|c: char| c.is_whitespace() || unknown::is_mark(c)).is_empty()
    {
        return Document { unknown: !unknown::is_known(document), ..Document::default() };
    }
    let quoted = scan::quote_marks(document);
    // The limits bound the depth of the tree and the time; past them the document counts as broken.
    let tree = Parser::new(&quoted).recursion_limit(64).token_limit(20_000).parse();
    let broken = tree.errors().len() > 0;
    let mut operations = operations(&tree.document());
    if broken {
        scan::complete(document, &mut operations);
    }
    Document { operations, broken, unknown: false }
}

impl Document {
    /// Returns the operations that would run: the one of that name, or all if none has it.
    pub fn executed(&self, operation_name: Option<&str>) -> Vec<&Operation> {
        let named =
            |operation: &&Operation| operation_name.is_some() && operation.name.as_deref() == operation_name;
        let found: Vec<_> = self.operations.iter().filter(named).collect();
        // Of a broken document the names may be wrong, too.
        if found.is_empty() || self.broken { self.operations.iter().collect() } else { found }
    }
}

impl Operation {
    /// Returns whether the operation can change anything.
    pub fn may_change(&self) -> bool {
        matches!(self.kind, OperationKind::Mutation | OperationKind::Unknown)
    }
}

impl Field {
    /// Returns the argument of that name.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

impl Argument {
    /// Returns the value that is sent, given the variables of the request.
    ///
    /// A variable that is not among them is a mark, since the operation may have a default for it.
    pub fn value(&self, variables: &Value) -> Value {
        match (&self.variable, &self.literal) {
            (Some(variable), _) => variables.get(variable).cloned().unwrap_or_else(mark),
            (None, Some(literal)) => literal.clone(),
            (None, None) => mark(),
        }
    }
}

fn mark() -> Value {
    Value::String(UNKNOWN.to_string())
}

fn operations(document: &cst::Document) -> Vec<Operation> {
    let mut fragments = HashMap::new();
    let mut found = Vec::new();
    for definition in document.definitions() {
        match definition {
            cst::Definition::FragmentDefinition(fragment) => {
                let name = fragment.fragment_name().and_then(|name| name.name());
                if let (Some(name), Some(set)) = (name, fragment.selection_set()) {
                    fragments.insert(name.text().to_string(), set);
                }
            }
            cst::Definition::OperationDefinition(operation) => found.push(operation),
            _ => {}
        }
    }
    let read = |operation: &cst::OperationDefinition| {
        let mut fields = RootFields { fragments: &fragments, seen: HashSet::new(), found: Vec::new() };
        operation.selection_set().into_iter().for_each(|set| fields.collect(&set));
        Operation {
            kind: kind(operation.operation_type()),
            name: operation.name().map(|name| name.text().to_string()),
            fields: fields.found,
        }
    };
    found.iter().map(read).collect()
}

fn kind(written: Option<cst::OperationType>) -> OperationKind {
    match written {
        Some(kind) if kind.mutation_token().is_some() => OperationKind::Mutation,
        Some(kind) if kind.subscription_token().is_some() => OperationKind::Subscription,
        _ => OperationKind::Query,
    }
}

/// Collects the root fields of one operation.
struct RootFields<'a> {
    fragments: &'a HashMap<String, cst::SelectionSet>,
    /// Fragments that were followed: once is enough, and they may be circular.
    seen: HashSet<String>,
    found: Vec<Field>,
}

impl RootFields<'_> {
    fn collect(&mut self, set: &cst::SelectionSet) {
        for selection in set.selections() {
            match selection {
                cst::Selection::Field(field) => self.found.extend(self::field(&field)),
                // The parser's limit on depth bounds this.
                cst::Selection::InlineFragment(fragment) => {
                    fragment.selection_set().into_iter().for_each(|set| self.collect(&set));
                }
                cst::Selection::FragmentSpread(spread) => {
                    let name = spread
                        .fragment_name()
                        .and_then(|name| name.name())
                        .map(|name| name.text().to_string());
                    if let Some(name) = name
                        && let Some(set) = self.fragments.get(&name)
                        && self.seen.insert(name)
                    {
                        self.collect(set);
                    }
                }
            }
        }
    }
}

fn field(field: &cst::Field) -> Option<Field> {
    let name = field.name()?.text().to_string();
    let arguments = field.arguments().into_iter().flat_map(|arguments| arguments.arguments());
    Some(Field { name, arguments: arguments.filter_map(|argument| self::argument(&argument)).collect() })
}

fn argument(argument: &cst::Argument) -> Option<Argument> {
    let name = argument.name()?.text().to_string();
    let value = argument.value()?;
    let variable = match &value {
        cst::Value::Variable(variable) => variable.name().map(|name| name.text().to_string()),
        _ => None,
    };
    let literal = if variable.is_none() { Some(literal(&value)) } else { None };
    Some(Argument { name, source: value.source_string().trim().to_owned(), literal, variable })
}

fn literal(value: &cst::Value) -> Value {
    match value {
        cst::Value::Variable(_) => mark(),
        cst::Value::NullValue(_) => Value::Null,
        cst::Value::BooleanValue(value) => Value::Bool(value.true_token().is_some()),
        cst::Value::StringValue(value) => Value::String(scan::string(value.source_string().trim())),
        cst::Value::EnumValue(value) => Value::String(value.source_string().trim().to_owned()),
        cst::Value::IntValue(_) | cst::Value::FloatValue(_) => {
            let written = value.source_string();
            serde_json::from_str(written.trim()).unwrap_or_else(|_| Value::String(written.trim().to_owned()))
        }
        cst::Value::ListValue(list) => list.values().map(|value| literal(&value)).collect(),
        cst::Value::ObjectValue(object) => {
            let entry = |field: cst::ObjectField| {
                Some((
                    field.name()?.text().to_string(),
                    field.value().map_or(Value::Null, |value| literal(&value)),
                ))
            };
            Value::Object(object.object_fields().filter_map(entry).collect::<Map<_, _>>())
        }
    }
}
