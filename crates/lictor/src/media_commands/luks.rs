//! An encrypted volume, made by the system's own cryptsetup (LUKS2).

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use govern::MediumId;

use crate::Complaint;

const CRYPTSETUP: &str = "cryptsetup";
/// Makes the file system on it: one that every Linux reads, with a journal.
const MAKE_FILES: &str = "mkfs.ext4";
/// The longest label of such a file system, in bytes.
const LONGEST_LABEL: usize = 16;

/// A medium's id as cryptsetup writes it: a UUID.
pub(super) fn uuid(id: MediumId) -> String {
    let mut text = String::new();
    for (n, byte) in id.as_bytes().iter().enumerate() {
        if [4, 6, 8, 10].contains(&n) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Sees that the programs are there, before anything is asked or done.
pub(super) fn is_there() -> Result<(), Complaint> {
    for (program, package) in [(CRYPTSETUP, "cryptsetup-bin"), (MAKE_FILES, "e2fsprogs")] {
        let mut asked = system(program);
        asked.arg("-V").stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(error) = asked.status() {
            return Err(Complaint::of(format!(
                "{program} ({error}): install it (Debian: apt-get install {package})"
            )));
        }
    }
    Ok(())
}

/// Makes the volume, and an empty file system in it that belongs to whoever asks.
pub(super) fn make(
    device: &Path,
    id: MediumId,
    label: &str,
    passphrase: &str,
) -> Result<(), Complaint> {
    let uuid = uuid(id);
    let mut format = system(CRYPTSETUP);
    format
        .args(["luksFormat", "--batch-mode", "--type", "luks2"])
        .args(["--cipher", "aes-xts-plain64", "--key-size", "512"])
        .args(["--uuid", &uuid, "--key-file", "-"])
        .arg(device);
    run(&mut format, passphrase)?;
    let name = format!("lictor-{id}");
    let mut open = system(CRYPTSETUP);
    open.args(["open", "--type", "luks2", "--key-file", "-"])
        .arg(device)
        .arg(&name);
    run(&mut open, passphrase)?;
    let made = make_files(&name, label);
    let closed = run(system(CRYPTSETUP).args(["close", &name]), "");
    made.and(closed)
}

fn make_files(name: &str, label: &str) -> Result<(), Complaint> {
    let (user, group) = owner();
    let mut files = system(MAKE_FILES);
    files
        .args(["-q", "-m", "0", "-L", &short(label)])
        .args(["-E", &format!("root_owner={user}:{group}")])
        .arg(Path::new("/dev/mapper").join(name));
    run(&mut files, "")
}

/// As much of a label as the file system takes.
fn short(label: &str) -> String {
    let mut short = String::new();
    for letter in label.chars() {
        if short.len() + letter.len_utf8() > LONGEST_LABEL {
            break;
        }
        short.push(letter);
    }
    short
}

/// Who asks, behind sudo too.
fn owner() -> (u32, u32) {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    match (number("SUDO_UID"), number("SUDO_GID")) {
        (Some(user), Some(group)) => (user, group),
        _ => (
            rustix::process::getuid().as_raw(),
            rustix::process::getgid().as_raw(),
        ),
    }
}

/// A program of the system's, which those who are not root may not have on their path.
fn system(program: &str) -> Command {
    let mut path = env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    let mut command = Command::new(program);
    command.env("PATH", path).env("LC_ALL", "C");
    command
}

/// Runs it with the passphrase as its input, where no other process can read it.
fn run(command: &mut Command, passphrase: &str) -> Result<(), Complaint> {
    let program = command.get_program().to_string_lossy().into_owned();
    let named = |e: io::Error| Complaint::of(format!("{program}: {e}"));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(named)?;
    if let Some(mut input) = child.stdin.take() {
        // A program that ends before it has read all says why itself.
        let _ = input.write_all(passphrase.as_bytes());
    }
    let done = child.wait_with_output().map_err(named)?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.trim();
    let as_root = if rustix::process::geteuid().is_root() {
        ""
    } else {
        " (making a medium takes root: sudo)"
    };
    Err(Complaint::of(format!(
        "{program} failed, {}: {said}{as_root}",
        done.status
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_named_as_cryptsetup_names_it() {
        let id = "d4eaecc589f34e64be817971b1d7c8ef".parse().unwrap();
        assert_eq!(uuid(id), "d4eaecc5-89f3-4e64-be81-7971b1d7c8ef");
    }

    #[test]
    fn a_label_is_cut_between_letters() {
        assert_eq!(short("Evidence 7"), "Evidence 7");
        assert_eq!(short("Property room éé"), "Property room é");
    }
}
