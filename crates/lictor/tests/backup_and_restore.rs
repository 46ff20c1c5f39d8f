//! Backup and restore, from the command line.

mod support;

use std::fs;

use support::{Home, PASSPHRASE, PASSWORD, Running, between, code, first_login, text};

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
