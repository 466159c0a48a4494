//! The newest backup that a tool reports.
//!
//! | says | tool | source |
//! |---|---|---|
//! | `[{"time": …, "short_id": …}]` | `restic snapshots --json` | <https://restic.readthedocs.io/en/stable/075_scripting.html> |
//! | `[{"backup": [{"timestamp": {"stop": …}}], "name": …}]` | `pgbackrest info --output=json` | <https://pgbackrest.org/command.html#command-info> |
//! | `{"archives": [{"time": …, "archive": …}]}` | `borg list --json` | <https://borgbackup.readthedocs.io/en/stable/internals/frontends.html> |
//! | `{"DBSnapshots": [{"SnapshotCreateTime": …, "Status": "available"}]}` | `aws rds describe-db-snapshots` | <https://docs.aws.amazon.com/cli/latest/reference/rds/describe-db-snapshots.html> |
//! | `{"items": [{"kind": "Backup", "status": {…}}]}` | `velero backup get -o json` | <https://velero.io/docs/main/api-types/backup/> |
//! | `{"time": …, "elsewhere": true}` or a time | anything | |
//!
//! Backups that are not finished, or failed, do not count.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// When it was made.
    pub time: SystemTime,
    /// What it is called.
    pub name: String,
    /// Where it lies, as far as the tool says: whether it is elsewhere than the data.
    pub elsewhere: Option<bool>,
}

/// Returns the newest finished backup in what a tool said; with `elsewhere`, of those that may lie
/// elsewhere.
///
/// # Errors
///
/// Returns why there is none, as a lower-case fragment.
pub fn newest(said: &[u8], elsewhere: bool) -> Result<Found, String> {
    let text = std::str::from_utf8(said).map_err(|_| "what the command says is no text")?.trim();
    let all = match serde_json::from_str::<Value>(text) {
        Ok(value) => of_json(&value).ok_or("what the command says is not known to guard")?,
        Err(_) => vec![plain(text).ok_or("what the command says is neither JSON nor a time")?],
    };
    let known = all.len();
    let counts = |found: &Found| !elsewhere || found.elsewhere != Some(false);
    let newest = all.into_iter().filter(counts).max_by_key(|found| found.time);
    newest.ok_or_else(|| match known {
        0 => "there is none".to_owned(),
        _ => "there is none that would outlive what it is a backup of".to_owned(),
    })
}

fn plain(text: &str) -> Option<Found> {
    Some(Found { time: time(text.lines().last()?.trim())?, name: String::new(), elsewhere: None })
}

fn of_json(value: &Value) -> Option<Vec<Found>> {
    let list = |value: &Value, read: fn(&Value) -> Option<Found>| {
        value.as_array().map(|items| items.iter().filter_map(read).collect())
    };
    match value {
        Value::Array(items) if items.iter().any(|item| item["backup"].is_array()) => {
            let backups = items.iter().filter_map(|stanza| stanza["backup"].as_array()).flatten();
            Some(backups.filter_map(of_pgbackrest).collect())
        }
        Value::Array(_) => list(value, of_restic),
        Value::Number(_) | Value::String(_) => Some(vec![found(value, "", None)?]),
        Value::Object(fields) if fields.contains_key("archives") => list(&value["archives"], of_borg),
        Value::Object(fields) if fields.contains_key("DBSnapshots") => list(&value["DBSnapshots"], of_rds),
        Value::Object(fields) if fields.contains_key("DBClusterSnapshots") => {
            list(&value["DBClusterSnapshots"], of_rds)
        }
        Value::Object(fields) if fields.contains_key("items") => list(&value["items"], of_velero),
        Value::Object(fields) if fields.get("kind").is_some_and(|kind| kind == "Backup") => {
            Some(of_velero(value).into_iter().collect())
        }
        Value::Object(fields) if fields.contains_key("time") => {
            Some(vec![found(&value["time"], "", value["elsewhere"].as_bool())?])
        }
        _ => None,
    }
}

fn found(at: &Value, name: &str, elsewhere: Option<bool>) -> Option<Found> {
    let time = match at {
        Value::String(text) => time(text)?,
        Value::Number(seconds) => UNIX_EPOCH + Duration::from_secs(seconds.as_u64()?),
        _ => return None,
    };
    Some(Found { time, name: name.to_owned(), elsewhere })
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn of_restic(snapshot: &Value) -> Option<Found> {
    found(&snapshot["time"], text(snapshot, "short_id"), None)
}

fn of_pgbackrest(backup: &Value) -> Option<Found> {
    let failed = backup["error"].as_bool().unwrap_or(false);
    if failed { None } else { found(&backup["timestamp"]["stop"], text(backup, "label"), None) }
}

fn of_borg(archive: &Value) -> Option<Found> {
    // An archive that is being written is called `….checkpoint`.
    let name = text(archive, "name");
    if name.ends_with(".checkpoint") { None } else { found(&archive["time"], name, None) }
}

/// Automated snapshots go with the instance unless somebody chose to retain them when it is deleted.
fn of_rds(snapshot: &Value) -> Option<Found> {
    let name =
        ["DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"].into_iter().map(|key| text(snapshot, key));
    let outlives = text(snapshot, "SnapshotType") != "automated";
    let is_done = text(snapshot, "Status") == "available";
    let name = name.max_by_key(|name| name.len()).unwrap_or_default();
    if is_done { found(&snapshot["SnapshotCreateTime"], name, Some(outlives)) } else { None }
}

fn of_velero(backup: &Value) -> Option<Found> {
    let is_done = backup["status"]["phase"].as_str() == Some("Completed");
    let name = text(&backup["metadata"], "name");
    if is_done { found(&backup["status"]["completionTimestamp"], name, None) } else { None }
}

/// Reads a time: RFC 3339, the same without a zone (taken for UTC), `2026-11-22 08:12`, or seconds since
/// 1970.
pub fn time(text: &str) -> Option<SystemTime> {
    if let Ok(seconds) = text.parse::<u64>() {
        return UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    }
    let (day, rest) = text.split_at_checked(10)?;
    let mut parts = day.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = rest.strip_prefix(['T', 't', ' ']).unwrap_or(rest);
    let (clock, zone) = match rest.rfind(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let mut seconds = days(year, month, day) * 86_400;
    for (part, factor) in clock.split(':').zip([3600, 60, 1]) {
        let whole = part.split('.').next().unwrap_or_default();
        if !whole.is_empty() {
            seconds += whole.parse::<u32>().ok().map(i64::from)? * factor;
        }
    }
    if let Some((sign, offset)) = zone.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-")) {
        let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
        let (hours, minutes) = digits.split_at_checked(2)?;
        let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i64>().ok()? };
        let offset = hours.parse::<i64>().ok()? * 3600 + minutes * 60;
        seconds += if sign == "+" { -offset } else { offset };
    }
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Returns the days from 1970 to a Gregorian date; years are counted from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = year / 400;
    let of_era = year - era * 400;
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> u64 {
        time(text).map_or(0, |time| time.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn times_are_read_as_tools_write_them() {
        assert_eq!(at("1970-01-02T00:00:00Z"), 86_400);
        assert_eq!(at("2026-11-22T08:12:03.123456789+01:00"), at("2026-11-22T07:12:03Z"));
        assert_eq!(at("2026-11-22T08:12:03-0230"), at("2026-11-22T10:42:03Z"));
        assert_eq!(at("2026-11-22T08:12:03.000000"), at("2026-11-22 08:12:03"));
        assert_eq!(at("2024-02-29"), at("2024-03-01") - 86_400);
        assert_eq!(at("1795336323"), 1_795_336_323);
        for wrong in ["", "yesterday", "2026-13-01", "2026-11-2x", "-5", "2026-11-22Tnoon", "2026-11-22+"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    /// Says what is newest, as `NAME TIME`.
    fn check(said: &str, elsewhere: bool, expect: Result<(&str, &str), &str>) {
        let found = newest(said.as_bytes(), elsewhere).map(|found| (found.name, found.time));
        let expect = expect.map(|(name, at)| (name.to_owned(), time(at).unwrap()));
        assert_eq!(found, expect.map_err(str::to_owned), "{said}");
    }

    #[test]
    fn each_tool_is_read_in_its_own_words() {
        // Shortened from the tools' documentation; restic, borg and pgbackrest are run in tests/it/backups.rs.
        let rds = r#"{"DBSnapshots": [
            {"DBSnapshotIdentifier": "rds:shop-2026-11-22-06-04", "SnapshotCreateTime": "2026-11-22T06:04:26.735Z",
             "Status": "available", "SnapshotType": "automated", "DBInstanceIdentifier": "shop"},
            {"DBSnapshotIdentifier": "mydbsnapshot", "SnapshotCreateTime": "2026-11-20T22:28:08.598000+00:00",
             "Status": "available", "SnapshotType": "manual", "DBInstanceIdentifier": "shop"},
            {"DBSnapshotIdentifier": "new", "Status": "creating", "SnapshotType": "manual"}]}"#;
        check(rds, false, Ok(("rds:shop-2026-11-22-06-04", "2026-11-22T06:04:26Z")));
        // What goes with the instance is no backup elsewhere.
        check(rds, true, Ok(("mydbsnapshot", "2026-11-20T22:28:08Z")));
        let automated = r#"{"DBSnapshots": [{"DBSnapshotIdentifier": "rds:a", "SnapshotType": "automated",
            "SnapshotCreateTime": "2026-11-22T06:04:26Z", "Status": "available"}]}"#;
        check(automated, true, Err("there is none that would outlive what it is a backup of"));
        let velero = r#"{"kind": "BackupList", "items": [
            {"kind": "Backup", "metadata": {"name": "failed"},
             "status": {"phase": "PartiallyFailed", "completionTimestamp": "2026-11-22T07:00:00Z"}},
            {"kind": "Backup", "metadata": {"name": "nightly"},
             "status": {"phase": "Completed", "completionTimestamp": "2026-11-22T02:00:31Z"}}]}"#;
        check(velero, true, Ok(("nightly", "2026-11-22T02:00:31Z")));
        // As pgBackRest 2.45 said it, without what is not read.
        let pgbackrest = r#"[{"archive": [{"id": "15-1"}], "backup": [
            {"error": false, "label": "20261122-091407F", "timestamp": {"start": 1795338847, "stop": 1795338858},
             "type": "full"},
            {"error": true, "label": "20261122-100000I", "timestamp": {"start": 1795341600, "stop": 1795341605}}],
            "cipher": "none", "name": "main", "status": {"code": 0, "message": "ok"}}]"#;
        check(pgbackrest, true, Ok(("20261122-091407F", "1795338858")));
        check("2026-11-22T02:00:31Z\n", true, Ok(("", "2026-11-22T02:00:31Z")));
        check(
            r#"{"time": 1795336323, "elsewhere": false}"#,
            true,
            Err("there is none that would outlive what it is a backup of"),
        );
        check(r#"{"time": 1795336323}"#, true, Ok(("", "1795336323")));
        check("[]", false, Err("there is none"));
        check(r#"{"error": "denied"}"#, false, Err("what the command says is not known to guard"));
        check("no such host", false, Err("what the command says is neither JSON nor a time"));
    }
}
