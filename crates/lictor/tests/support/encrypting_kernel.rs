//! A kernel with dm-crypt, on a machine whose own has none: Debian's user-mode-linux, a kernel that runs as a
//! program, on this machine's files, which it can read and not write.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

const KERNEL: &str = "/usr/bin/linux.uml";
const MODULES: &str = "/usr/lib/uml/modules";
/// What its first process does: it loads what encrypts, runs the tests, and ends.
const FIRST: &str = r#"#!/bin/sh
export PATH=/usr/sbin:/sbin:/usr/bin:/bin HOME=/tmp
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
mount -t tmpfs none /tmp
mkdir -p /run/modules/lib/modules
ln -s MODULES/"$(uname -r)" /run/modules/lib/modules/
for module in aes_generic cbc sha256_generic hmac xts loop dm-mod dm-crypt; do
    modprobe --dirname /run/modules "$module"
done
ip link set lo up
cd FOLDER
TESTS --nocapture --test-threads 1 --exact NAMES 2>&1
echo "ended with $?"
echo o > /proc/sysrq-trigger
sleep 60
"#;

/// Whether there is such a kernel here.
pub fn is_there() -> bool {
    Path::new(KERNEL).exists() && Path::new(MODULES).exists()
}

/// Runs these tests of the program that asks, in such a kernel; what was printed.
pub fn run(names: &[&str]) -> String {
    // Beside the program, as the guest has a /tmp of its own.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let first = FIRST
        .replace("MODULES", MODULES)
        .replace("FOLDER", env!("CARGO_MANIFEST_DIR"))
        .replace("TESTS", env::current_exe().unwrap().to_str().unwrap())
        .replace("NAMES", &names.join(" "));
    let script = folder.path().join("first");
    fs::write(&script, first).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let done = Command::new(KERNEL)
        .args(["rootfstype=hostfs", "rootflags=/", "ro", "mem=1G", "quiet"])
        .args(["con=null", "con0=null,fd:1"])
        .arg(format!("init={}", script.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    super::text(&done.stdout)
}
