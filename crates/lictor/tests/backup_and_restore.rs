//! Backup and restore, from the command line.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;

use support::{Home, PASSPHRASE, PASSWORD, Running, between, code, first_login, next_code, text};
use totp_rs::Totp;

#[test]
fn a_running_station_is_backed_up_lost_and_restored() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let sam = first_login(&station, &printed, "Sam Okafor");
    let avery = first_login(&station, &printed, "Avery Holt");
    fs::create_dir(home.path("safe")).unwrap();
    let backup = [
        "backup",
        "station",
        "--to",
        "safe",
        "--login",
        "sam.okafor",
        "--station",
        &station.address,
    ];
    let made = home.lictor(&backup, &[PASSWORD, &code(&sam)]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(
        text(&made.stdout).contains("read back, whole"),
        "{}",
        text(&made.stdout)
    );
    assert_eq!(station.stop(), Some(0));

    let mut files: Vec<String> = fs::read_dir(home.path("safe"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(files[1], format!("{}.picture-keys", files[0]));

    // The disk with the database is lost; a copy of the ledger is not.
    fs::rename(home.path("station/ledger"), home.path("ledger")).unwrap();
    fs::remove_dir_all(home.path("station")).unwrap();
    let backup = format!("safe/{}", files[0]);
    let restore = ["restore", &backup, "--to", "station", "--ledger", "ledger"];
    let wrong = home.lictor(&restore, &["four lamps under the weir"]);
    assert!(
        text(&wrong.stderr).contains("does not open the station"),
        "{}",
        text(&wrong.stderr)
    );
    let restored = home.lictor(&restore, &[PASSPHRASE]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));

    let station = Running::serve(&home, PASSPHRASE);
    let show = [
        "ledger",
        "show",
        "--login",
        "avery.holt",
        "--everyone",
        "--station",
        &station.address,
    ];
    let told = home.lictor(&show, &[PASSWORD, &code(&avery)]);
    let told = text(&told.stdout) + &text(&told.stderr);
    for sentence in [
        "Sam Okafor (badge 118) made a backup of the whole station",
        "A backup was made (SHA-256 ",
        "The station was restored from a backup",
    ] {
        assert!(told.contains(sentence), "{sentence:?} is not in {told}");
    }
    assert_eq!(station.stop(), Some(0));
    let verified = home.lictor(&["ledger", "verify", "station"], &[]);
    assert!(
        text(&verified.stdout).starts_with("intact: "),
        "{}",
        text(&verified.stderr)
    );
}

#[test]
fn a_stopped_station_is_backed_up_by_a_member_and_opened_again_with_two_shares() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let avery = first_login(&station, &printed, "Avery Holt");
    assert_eq!(station.stop(), Some(0));
    let backup = ["backup", "station", "--to", "b", "--login", "avery.holt"];
    let refused = home.lictor(&backup, &[PASSPHRASE, "not this password", "000000"]);
    assert!(
        text(&refused.stderr).contains("do not belong together"),
        "{}",
        text(&refused.stderr)
    );
    assert!(!home.path("b").exists());
    let made = home.lictor(&backup, &[PASSPHRASE, PASSWORD, &code(&avery)]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let again = home.lictor(&backup, &[PASSPHRASE]);
    assert!(
        text(&again.stderr).contains("a backup replaces nothing"),
        "{}",
        text(&again.stderr)
    );

    let share = |n: u8| between(&printed, &format!("share {n}   "), "\n").to_owned();
    let restore = [
        "restore", "b", "--to", "new", "--ledger", "station", "--shares",
    ];
    let restored = home.lictor(&restore, &[&share(1), &share(2), "a wholly new passphrase"]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    let folder = home.path("new");
    let verified = home.lictor(&["ledger", "verify", folder.to_str().unwrap()], &[]);
    assert!(
        text(&verified.stdout).starts_with("intact: "),
        "{}",
        text(&verified.stderr)
    );
}

#[test]
fn what_members_came_in_with_at_the_backup_opens_nothing_after_it_was_changed_and_restored() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let sam = first_login(&station, &printed, "Sam Okafor");
    let avery = first_login(&station, &printed, "Avery Holt");
    let address = station.address.clone();
    let backup = ["backup", "station", "--to", "b", "--login", "sam.okafor"];
    let backup = [&backup[..], &["--station", &address]].concat();
    let made = home.lictor(&backup, &[PASSWORD, &code(&sam)]);
    assert!(made.status.success(), "{}", text(&made.stderr));

    // Afterwards the one is given a new way in, and the other sets a new password.
    new_code_for_sam(&home, &address, &avery);
    change_password(&address, &next_code(&avery));
    assert_eq!(station.stop(), Some(0));

    let restore = ["restore", "b", "--to", "new", "--ledger", "station"];
    let restored = home.lictor(&restore, &[PASSPHRASE]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    let said = text(&restored.stdout);
    assert!(said.contains("taken away again: 2."), "{said}");
    assert!(said.contains("\n  avery.holt, sam.okafor\n"), "{said}");
    fs::rename(home.path("station"), home.path("old")).unwrap();
    fs::rename(home.path("new"), home.path("station")).unwrap();
    let station = Running::serve(&home, PASSPHRASE);
    for (login, authenticator) in [("sam.okafor", &sam), ("avery.holt", &avery)] {
        let login = ["login", login, "--station", &station.address];
        for password in [PASSWORD, CHANGED] {
            let refused = home.lictor(&login, &[password, &next_code(authenticator)]);
            let said = text(&refused.stderr);
            assert!(said.contains("do not belong together"), "{said}");
        }
    }
    assert_eq!(station.stop(), Some(0));

    // Nobody is left who could help: two recovery shares do, and then the one helps the other.
    let share = |n: u8| between(&printed, &format!("share {n}   "), "\n").to_owned();
    let release = ["key", "release-administrator", "station", "--login"];
    let release = [&release[..], &["avery.holt"]].concat();
    let released = home.lictor(&release, &[&share(1), &share(3)]);
    assert!(released.status.success(), "{}", text(&released.stderr));
    let printed = format!(
        "  Avery Holt\n    {}",
        between(&text(&released.stdout), "\n    ", "\n")
    );
    let station = Running::serve(&home, PASSPHRASE);
    let avery = first_login(&station, &format!("{printed}\n"), "Avery Holt");
    new_code_for_sam(&home, &station.address, &avery);
    assert_eq!(station.stop(), Some(0));
    let again = home.lictor(&release, &[&share(1), &share(3)]);
    let said = text(&again.stderr);
    assert!(said.contains("avery.holt is not locked"), "{said}");
}

#[test]
fn a_ledger_whose_end_is_lost_is_restored_by_two_members_and_says_so_for_good() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let sam = first_login(&station, &printed, "Sam Okafor");
    let avery = first_login(&station, &printed, "Avery Holt");
    let backup = ["backup", "station", "--to", "b", "--login", "sam.okafor"];
    let backup = [&backup[..], &["--station", &station.address]].concat();
    let made = home.lictor(&backup, &[PASSWORD, &code(&sam)]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let login = ["login", "avery.holt", "--station", &station.address];
    assert!(
        home.lictor(&login, &[PASSWORD, &code(&avery)])
            .status
            .success()
    );
    let key = ["--key", "station/ledger.pub"];
    let running = [&["ledger", "checkpoint", "--running"][..], &key].concat();
    let running = text(&home.lictor(&running, &[]).stdout);
    assert!(running.starts_with("localhost/lictor/1\n"), "{running}");
    assert_eq!(station.stop(), Some(0));
    // Somebody outside kept the newest head. Then the disk is gone, and the ledger with it.
    let head = home.lictor(&["ledger", "checkpoint", "station"], &[]);
    home.file("head", &text(&head.stdout));
    fs::remove_dir_all(home.path("station")).unwrap();

    let restore = ["restore", "b", "--to", "station", "--head", "head"];
    let refused = home.lictor(&restore, &[PASSPHRASE]);
    let said = text(&refused.stderr);
    assert!(said.contains("were signed and are not here"), "{said}");
    let lost = [&restore[..], &["--lost", "--one", "avery.holt", "--other"]].concat();
    let one_twice = [&lost[..], &["avery.holt"]].concat();
    let two = [&lost[..], &["sam.okafor"]].concat();
    let sign = |arguments: &[&str], passwords: [&str; 2]| {
        let codes = [code(&avery), next_code(&sam)];
        let lines = [PASSPHRASE, passwords[0], &codes[0], passwords[1], &codes[1]];
        home.lictor(arguments, &lines)
    };
    for (arguments, passwords) in [
        (&one_twice, [PASSWORD, PASSWORD]),
        (&two, [PASSWORD, CHANGED]),
    ] {
        fs::remove_dir_all(home.path("station")).unwrap();
        assert!(!sign(arguments, passwords).status.success());
        let serve = home.lictor(&["serve", "station", "--port", "0"], &[PASSPHRASE]);
        assert!(!serve.status.success(), "an unsigned restore opens");
    }
    fs::remove_dir_all(home.path("station")).unwrap();
    let restored = sign(&two, [PASSWORD, PASSWORD]);
    assert!(restored.status.success(), "{}", text(&restored.stderr));
    let lost = "of the ledger localhost/lictor/1 are lost, and whatever came after them";
    assert!(text(&restored.stdout).contains(lost), "{restored:?}");

    // Every page and report says so, from now on.
    let station = Running::serve(&home, PASSPHRASE);
    let avery = browser_of_avery(&station.address, &next_code(&avery));
    let get = |path: &str| {
        let page = avery.get(format!("{}{path}", station.address)).call();
        page.unwrap().body_mut().read_to_string().unwrap()
    };
    let page = get("/account");
    assert_eq!(page.matches(lost).count(), 2, "foot and alarm: {page}");
    assert!(get("/policy").contains(lost));
    assert!(get("/api/conformity").contains(lost));
    assert_eq!(station.stop(), Some(0));
    let verified = home.lictor(&["ledger", "verify", "station"], &[]);
    let said = text(&verified.stdout);
    assert!(
        said.starts_with("intact: ") && said.contains(lost),
        "{said}"
    );
    let old = ["ledger", "verify", "station/ledger-1", "--key"];
    let old = [&old[..], &["station/ledger-1.pub", "--head", "head"]].concat();
    let said = text(&home.lictor(&old, &[]).stderr);
    assert!(said.contains("DAMAGED"), "{said}");
}

/// Another password than the usual one.
const CHANGED: &str = "a walk by the mill";

/// Avery logs in, and issues Sam a code.
fn new_code_for_sam(home: &Home, address: &str, avery: &Totp) {
    let login = ["login", "avery.holt", "--station", address];
    let logged_in = home.lictor(&login, &[PASSWORD, &code(avery)]);
    assert!(logged_in.status.success(), "{}", text(&logged_in.stderr));
    let issued = home.lictor(&["member", "new-code", "sam.okafor"], &[]);
    assert!(issued.status.success(), "{}", text(&issued.stderr));
}

fn browser_of_avery(address: &str, code: &str) -> ureq::Agent {
    let browser = ureq::Agent::new_with_defaults();
    let login = [
        ("login", "avery.holt"),
        ("password", PASSWORD),
        ("code", code),
        ("acknowledged", "yes"),
    ];
    let at = format!("{address}/login");
    browser.post(at).send_form(login).unwrap();
    browser
}

/// Avery logs in with a browser, and sets another password.
fn change_password(address: &str, code: &str) {
    let browser = browser_of_avery(address, code);
    let at = |path: &str| format!("{address}{path}");
    let mut page = browser.get(at("/account")).call().unwrap();
    let page = page.body_mut().read_to_string().unwrap();
    let form = [
        ("token", between(&page, "name=\"token\" value=\"", "\"")),
        ("current", PASSWORD),
        ("new", CHANGED),
        ("again", CHANGED),
    ];
    let mut page = browser
        .post(at("/account/password"))
        .send_form(form)
        .unwrap();
    let page = page.body_mut().read_to_string().unwrap();
    assert!(page.contains("password"), "{page}");
}
