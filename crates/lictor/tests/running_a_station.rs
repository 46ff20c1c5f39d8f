//! The README's "Run a station", step by step, with the real program.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::{Home, PASSPHRASE, PASSWORD, Running, between, code, first_login, next_code, text};
use totp_rs::Totp;

#[test]
fn from_nothing_to_a_proven_ledger() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let at = |path: &str| format!("{}{path}", station.address);

    // The founders set what nobody else knows.
    let sam = first_login(&station, &printed, "Sam Okafor");
    let avery = first_login(&station, &printed, "Avery Holt");

    // The administrator adds a camera in the browser and keeps its key.
    let browser = ureq::Agent::new_with_defaults();
    let login = [
        ("login", "sam.okafor"),
        ("password", PASSWORD),
        ("code", &code(&sam)),
        ("acknowledged", "yes"),
    ];
    browser.post(at("/login")).send_form(login).unwrap();
    let page = browser
        .get(at("/station"))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let token = between(&page, "name=\"token\" value=\"", "\"");
    let camera = [
        ("token", token),
        ("name", "elm-and-3rd"),
        ("place", "Elm Street"),
    ];
    let page = browser
        .post(at("/station/cameras"))
        .send_form(camera)
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let key = home.file("elm.key", between(&page, "<dd class=\"mono\">", "<"));

    // A folder of pictures is handed in, twice; a picture's time is that of its file.
    let pictures = home.samples();
    let key = key.to_str().unwrap();
    let ingest = [
        "ingest",
        &pictures,
        "--camera",
        "elm-and-3rd",
        "--key",
        key,
        "--station",
        &station.address,
    ];
    let first = home.lictor(&ingest, &[]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains(" reads kept, 0 pictures were kept before, 0 failed"),
        "{}",
        text(&first.stdout)
    );
    assert!(text(&home.lictor(&ingest, &[]).stdout).contains(": 0 reads kept, "));
    let other = [
        "ingest",
        &pictures,
        "--camera",
        "mill-bridge",
        "--key",
        key,
        "--station",
        &station.address,
    ];
    assert!(text(&home.lictor(&other, &[]).stderr).contains("not the key of such a camera"));

    // The Deputy Chief asks what was written down.
    let show = [
        "ledger",
        "show",
        "--login",
        "avery.holt",
        "--everyone",
        "--most",
        "100",
        "--station",
        &station.address,
    ];
    let told = home.lictor(&show, &[PASSWORD, &code(&avery)]);
    let told = text(&told.stdout) + &text(&told.stderr);
    for sentence in [
        "Sam Okafor (badge 118) logged in from 127.0.0.1.",
        "Sam Okafor (badge 118) added the camera elm-and-3rd at Elm Street",
        "Camera elm-and-3rd opened its standing permit",
        "Camera elm-and-3rd handed in 2 reads under its standing permit.",
    ] {
        assert!(told.contains(sentence), "{sentence:?} is not in {told}");
    }
    // And whether the station does what the policy says.
    let conformity = [
        "conformity",
        "--login",
        "avery.holt",
        "--station",
        &station.address,
    ];
    let said = home.lictor(&conformity, &[PASSWORD, &next_code(&avery)]);
    let said = text(&said.stdout) + &text(&said.stderr);
    for sentence in [
        "5(a)  held  Data are reached only through a login",
        "refuses  training-first: You have no completed training in force.",
        "test     alpr_ac_28_*",
        "counted  2 of 2 members with training in force now, of those who logged in",
    ] {
        assert!(said.contains(sentence), "{sentence:?} is not in {said}");
    }
    let wrong = home.lictor(&show, &["not this password", "000000"]);
    assert!(text(&wrong.stderr).contains("do not belong together"));

    // It is stopped, and proved offline; one changed byte is found.
    assert_eq!(station.stop(), Some(0));
    let verified = home.lictor(&["ledger", "verify", "station"], &[]);
    assert!(
        text(&verified.stdout).starts_with("intact: "),
        "{}",
        text(&verified.stderr)
    );
    let growing = home.path("station/ledger/growing/00000000000000000000");
    let mut bytes = fs::read(&growing).unwrap();
    bytes[100] ^= 1;
    fs::write(&growing, bytes).unwrap();
    let damaged = home.lictor(&["ledger", "verify", "station"], &[]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(
        text(&damaged.stderr).contains("DAMAGED: entry 0:"),
        "{}",
        text(&damaged.stderr)
    );
}

#[test]
fn a_passphrase_beside_the_data_is_refused_and_a_wrong_one_does_not_open() {
    let home = Home::new();
    home.init();
    let beside = home.file("station/passphrase", PASSPHRASE);
    let refused = home.lictor(
        &[
            "serve",
            "station",
            "--passphrase-file",
            beside.to_str().unwrap(),
        ],
        &[],
    );
    assert!(
        text(&refused.stderr).contains("lies inside the data directory"),
        "{}",
        text(&refused.stderr)
    );
    let wrong = home.lictor(&["serve", "station"], &["four lamps under the weir"]);
    assert!(
        text(&wrong.stderr).contains("does not open the station"),
        "{}",
        text(&wrong.stderr)
    );
}

#[test]
fn two_of_three_shares_open_a_station_whose_passphrase_is_lost() {
    let home = Home::new();
    let printed = home.init();
    let share = |n: u8| between(&printed, &format!("share {n}   "), "\n").to_owned();
    let recovered = home.lictor(
        &["key", "recover", "station"],
        &[&share(3), &share(1), "a wholly new passphrase"],
    );
    assert!(recovered.status.success(), "{}", text(&recovered.stderr));
    assert_eq!(
        Running::serve(&home, "a wholly new passphrase").stop(),
        Some(0)
    );
    let once = home.lictor(
        &["key", "recover", "station"],
        &[&share(2), &share(2), "another new passphrase"],
    );
    assert_eq!(once.status.code(), Some(1));
}

#[test]
fn a_station_is_founded_in_its_own_state_and_told_which_presets_there_are() {
    let home = Home::new();
    let arguments = [
        "init",
        "station",
        "--agency",
        "Harlan Police Department",
        "--state",
        "us-va",
        "--deputy-chief",
        "a.b,A B,1",
        "--administrator",
        "c.d,C D,2",
    ];
    let founded = home.lictor(&arguments, &[PASSPHRASE]);
    let said = text(&founded.stdout) + &text(&founded.stderr);
    assert!(said.contains("The agency is in Virginia."), "{said}");
    assert!(said.contains("retention-presets.toml (VA)"), "{said}");
    let rules = fs::read_to_string(home.path("station/policy/release.toml")).unwrap();
    assert!(rules.lines().any(|line| line == "home = \"US-VA\""));
}

#[test]
fn a_station_is_founded_only_in_a_new_folder() {
    let home = Home::new();
    home.init();
    let again = home.lictor(
        &[
            "init",
            "station",
            "--agency",
            "x",
            "--deputy-chief",
            "a.b,A B,1",
            "--administrator",
            "c.d,C D,2",
        ],
        &[PASSPHRASE],
    );
    assert!(
        text(&again.stderr).contains("there is something here already"),
        "{}",
        text(&again.stderr)
    );
}

#[test]
fn members_and_training_are_kept_from_the_command_line_under_the_members_own_login() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let said = |arguments: &[&str], lines: &[&str]| {
        let output = home.lictor(arguments, lines);
        text(&output.stdout) + &text(&output.stderr)
    };
    let log_in = |login: &str, authenticator: &Totp| {
        let arguments = ["login", login, "--station", &station.address];
        let said = said(&arguments, &[PASSWORD, &code(authenticator)]);
        assert!(said.contains("You are logged in"), "{said}");
    };
    let list = ["member", "list"];
    assert!(said(&list, &[]).contains("you are not logged in"));

    log_in("avery.holt", &first_login(&station, &printed, "Avery Holt"));
    let session = fs::metadata(home.path("run/lictor/session")).unwrap();
    assert_eq!(session.permissions().mode() & 0o777, 0o600);
    let search = ["search", "DK?8*", "--purpose", "crime"];
    let refused = said(&search, &[]);
    assert!(refused.contains("needs a case or call number"), "{refused}");
    let found = said(
        &[&search[..], &["--case", "26-01877", "--all"]].concat(),
        &[],
    );
    assert!(found.starts_with("0 found; recorded as entry "), "{found}");
    let add = [
        "member",
        "add",
        "rowan.marsh",
        "--name",
        "Rowan Marsh",
        "--badge",
        "417",
        "--role",
        "officer",
    ];
    let added = said(&add, &[]);
    assert!(added.contains("Rowan Marsh is enrolled"), "{added}");
    assert!(
        added.contains("Enrolment code, for the member alone"),
        "{added}"
    );
    let renewed = said(&["member", "new-code", "rowan.marsh"], &[]);
    assert!(
        renewed.contains("What rowan.marsh came in with is gone."),
        "{renewed}"
    );
    let record = [
        "training",
        "record",
        "rowan.marsh",
        "--course",
        "Licence plate readers, initial course",
        "--version",
        "1",
        "--completed",
        "2020-01-05",
    ];
    let refused = said(&record, &[]);
    assert!(refused.contains("You enrolled this member"), "{refused}");
    assert!(refused.contains("(policy 3(d))"), "{refused}");

    log_in("sam.okafor", &first_login(&station, &printed, "Sam Okafor"));
    assert!(said(&record, &[]).contains("Training of rowan.marsh is recorded."));
    let appoint = [
        "member",
        "appoint",
        "rowan.marsh",
        "--role",
        "auditor",
        "--why",
        "x",
    ];
    assert!(said(&appoint, &[]).contains("by the Deputy Chief alone"));
    let suspend = ["member", "suspend", "rowan.marsh", "--why", "On leave"];
    assert!(said(&suspend, &[]).contains("rowan.marsh is suspended now."));
    let members = said(&list, &[]);
    let row = members.lines().find(|row| row.starts_with("rowan.marsh"));
    let row = row.unwrap_or_else(|| panic!("{members}"));
    for cell in ["Rowan Marsh", "417", "Officer", "suspended"] {
        assert!(row.contains(cell), "{cell} is not in {row}");
    }
    let cases = home.file(
        "cases.csv",
        "number,state\n26-01877,open\n26-01878,closed\n",
    );
    let imported = said(&["case", "import", cases.to_str().unwrap()], &[]);
    assert!(
        imported.contains("2 cases are on the list now"),
        "{imported}"
    );
    assert!(said(&["case", "list"], &[]).contains("26-01878  no"));
    let grant = [
        "authorisation",
        "grant",
        "rowan.marsh",
        "--class",
        "state",
        "--until",
        "2099-01-01",
        "--why",
        "x",
    ];
    assert!(
        said(&grant, &[]).contains("(policy 2)"),
        "not by an administrator"
    );
    let retention = [
        "proposal",
        "retention",
        "read",
        "--amount",
        "30",
        "--schedule",
        "24-103, item 7",
    ];
    let proposed = said(&retention, &[]);
    assert!(proposed.contains("It is proposed."), "{proposed}");
    let proposals = said(&["proposal", "list"], &[]);
    let row = proposals.lines().nth(1).unwrap_or_default();
    assert!(
        row.contains("reads without a hit kept for 30 days"),
        "{proposals}"
    );
    let own = said(&["proposal", "confirm", &row[..32]], &[]);
    assert!(own.contains("You proposed this"), "{own}");
    let approvals = said(&["approval", "list"], &[]);
    assert!(approvals.starts_with("approval"), "{approvals}");
    let ask = ["approval", "ask", "ordinance", "--case", "26-01877"];
    let refused = said(&ask, &[]);
    assert!(refused.contains("needs a sentence"), "{refused}");
    let session = home.path("run/lictor/session");
    let kept = fs::read(&session).unwrap();
    assert!(said(&["logout"], &[]).contains("logged out"));
    assert!(said(&list, &[]).contains("you are not logged in"));
    // Whoever copied the session has nothing: it ended at the station.
    fs::write(&session, kept).unwrap();
    let refused = said(&list, &[]);
    assert!(refused.contains("log in"), "{refused}");
}
