//! A stick: a loop device, formatted and mounted as a medium is. Where this kernel has no dm-crypt, all of
//! it is real but what dm-crypt does: the volume's data lie in it as they are, and the kernel's word on the
//! mapping is put in a namespace of the program's own. It takes root.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Home, text};

const PASSPHRASE: &str = "seven ferries at dawn";
/// Where a volume's data begin, as cryptsetup lays them out.
const DATA_AT: &str = "16777216";
/// In the place of cryptsetup, which then opens nothing that needs the kernel.
const STANDS_IN: &str = r#"#!/bin/sh
set -e
real=/usr/sbin/cryptsetup
verb=$1
for last; do before=$name; name=$last; done
case "$verb" in
open)
    "$real" open --test-passphrase --type luks2 --key-file - "$before"
    mkdir -p /dev/mapper
    ln -s "$(losetup --find --show --offset 16777216 "$before")" "/dev/mapper/$name"
    ;;
close)
    losetup --detach "$(readlink "/dev/mapper/$name")"
    rm "/dev/mapper/$name"
    ;;
*) exec "$real" "$@" ;;
esac
"#;
/// Says in a namespace of its own what the kernel would say of a mapping, and goes on as a program.
const SAYS: &str = r#"
mount -t tmpfs none /sys/dev/block
mkdir -p "/sys/dev/block/$2/dm"
echo "CRYPT-LUKS2-$1-evidence" > "/sys/dev/block/$2/dm/uuid"
shift 2
exec "$@"
"#;

/// A stick that is plugged in.
pub struct Stick {
    image: PathBuf,
    device: String,
    /// A folder with what stands in for cryptsetup, on a machine whose kernel has no dm-crypt.
    stands_in: Option<PathBuf>,
    /// The small file system that the image lies on, where it is to fail.
    ground: Option<PathBuf>,
}

/// A stick that is open and mounted.
pub struct Mounted<'a> {
    stick: &'a Stick,
    /// What is mounted.
    opened: String,
    at: PathBuf,
}

impl Stick {
    pub fn new(home: &Home) -> Self {
        Self::of(home, home.path("stick.image"), None)
    }

    /// One that can be made to fail.
    pub fn on_failing_ground(home: &Home) -> Self {
        let ground = home.path("ground");
        fs::create_dir(&ground).unwrap();
        run(
            "mount",
            &["-t", "tmpfs", "-o", "size=48m", "none", path(&ground)],
        );
        Self::of(home, ground.join("stick.image"), Some(ground))
    }

    fn of(home: &Home, image: PathBuf, ground: Option<PathBuf>) -> Self {
        File::create(&image).unwrap().set_len(64 << 20).unwrap();
        let device = run("losetup", &["--find", "--show", path(&image)]);
        home.file("passphrase-of-the-stick", PASSPHRASE);
        let stands_in = (!kernel_encrypts(home)).then(|| {
            eprintln!(
                "NOT CHECKED with dm-crypt, which this machine's kernel lacks: what is encrypted here is said to be"
            );
            let folder = home.path("stands-in");
            fs::create_dir(&folder).unwrap();
            let program = home.file("stands-in/cryptsetup", STANDS_IN);
            fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
            folder
        });
        Self {
            image,
            device,
            stands_in,
            ground,
        }
    }

    /// `lictor media register`.
    pub fn register(&self, home: &Home, label: &str, more: &[&str]) -> Output {
        let mut register = super::command(
            home.0.path(),
            &["media", "register", &self.device, "--label", label],
        );
        let file = ["--passphrase-file", "passphrase-of-the-stick"];
        register.args(file).args(more);
        if let Some(folder) = &self.stands_in {
            let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", folder.display());
            register.env("PATH", path);
        }
        register.stdin(Stdio::null()).stderr(Stdio::piped());
        register.output().unwrap()
    }

    /// Makes an encrypted volume of it without anybody's knowing.
    pub fn format(&self) {
        let cheap = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
        let format = [
            "luksFormat",
            "--batch-mode",
            "--type",
            "luks2",
            "--key-file",
            "-",
        ];
        with_passphrase(
            "cryptsetup",
            &[&format[..], &cheap, &[&self.device]].concat(),
        );
        let opened = self.open();
        run("mkfs.ext4", &["-q", &opened]);
        self.close(&opened);
    }

    /// The volume's UUID, as cryptsetup finds it on the device.
    pub fn uuid(&self) -> String {
        run("cryptsetup", &["luksUUID", &self.device])
    }

    fn open(&self) -> String {
        if self.stands_in.is_some() {
            return run(
                "losetup",
                &["--find", "--show", "--offset", DATA_AT, &self.device],
            );
        }
        let name = format!("lictor-test-{}", self.uuid());
        with_passphrase(
            "cryptsetup",
            &["open", "--key-file", "-", &self.device, &name],
        );
        format!("/dev/mapper/{name}")
    }

    fn close(&self, opened: &str) {
        let (program, verb) = match self.stands_in {
            Some(_) => ("losetup", "--detach"),
            None => ("cryptsetup", "close"),
        };
        let _ = Command::new(program).args([verb, opened]).status();
    }

    pub fn mount(&self, at: &Path) -> Mounted<'_> {
        let opened = self.open();
        run("mount", &[&opened, path(at)]);
        Mounted {
            stick: self,
            opened,
            at: at.to_owned(),
        }
    }

    /// What is written to it fails once so many bytes more were.
    pub fn fail_after(&self, bytes: u64) {
        run("sync", &[]);
        fill(self.ground.as_ref().unwrap(), bytes);
    }
}

impl Mounted<'_> {
    /// Runs the program where the kernel says that this is an encrypted volume.
    pub fn lictor(&self, home: &Home, arguments: &[&str]) -> Output {
        let mut command = if self.stick.stands_in.is_none() {
            super::command(home.0.path(), arguments)
        } else {
            let device = fs::metadata(&self.opened).unwrap().rdev();
            let number = format!("{}:{}", device >> 8 & 0xfff, device & 0xff);
            let mut command = Command::new("unshare");
            command
                .args([
                    "--mount",
                    "--propagation",
                    "private",
                    "sh",
                    "-ec",
                    SAYS,
                    "sh",
                ])
                .args([self.stick.uuid().replace('-', ""), number])
                .arg(env!("CARGO_BIN_EXE_lictor"))
                .args(arguments)
                .current_dir(home.0.path())
                .env("XDG_RUNTIME_DIR", home.path("run"));
            command
        };
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Leaves so many bytes free.
    pub fn fill_but_for(&self, bytes: u64) {
        fill(&self.at, bytes);
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
        self.stick.close(&self.opened);
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        let _ = Command::new("losetup")
            .args(["--detach", &self.device])
            .status();
        let _ = fs::remove_file(&self.image);
        if let Some(ground) = &self.ground {
            let _ = Command::new("umount").arg(ground).status();
        }
    }
}

/// Fills a file system but for so many bytes.
fn fill(folder: &Path, but_for: u64) {
    let free = run("df", &["--output=avail", "--block-size=1", path(folder)]);
    let free: u64 = free.lines().last().unwrap().trim().parse().unwrap();
    let mut filler = File::create(folder.join("filler")).unwrap();
    let zeros = vec![0; usize::try_from(free.saturating_sub(but_for)).unwrap()];
    match filler.write_all(&zeros) {
        // The kernel writes to the image meanwhile.
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {}
        written => written.unwrap(),
    }
    filler.sync_all().unwrap();
}

/// Whether this kernel has dm-crypt: it is tried.
pub fn kernel_encrypts(home: &Home) -> bool {
    let image = home.path("tried.image");
    File::create(&image).unwrap().set_len(1 << 20).unwrap();
    let name = format!("lictor-tried-{}", std::process::id());
    let plain = [
        "--type",
        "plain",
        "--cipher",
        "aes-xts-plain64",
        "--key-size",
        "256",
    ];
    let mut child = Command::new("cryptsetup")
        .arg("open")
        .args(plain)
        .args(["--key-file", "-", path(&image), &name])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&[7; 32]).unwrap();
    let opened = child.wait().unwrap().success();
    if opened {
        run("cryptsetup", &["close", &name]);
    }
    opened
}

fn with_passphrase(program: &str, arguments: &[&str]) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(PASSPHRASE.as_bytes()).unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert!(
        done.status.success(),
        "{program} {arguments:?}: {}",
        text(&done.stderr)
    );
}

/// Runs a program of the system's, which takes root; what it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().unwrap();
    assert!(
        done.status.success(),
        "{program} {arguments:?}, which takes root: {}",
        text(&done.stderr)
    );
    text(&done.stdout).trim().to_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
