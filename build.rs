//! Reads and checks `rules/*.yaml` and compiles them into one table; a wrong pack is a compile error.

#![allow(dead_code, reason = "the modules are the library's, of which only a part is needed here")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/rulebook/block.rs"]
mod block;
#[path = "src/rulebook/format.rs"]
mod format;
#[path = "src/rulebook/forms.rs"]
mod forms;
#[path = "src/rulebook/index.rs"]
mod index;
#[path = "src/rulebook/lint/mod.rs"]
mod lint;
#[path = "src/rulebook/load.rs"]
mod load;
#[path = "src/rulebook/places.rs"]
mod places;
#[path = "src/rulebook/table.rs"]
mod table;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rulebook");
    let mut files = Vec::new();
    for path in packs_in(Path::new("rules"))? {
        files.push((path.display().to_string(), fs::read_to_string(&path)?));
    }
    match lint::read_all(&files, &|_| None) {
        Ok(sources) => {
            let bytes = index::compile(sources.iter().map(|source| &source.pack))?;
            let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
            fs::write(out.join("rulebook.bin"), bytes)?;
        }
        // Cargo shows each of these lines as an error and fails.
        Err(errors) => {
            for error in errors {
                error.to_string().lines().for_each(|line| println!("cargo::error={line}"));
            }
        }
    }
    Ok(())
}

/// Returns the packs in `folder`, sorted; there is no list of them to keep.
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
