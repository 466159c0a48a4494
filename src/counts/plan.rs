//! The resources in a saved plan of Terraform or OpenTofu.
//!
//! A plan is a ZIP archive whose entry `tfplan` is a message of protocol buffers
//! (<https://github.com/hashicorp/terraform/blob/main/internal/plans/planproto/planfile.proto>). Of that only
//! the addresses and what is done to them are read. Terraform itself is not asked: to show a plan it starts
//! the programs that the directory names as its providers.

use std::path::Path;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::matcher::Finding;
use crate::place::Place;
use crate::resolve::action::{Action, Effect};
use crate::text::{first_few, so_many};
use crate::unknown::is_known;

/// A larger plan is not read, packed or unpacked, in bytes.
const MOST_PACKED: usize = 8 << 20;
const MOST: usize = 32 << 20;

/// How many resources are named.
const NAMED: usize = 3;

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Destroyed,
    Replaced,
    Changed,
    Created,
}

/// Returns how many resources the plan that a command applies would change, and how.
pub(super) fn resources(finding: &Finding, action: &Action, place: &Place<'_>) -> Option<String> {
    let Effect::Run(line) = &action.effect else { return None };
    let file = finding.captures.get("operand.1").filter(|file| is_known(file))?;
    let is_plan = finding.rule.id() == "terraform/apply-plan";
    let path = is_plan.then(|| super::directory(line, &action.site))??.join(file);
    summary(&changes(&path, place)?)
}

/// Reads the changes of a plan.
fn changes(path: &Path, place: &Place<'_>) -> Option<Vec<(String, Change)>> {
    let (archive, is_whole) = place.world.read(path, MOST_PACKED).ok()?;
    let plan = is_whole.then(|| entry(&archive, b"tfplan"))??;
    let mut changes = Vec::new();
    for field in Fields(&plan) {
        // resource_changes
        if let (3, Value::Bytes(resource)) = field? {
            changes.extend(change(resource)?);
        }
    }
    Some(changes)
}

/// Reads a change: the address and what is done; `None` in it where nothing is.
fn change(resource: &[u8]) -> Option<Option<(String, Change)>> {
    let (mut address, mut act) = (String::new(), 0);
    for field in Fields(resource) {
        match field? {
            (13, Value::Bytes(bytes)) => address = String::from_utf8_lossy(bytes).into_owned(),
            (9, Value::Bytes(change)) => {
                for field in Fields(change) {
                    if let (1, Value::Number(number)) = field? {
                        act = number;
                    }
                }
            }
            _ => {}
        }
    }
    Some(match act {
        1 => Some((address, Change::Created)),
        3 => Some((address, Change::Changed)),
        5 => Some((address, Change::Destroyed)),
        6 | 7 => Some((address, Change::Replaced)),
        _ => None,
    })
}

/// Returns it as a person reads it: `4 resources in the plan: 2 destroyed (a, b), 1 replaced (c), 1 created`.
fn summary(changes: &[(String, Change)]) -> Option<String> {
    let of = |wanted: Change, word: &str, is_named: bool| {
        let names: Vec<&str> =
            changes.iter().filter(|(_, change)| *change == wanted).map(|(name, _)| name.as_str()).collect();
        let shown = if is_named { format!(" ({})", first_few(&names, NAMED)) } else { String::new() };
        (!names.is_empty()).then(|| format!("{} {word}{shown}", names.len()))
    };
    let parts = [
        of(Change::Destroyed, "destroyed", true),
        of(Change::Replaced, "replaced", true),
        of(Change::Changed, "changed", false),
        of(Change::Created, "created", false),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let count = so_many(changes.len() as u64, "resource");
    (!parts.is_empty()).then(|| format!("{count} in the plan: {}", parts.join(", ")))
}

/// Returns an entry of a ZIP archive.
fn entry(archive: &[u8], wanted: &[u8]) -> Option<Vec<u8>> {
    let short = |at: usize| Some(u16::from_le_bytes(archive.get(at..at + 2)?.try_into().ok()?).into());
    let long =
        |at: usize| usize::try_from(u32::from_le_bytes(archive.get(at..at + 4)?.try_into().ok()?)).ok();
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, mut at): (usize, _) = (short(end + 10)?, long(end + 16)?);
    for _ in 0..count {
        let (name, extra, comment): (usize, usize, usize) =
            (short(at + 28)?, short(at + 30)?, short(at + 32)?);
        if archive.get(at + 46..at + 46 + name)? == wanted {
            let (method, packed, local): (usize, _, _) = (short(at + 10)?, long(at + 20)?, long(at + 42)?);
            let (name, extra): (usize, usize) = (short(local + 26)?, short(local + 28)?);
            let start = local + 30 + name + extra;
            let bytes = archive.get(start..start.checked_add(packed)?)?;
            return match method {
                0 => Some(bytes.to_vec()),
                8 => decompress_to_vec_with_limit(bytes, MOST).ok(),
                _ => None,
            };
        }
        at += 46 + name + extra + comment;
    }
    None
}

/// The fields of a message; one that cannot be read is `None`, and the last.
struct Fields<'b>(&'b [u8]);

/// What a field holds.
enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    /// Of no interest here.
    Fixed,
}

impl<'b> Iterator for Fields<'b> {
    type Item = Option<(u64, Value<'b>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'b> Fields<'b> {
    fn field(&mut self) -> Option<(u64, Value<'b>)> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => self.bytes(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
pub(super) mod tests;
