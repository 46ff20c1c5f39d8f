//! `lictor report`: made by a running station, and counted again with nothing but the ledger.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;

use govern::{Clock, SystemClock};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use support::{Home, PASSPHRASE, PASSWORD, Running, code, first_login, text};

#[test]
fn a_report_is_counted_again_from_the_ledger_alone_and_the_number_that_was_changed_is_named() {
    let home = Home::new();
    let printed = home.init();
    let station = Running::serve(&home, PASSPHRASE);
    let avery = first_login(&station, &printed, "Avery Holt");
    let login = ["login", "avery.holt", "--station", &station.address];
    let came = home.lictor(&login, &[PASSWORD, &code(&avery)]);
    assert!(came.status.success(), "{}", text(&came.stderr));
    let run = |arguments: &[&str]| {
        let output = home.lictor(arguments, &[]);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), said)
    };
    let (_, listed) = run(&["report", "list"]);
    assert!(listed.contains("illinois-audit-pack"), "{listed}");
    // Some days, whatever the zone.
    let today = TimeZone::UTC.to_datetime(SystemClock::new().now()).date();
    let days = [
        today.saturating_sub(2.days()),
        today.saturating_add(2.days()),
    ];
    let [first, last] = days.map(|day| day.to_string());
    for file in ["report.json", "report.csv", "report.pdf"] {
        let (made, said) = run(&["report", "make", "monthly", &first, &last, "--to", file]);
        assert!(made, "{said}");
    }
    assert!(
        fs::read(home.path("report.pdf"))
            .unwrap()
            .starts_with(b"%PDF-")
    );
    let here: &[&str] = &["--ledger", "station", "--key", "station/ledger.pub"];
    for on_file in [&[], here] {
        let verify = |file| run(&[&["report", "verify", file], on_file].concat());
        let (borne_out, said) = verify("report.json");
        assert!(borne_out && said.contains("borne out: "), "{said}");
        let report = fs::read_to_string(home.path("report.json")).unwrap();
        let told = "\"counts\": \"members.login\",\n          \"says\": \"members who logged in\",\n          \"number\": ";
        assert!(report.contains(&format!("{told}1")), "{report}");
        home.file(
            "forged.json",
            &report.replace(&format!("{told}1"), &format!("{told}2")),
        );
        let (borne_out, said) = verify("forged.json");
        assert!(!borne_out, "{said}");
        let named =
            "NOT BORNE OUT: members who logged in (members.login): the report says 2, the ledger 1";
        assert!(said.contains(named), "{said}");
        assert_eq!(said.matches("NOT BORNE OUT").count(), 1, "{said}");
        let (borne_out, said) = verify("report.csv");
        assert!(
            !borne_out && said.contains("it is no report as JSON"),
            "{said}"
        );
    }
    // A ledger that was tampered with proves nothing.
    drop(station);
    let growing = fs::read_dir(home.path("station/ledger/growing")).unwrap();
    let newest = growing.last().unwrap().unwrap().path();
    let bytes = fs::read_to_string(&newest).unwrap_or_default();
    fs::write(
        &newest,
        bytes.replacen("\"act\":\"login\"", "\"act\":\"logiN\"", 1),
    )
    .unwrap();
    let (borne_out, said) = run(&[&["report", "verify", "report.json"], here].concat());
    assert!(
        !borne_out && said.contains("the ledger is DAMAGED"),
        "{said}"
    );
}
