//! Files, written whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The permissions of a new file, before the user's mask.
const USUAL: u32 = 0o644;

/// Returns a file's bytes, or `None` where there is none.
///
/// # Errors
///
/// Returns why a file that is there cannot be read.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file: under another name, to the disk, and then in one step to its place. Permissions and
/// a symbolic link at its place stay as they are. What is written is read back.
///
/// # Errors
///
/// Returns why the file is as it was.
pub fn write(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    // Somebody who keeps their profile elsewhere wants it to stay there.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mode = match (mode, path.metadata()) {
        (Some(mode), _) => Some(mode),
        (None, Ok(there)) => Some(there.permissions().mode() & 0o7777),
        (None, Err(_)) => None,
    };
    let incoming = beside(&path);
    let written = (|| {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode.unwrap_or(USUAL)).open(&incoming)?;
        if let Some(mode) = mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&incoming, &path)?;
        settle(&path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&incoming);
    }
    written?;
    match fs::read(&path)? == bytes {
        true => Ok(()),
        false => Err(io::Error::other("it does not read back as it was written")),
    }
}

/// Makes `program` known as `link` in one step: as a hard link, or as a copy where that cannot be.
///
/// # Errors
///
/// Returns why nothing was changed.
pub fn link(program: &Path, link: &Path) -> io::Result<()> {
    let incoming = beside(link);
    let made = fs::hard_link(program, &incoming)
        .or_else(|_| fs::copy(program, &incoming).map(drop))
        .and_then(|()| fs::rename(&incoming, link));
    // Of two names of one file `rename` leaves both.
    let _ = fs::remove_file(&incoming);
    made?;
    settle(link)
}

/// Makes a directory and those above it that are missing; returns those it made, outermost first.
///
/// # Errors
///
/// Returns why one of them could not be made.
pub fn make_directory(path: &Path) -> io::Result<Vec<PathBuf>> {
    let missing: Vec<PathBuf> =
        path.ancestors().take_while(|above| !above.exists()).map(Path::to_owned).collect();
    fs::create_dir_all(path)?;
    Ok(missing.into_iter().rev().collect())
}

/// A name beside `path` that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".guard-{}", std::process::id()));
    path.with_file_name(name)
}

/// Has the disk keep the names in a directory.
fn settle(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}
