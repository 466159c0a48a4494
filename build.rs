//! Reads and checks `rules/*.yaml` and compiles them into one table, and the agents' wrapper texts of
//! `shims/shell/*.yaml`, the agents of `shims/agents/*.yaml` and the kinds of files of `shims/scan.yaml`
//! into constants; a wrong file is a compile error. And links the program so that it starts quickly.

#![allow(dead_code, reason = "the modules are the library's, of which only a part is needed here")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

#[path = "src/alternatives.rs"]
mod alternatives;
#[path = "src/rulebook/block.rs"]
mod block;
#[path = "src/rulebook/commands.rs"]
mod commands;
#[path = "src/expression.rs"]
mod expression;
#[path = "src/agents/file.rs"]
mod file;
#[path = "src/rulebook/format.rs"]
mod format;
#[path = "src/rulebook/forms.rs"]
mod forms;
#[path = "src/glob/mod.rs"]
mod glob;
#[path = "src/rulebook/index.rs"]
mod index;
#[path = "src/rulebook/lint/mod.rs"]
mod lint;
#[path = "src/rulebook/load.rs"]
mod load;
#[path = "src/rulebook/needs.rs"]
mod needs;
#[path = "src/rulebook/packed.rs"]
mod packed;
#[path = "src/rulebook/path_kind.rs"]
mod path_kind;
#[path = "src/rulebook/pattern.rs"]
mod pattern;
#[path = "src/rulebook/places.rs"]
mod places;
#[path = "src/scan/table.rs"]
mod scan;
#[path = "src/rulebook/table.rs"]
mod table;
#[path = "src/rulebook/targets.rs"]
mod targets;
#[path = "src/rulebook/tasks.rs"]
mod tasks;
#[path = "src/truth.rs"]
mod truth;
#[path = "src/unknown.rs"]
mod unknown;
#[path = "src/entry/shell/wrappers.rs"]
mod wrappers;

fn main() -> Result<(), Box<dyn Error>> {
    link_for_a_quick_start();
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/alternatives.rs");
    println!("cargo::rerun-if-changed=src/expression.rs");
    println!("cargo::rerun-if-changed=src/glob");
    println!("cargo::rerun-if-changed=src/truth.rs");
    println!("cargo::rerun-if-changed=src/unknown.rs");
    println!("cargo::rerun-if-changed=src/rulebook");
    println!("cargo::rerun-if-changed=shims/shell");
    println!("cargo::rerun-if-changed=shims/agents");
    println!("cargo::rerun-if-changed=src/agents");
    println!("cargo::rerun-if-changed=shims/scan.yaml");
    println!("cargo::rerun-if-changed=src/scan/table.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let mut files = Vec::new();
    for path in packs_in(Path::new("rules"))? {
        files.push((path.display().to_string(), fs::read_to_string(&path)?));
    }
    match lint::read_all(&files, &|_| None) {
        Ok(sources) => {
            let bytes = index::compile(sources.iter().map(|source| &source.pack))?;
            fs::write(out.join("rulebook.bin"), bytes)?;
        }
        // Cargo shows each of these lines as an error and fails.
        Err(errors) => {
            for error in errors {
                error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
            }
        }
    }
    fs::write(out.join("agents.rs"), agents()?)?;
    fs::write(out.join("scan.bin"), kinds_of_files(Path::new("shims/scan.yaml"))?)?;
    fs::write(out.join("wrappers.rs"), wrappers::compile(&packs_in(Path::new("shims/shell"))?)?)?;
    Ok(())
}

/// Returns the agents of `shims/agents/*.yaml` as Rust: their names and what is known of them.
fn agents() -> Result<String, Box<dyn Error>> {
    let mut agents = String::from("&[\n");
    for path in packs_in(Path::new("shims/agents"))? {
        match file::Agent::read(&fs::read_to_string(&path)?, &path.display().to_string()) {
            Ok(agent) => {
                let bytes = postcard::to_stdvec(&agent)?;
                agents += &format!("    ({:?}, &{bytes:?}),\n", agent.agent);
            }
            Err(error) => error.to_string().lines().for_each(|line| println!("cargo::error={line}")),
        }
    }
    Ok(agents + "]\n")
}

/// Returns the kinds of files that hold commands, in the compact form.
fn kinds_of_files(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    match scan::Table::read(&fs::read_to_string(path)?, &path.display().to_string()) {
        Ok(table) => Ok(postcard::to_stdvec(&table)?),
        Err(error) => {
            error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
            Ok(Vec::new())
        }
    }
}

/// Returns the YAML files in `folder`, sorted; there is no list of them to keep.
fn packs_in(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Links the program so that a start of it costs little: guard is started before every command.
/// `benches/startup.sh` measures what it gives.
fn link_for_a_quick_start() {
    println!("cargo::rerun-if-changed=build.rs");
    if !is_set("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    if is_set("PROFILE", "release") && linker_reads_scripts() {
        gather_hot_functions();
    }
    if is_set("CARGO_CFG_TARGET_ENV", "gnu") {
        leave_little_to_load();
    }
}

fn is_set(name: &str, value: &str) -> bool {
    env::var(name).is_ok_and(|set| set == value)
}

/// Has what runs before a harmless command lie side by side, instead of all over the program: the system maps
/// the pages that are touched, which is most of what a start takes.
fn gather_hot_functions() {
    const LIST: &str = "scripts/hot-functions.ld";
    println!("cargo::rerun-if-changed={LIST}");
    let Ok(root) = env::var("CARGO_MANIFEST_DIR") else { return };
    println!("cargo::rustc-link-arg-bins=-T");
    println!("cargo::rustc-link-arg-bins={root}/{LIST}");
}

/// Returns whether the linker is one that adds a script to its own. Others are as good without.
fn linker_reads_scripts() -> bool {
    let is_another = env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("-fuse-ld="));
    let Ok(answer) = Command::new("cc").arg("-Wl,--version").output() else { return false };
    let name = String::from_utf8_lossy(&answer.stdout);
    !is_another && (name.starts_with("GNU ld ") || name.contains("LLD "))
}

/// Does what the dynamic linker would do each time once, here: addresses are fixed (a position-independent
/// program has eleven thousand to write, on pages that could be shared), and gcc's unwinder is linked in,
/// which leaves the C library to be loaded.
fn leave_little_to_load() {
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // Only gcc knows where its unwinder is; it answers with the bare name where there is none.
    let Ok(answer) = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output() else { return };
    let archive = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    let native = env::var("HOST") == env::var("TARGET");
    if let Some(folder) = archive.parent().filter(|_| native && archive.is_absolute()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}
