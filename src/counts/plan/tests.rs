#![allow(clippy::unwrap_used)]

use super::*;
use crate::proposal::Environment;
use crate::test_process::Scratch;
use crate::world::Machine;
use proptest::prelude::*;
use std::process::Command;

fn read(path: &Path) -> Option<String> {
    let place = Place::new("/".into(), Environment::default(), &Machine);
    summary(&changes(path, &place)?)
}

/// Runs a program in a directory; returns whether it could do its work.
fn works(scratch: &Scratch, words: &[&str]) -> bool {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(scratch.path("")).env("CHECKPOINT_DISABLE", "1");
    command.output().is_ok_and(|output| output.status.success())
}

/// A message with one change after another, and what a reader has no use for.
fn message(changes: &[(&str, u8)]) -> Vec<u8> {
    let bytes = |field: u8, content: &[u8]| {
        [&[field << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
    };
    let resource = |(name, act): &(&str, u8)| {
        // Address, provider, change: its act and a value.
        let change = [vec![1 << 3, *act], bytes(2, b"\x0a\x01\xc0")].concat();
        bytes(3, &[bytes(13, name.as_bytes()), bytes(8, b"aws"), bytes(9, &change)].concat())
    };
    [vec![1 << 3, 3], bytes(14, b"1.9.0"), changes.iter().flat_map(resource).collect()].concat()
}

/// Writes a plan as Terraform packs it: by `method`, with another entry before it.
pub(in crate::counts) fn plan(scratch: &Scratch, name: &str, method: &str, changes: &[(&str, u8)]) {
    const PACK: &str = "import sys, zipfile as z; f = z.ZipFile(sys.argv[1], 'w', int(sys.argv[2])); \
                        f.writestr('tfstate', '{}'); f.write('tfplan'); f.close()";
    std::fs::write(scratch.path("tfplan"), message(changes)).unwrap();
    assert!(works(scratch, &["python3", "-c", PACK, name, method]), "python3 does not work");
}

#[test]
fn a_plan_is_read_as_terraform_packs_it() {
    let scratch = Scratch::new();
    let changes =
        [("a", 5), ("b", 5), ("c", 5), ("d", 5), ("e", 6), ("f", 7), ("g", 3), ("h", 1), ("i", 0), ("j", 2)];
    for (name, method) in [("stored", "0"), ("packed", "8")] {
        plan(&scratch, name, method, &changes);
        let told =
            "8 resources in the plan: 4 destroyed (a, b, c, …), 2 replaced (e, f), 1 changed, 1 created";
        assert_eq!(read(&scratch.path(name)).as_deref(), Some(told), "{name}");
    }
    for name in ["tfplan", "missing"] {
        assert_eq!(read(&scratch.path(name)), None, "{name}");
    }
}

#[test]
fn a_plan_that_terraform_wrote_is_read() {
    let scratch = Scratch::new();
    // Its own resources need no provider from the network.
    let write = |names: &[&str], value: &str| {
        let resource = |name: &&str| {
            format!("resource \"terraform_data\" \"{name}\" {{ triggers_replace = \"{value}\" }}\n")
        };
        scratch.file("main.tf", &names.iter().map(resource).collect::<String>(), 0o600);
    };
    write(&["a", "b", "c", "d", "e"], "one");
    if !works(&scratch, &["terraform", "init", "-input=false"]) {
        return eprintln!("skipped: needs terraform");
    }
    assert!(works(&scratch, &["terraform", "apply", "-auto-approve", "-input=false"]));
    write(&["e", "f"], "two");
    assert!(works(&scratch, &["terraform", "plan", "-input=false", "-out=new"]));
    let told = read(&scratch.path("new")).unwrap();
    assert!(told.starts_with("6 resources in the plan: 4 destroyed (terraform_data."), "{told}");
    assert!(told.ends_with(", …), 1 replaced (terraform_data.e), 1 created"), "{told}");
}

proptest! {
    #[test]
    fn no_file_stops_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let end = [&b"PK\x05\x06"[..], &[0; 6], &[1, 0], &[0; 8]].concat();
        let _ = entry(&[bytes.clone(), end].concat(), b"tfplan");
        prop_assert!(Fields(&bytes).count() <= bytes.len());
        let _ = change(&bytes);
    }
}
