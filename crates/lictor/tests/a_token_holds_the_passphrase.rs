//! The passphrase sealed by a PKCS#11 token; SoftHSM stands for the hardware.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use support::{Home, PASSPHRASE, command, text};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "271828";

/// A home whose SoftHSM has tokens of its own.
struct Tokens(Home);

impl Tokens {
    fn new() -> Self {
        let home = Home::new();
        fs::create_dir(home.path("tokens")).unwrap();
        let folder = home.path("tokens");
        home.file(
            "softhsm.conf",
            &format!("directories.tokendir = {}\n", folder.display()),
        );
        Self(home)
    }

    fn make(&self, label: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label])
            .args(["--pin", PIN, "--so-pin", "31415926"])
            .env("SOFTHSM2_CONF", self.0.path("softhsm.conf"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
    }

    fn lictor(&self, arguments: &[&str], lines: &[&str]) -> Output {
        let mut child = command(self.0.0.path(), arguments)
            .env("SOFTHSM2_CONF", self.0.path("softhsm.conf"))
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
        drop(input);
        child.wait_with_output().unwrap()
    }

    fn seal(&self, to: &str, lines: &[&str]) -> Output {
        let arguments = ["key", "seal-with-token", "station", "--module", MODULE];
        let arguments = [&arguments[..], &["--token", "lictor", "--to", to]].concat();
        self.lictor(&arguments, lines)
    }

    /// Something that opens the station, with the sealed file and this PIN.
    fn open(&self, file: &str, pin: &str) -> Output {
        let rotate = ["key", "rotate", "station", "--passphrase-file", file];
        self.lictor(&rotate, &[pin])
    }
}

#[test]
fn a_station_opens_with_the_token_and_its_pin_and_with_neither_alone() {
    let tokens = Tokens::new();
    tokens.make("lictor");
    tokens.0.init();
    let wrong = tokens.seal("sealed", &["four lamps under the weir", PIN]);
    assert!(text(&wrong.stderr).contains("does not open the station"));
    let wrong = tokens.seal("sealed", &[PASSPHRASE, "000000"]);
    assert!(text(&wrong.stderr).contains("refuses this PIN"));
    assert!(!tokens.0.path("sealed").exists());

    let sealed = tokens.seal("sealed", &[PASSPHRASE, PIN]);
    assert!(sealed.status.success(), "{}", text(&sealed.stderr));
    let file = tokens.0.path("sealed");
    let kept = fs::read_to_string(&file).unwrap();
    assert!(!kept.contains(PASSPHRASE) && !kept.contains(PIN), "{kept}");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let refused = tokens.open("sealed", "000000");
    assert!(text(&refused.stderr).contains("refuses this PIN"));
    let opened = tokens.open("sealed", PIN);
    assert!(opened.status.success(), "{}", text(&opened.stderr));

    // A byte changed; a file that others may write; another token of the same label.
    let other = kept.replacen("\"sealed\": \"", "\"sealed\": \"AAAA", 1);
    tokens.0.file("changed", &other);
    assert!(text(&tokens.open("changed", PIN).stderr).contains("is damaged"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(text(&tokens.open("sealed", PIN).stderr).contains("chmod go-w"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_dir_all(tokens.0.path("tokens")).unwrap();
    fs::create_dir(tokens.0.path("tokens")).unwrap();
    tokens.make("lictor");
    assert!(text(&tokens.open("sealed", PIN).stderr).contains("not in this token"));
}
