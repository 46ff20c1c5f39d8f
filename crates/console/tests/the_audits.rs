//! Regular audits (5(c)), over HTTP: a sample that nobody chose and anybody can draw again, and a finding on
//! each access.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Answer, Browser, House, OFFICER};
use ledger::entries_from;

const DAY: Duration = Duration::from_hours(24);

/// A station where the officer searched twelve times and the auditor looked at the ledger, two days ago.
struct Desk {
    house: House,
    auditor: Browser,
    day: String,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new();
        house.take_in();
        let day = house.station.today().to_string();
        let officer = house.log_in(OFFICER).await;
        for plate in ["DK48213", "GT53896", "AKT4823"].iter().cycle().take(12) {
            house.search(&officer, plate, "crime", "26-01877").await;
        }
        house.story().await;
        house.clock.advance(2 * DAY);
        let auditor = house.log_in(AUDITOR).await;
        Self {
            house,
            auditor,
            day,
        }
    }

    async fn draw(&self, who: &Browser, day: &str) -> Answer {
        let form = [("first", day), ("last", day), ("most", "6")];
        self.house.fill_in(who, "/audits", &form).await
    }

    /// The entries of a sample, and its page.
    async fn sample(&self, who: &Browser, serial: u32) -> (Vec<u64>, String) {
        let page = self.house.get(who, &format!("/audits/{serial}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let entries = page.text.split("<h2>Entry ").skip(1);
        let number = |rest: &str| rest.split('<').next().unwrap().parse().unwrap();
        (entries.map(number).collect(), page.text)
    }

    async fn judge(&self, who: &Browser, entry: u64, finding: &str) -> Answer {
        let entry = entry.to_string();
        let form = [
            ("entry", entry.as_str()),
            ("finding", finding),
            ("words", "Looked into"),
        ];
        self.house.fill_in(who, "/audits/1", &form).await
    }

    /// A second auditor, at their browser.
    async fn another_auditor(&self) -> Browser {
        let station = &self.house.station;
        self.house.clock.advance(Duration::from_secs(30));
        let (deputy_chief, administrator) =
            (log_in(station, LOGIN), log_in(station, ADMINISTRATOR));
        let another = EnrolMember {
            login: "ira.vance".into(),
            name: "Ira Vance".into(),
            badge: "903".into(),
            roles: vec![Role("auditor".into())],
        };
        enrol(station, &deputy_chief, another);
        train(station, &administrator, "ira.vance", "2027-11-01");
        self.house.log_in("ira.vance").await
    }
}

#[tokio::test]
async fn alpr_ac_30_a_sample_drawn_twice_by_the_ledgers_head_is_the_same_without_the_auditors_own_accesses()
 {
    let desk = Desk::new().await;
    let drawn = desk.draw(&desk.auditor, &desk.day).await;
    assert!(drawn.text.contains("Sample 1 is drawn."), "{}", drawn.text);
    // What is done meanwhile changes nothing.
    let officer = desk.house.log_in(OFFICER).await;
    desk.house
        .search(&officer, "DK48213", "crime", "26-01877")
        .await;
    desk.draw(&desk.auditor, &desk.day).await;
    let (first, page) = desk.sample(&desk.auditor, 1).await;
    let (again, same_page) = desk.sample(&desk.auditor, 2).await;
    assert_eq!(first.len(), 6, "{page}");
    assert_eq!(first, again);
    assert!(page.contains("6 of 12 accesses"), "{page}");
    assert!(
        page.contains("Rowan Marsh (badge 417) asked for the reads of"),
        "{page}"
    );
    assert!(
        !page.contains("Noor Adeyemi (badge 417) asked what"),
        "the auditor's own: {page}"
    );
    // Whoever has the ledger draws the same: the seed is its head at the end of the day.
    let seed = |page: &str| {
        let (_, rest) = page.split_once("mono anywhere\">").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert_eq!(seed(&page), seed(&same_page));
    let (_, entries) = page.split_once("over its first ").unwrap();
    let entries: usize = entries.split(' ').next().unwrap().parse().unwrap();
    let ledger = desk.house.folder().join("ledger");
    let whole = entries_from(&ledger, 0).unwrap();
    let lines: Vec<Vec<u8>> = whole[..entries]
        .iter()
        .map(|entry| serde_json::to_vec(entry).unwrap())
        .collect();
    let root = ledger::merkle_root(lines.iter().map(Vec::as_slice));
    assert_eq!(root.to_string(), seed(&page));
    assert!(whole[entries].at.to_string() > format!("{}T23", desk.day));
}

#[tokio::test]
async fn a_finding_is_given_on_each_access_and_what_was_found_before_stays() {
    let desk = Desk::new().await;
    desk.draw(&desk.auditor, &desk.day).await;
    let (entries, _) = desk.sample(&desk.auditor, 1).await;
    for entry in &entries {
        let judged = desk.judge(&desk.auditor, *entry, "in-order").await;
        let says = format!("The finding on entry {entry} is recorded.");
        assert!(judged.text.contains(&says), "{}", judged.text);
    }
    let page = desk.house.get(&desk.auditor, "/audits").await.text;
    assert!(
        page.contains("all given") && !page.contains("not in order"),
        "{page}"
    );
    let judged = desk
        .judge(&desk.auditor, entries[0], "not-in-order")
        .await
        .text;
    let both =
        judged.contains(">in order: Looked into") && judged.contains(">not in order: Looked into");
    assert!(both, "{judged}");
    let page = desk.house.get(&desk.auditor, "/audits").await.text;
    assert!(page.contains("1 not in order"), "{page}");
    for (entry, finding) in [(0, "in-order"), (entries[0], "fine")] {
        let refused = desk.judge(&desk.auditor, entry, finding).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let story = desk.house.story().await;
    let says = format!(
        "gave a finding on entry {} of sample 1: not in order",
        entries[0]
    );
    assert!(story.contains(&says), "{story}");
}

#[tokio::test]
async fn nobody_judges_their_own_access_and_nobody_in_the_chain_draws() {
    let desk = Desk::new().await;
    let ira = desk.another_auditor().await;
    desk.draw(&ira, &desk.day).await;
    let (_, page) = desk.sample(&ira, 1).await;
    let own = page.split("<h2>Entry ").skip(1);
    let own = own
        .filter(|part| part.contains("Noor Adeyemi (badge 417) asked what"))
        .last();
    let own = own.unwrap_or_else(|| panic!("everybody who did something is in it: {page}"));
    let entry = own.split('<').next().unwrap().parse().unwrap();
    let page = desk.sample(&desk.auditor, 1).await.1;
    assert!(
        page.contains("This is your own: another reviewer gives the finding."),
        "{page}"
    );
    let judged = desk.judge(&desk.auditor, entry, "in-order").await;
    assert_eq!(judged.status, StatusCode::FORBIDDEN);
    assert!(
        judged.text.contains("This access is your own."),
        "{}",
        judged.text
    );
    assert_eq!(
        desk.judge(&ira, entry, "in-order").await.status,
        StatusCode::OK
    );
    desk.house.clock.advance(Duration::from_secs(30));
    for login in [OFFICER, LOGIN] {
        let who = desk.house.log_in(login).await;
        assert_eq!(
            desk.draw(&who, &desk.day).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            desk.house.get(&who, "/audits").await.status,
            StatusCode::FORBIDDEN
        );
    }
    let today = desk.house.station.today().to_string();
    let refused = desk.draw(&ira, &today).await;
    assert!(
        refused.text.contains("draw from days that are over"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn au_6_a_week_that_is_over_is_drawn_by_the_station_once_and_at_day_eight_its_review_is_overdue()
 {
    let desk = Desk::new().await;
    let house = &desk.house;
    house.station.tend_audits().unwrap();
    let page = house.get(&desk.auditor, "/audits").await.text;
    assert!(
        page.contains("No sample was drawn yet."),
        "the week is not over: {page}"
    );
    // The week after.
    house.clock.advance(6 * DAY);
    for _ in 0..2 {
        house.station.tend_audits().unwrap();
    }
    let auditor = house.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/audits").await.text;
    assert!(page.contains("23 Nov 2026 to 29 Nov 2026"), "{page}");
    assert!(
        page.contains("by the station") && !page.contains("Sample 2"),
        "once: {page}"
    );
    assert!(!page.contains("overdue"), "{page}");
    // Nobody gives a finding; on the seventh day there is still time.
    house.clock.advance(6 * DAY);
    house.station.tend_audits().unwrap();
    let auditor = house.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/audits").await.text;
    assert!(!page.contains("overdue"), "{page}");
    house.clock.advance(2 * DAY);
    for _ in 0..2 {
        house.station.tend_audits().unwrap();
    }
    let auditor = house.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/audits").await.text;
    let alarm = "Alarm: An audit is overdue. Of sample 1, ";
    assert_eq!(page.matches(alarm).count(), 1, "{page}");
    assert!(page.contains("Overdue: Of sample 1, "), "{page}");
    assert!(
        house
            .story()
            .await
            .contains("An audit is overdue since 2026-12-")
    );
    // Three weeks later the week before was not drawn: nothing ran.
    house.clock.advance(21 * DAY);
    let auditor = house.log_in(AUDITOR).await;
    let page = house.get(&auditor, "/audits").await.text;
    assert!(
        page.contains("Overdue: No sample of the week from 21 December 2026 was drawn."),
        "{page}"
    );
}
