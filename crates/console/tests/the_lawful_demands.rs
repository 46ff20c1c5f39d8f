//! Lawful demands (6): subpoenas, orders, warrants, discovery, over HTTP.

mod house;

use std::io::{Cursor, Read};
use std::time::Duration;

use axum::http::StatusCode;
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, Answer, Browser, House};

const CLERK: &str = "kit.dorsey";
const CHIEF: &str = "ada.stone";
const COUNSEL: &str = "Maren Okoye: valid, answer in full";

struct Desk {
    house: House,
    clerk: Browser,
    chief: Browser,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new();
        house.take_in();
        let deputy_chief = log_in(&house.station, LOGIN);
        let administrator = log_in(&house.station, ADMINISTRATOR);
        for (login, role) in [(CLERK, "records-clerk"), (CHIEF, "chief")] {
            let new = EnrolMember {
                login: login.into(),
                name: login.into(),
                badge: "88".into(),
                roles: vec![Role(role.into())],
            };
            enrol(&house.station, &deputy_chief, new);
            train(&house.station, &administrator, login, "2027-11-01");
        }
        Self {
            clerk: house.log_in(CLERK).await,
            chief: house.log_in(CHIEF).await,
            house,
        }
    }

    /// Files a subpoena of the county's court that the defence has served, with what `change` says
    /// otherwise.
    async fn serve(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("agency", "Hale and Ortiz, for the defendant"),
            ("kind", "other"),
            ("state", "US-IL"),
            ("person", "Jonah Hale, attorney"),
            ("purpose", "People v. Marsh, where the car was"),
            ("plate", "DK48213"),
            ("camera", "elm-and-3rd"),
            ("from", "2026-11-20T00:00"),
            ("until", "2026-11-21T00:00"),
            ("instrument", "subpoena"),
            ("issuer", "home-court"),
            ("authority", "Circuit Court of Ashford County"),
            ("docket", "26-CF-0114"),
            ("return_on", "2026-12-04"),
            ("paper", "JVBERi0xLjc="),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.house.fill_in(&self.clerk, "/requests", &form).await
    }

    async fn decide(&self, number: u32, counsel: &str) -> Answer {
        let form = [
            ("decision", "approve"),
            ("why", "As the court orders"),
            ("counsel", counsel),
        ];
        let path = format!("/requests/{number}/decide");
        self.house.fill_in(&self.chief, &path, &form).await
    }
}

#[tokio::test]
async fn a_lawful_demand_is_met_once_counsel_and_the_chief_have_looked_at_it_and_within_its_bounds()
{
    let desk = Desk::new().await;
    let served = desk.serve(&[]).await;
    assert!(
        served.text.contains("Request 1 waits to be decided"),
        "{}",
        served.text
    );
    let listed = "Subpoena 26-CF-0114 of Circuit Court of Ashford County";
    assert!(served.text.contains(listed), "{}", served.text);
    assert!(served.text.contains("to be answered by 4 Dec 2026"));
    let unasked = desk.decide(1, "").await;
    assert_eq!(unasked.status, StatusCode::FORBIDDEN);
    assert!(
        unasked.text.contains("no counsel is named"),
        "{}",
        unasked.text
    );
    let decided = desk.decide(1, COUNSEL).await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.text);
    assert!(decided.text.contains(COUNSEL), "{}", decided.text);

    let clerk = {
        desk.house.clock.advance(Duration::from_secs(30));
        log_in(&desk.house.station, CLERK)
    };
    let package = desk.house.station.release_reads(&clerk, 1).unwrap().bytes;
    let mut zip = zip::ZipArchive::new(Cursor::new(&package)).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        zip.by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let table = text("reads.csv");
    assert_eq!(
        table.lines().count(),
        2,
        "what was demanded and nothing else: {table}"
    );
    let conditions = text("conditions.txt");
    assert!(conditions.contains(&format!("on {listed}")), "{conditions}");
    let story = desk.house.story().await;
    for says in [listed, COUNSEL, &crypt::sha256(&package).to_string()] {
        assert!(story.contains(says), "{says}: {story}");
    }
    // Programs are told the same.
    let rows = desk.house.get(&desk.clerk, "/api/requests").await.text;
    let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows[0]["on"], listed);
    assert_eq!(
        rows[0]["answer_by"],
        serde_json::Value::Null,
        "it is answered"
    );
}

#[tokio::test]
async fn a_demand_that_lacks_its_instrument_its_court_or_its_day_is_a_draft() {
    let desk = Desk::new().await;
    for (number, lacks, says) in [
        (1, "paper", "the instrument itself"),
        (2, "authority", "the court or authority"),
        (3, "return_on", "the day on which it is to be answered"),
    ] {
        let filed = desk.serve(&[(lacks, "")]).await;
        assert!(filed.text.contains(&format!("Request {number} is a draft")));
        let page = desk
            .house
            .get(&desk.chief, &format!("/requests/{number}"))
            .await;
        assert!(page.text.contains(says), "{}", page.text);
        assert_eq!(
            desk.decide(number, COUNSEL).await.status,
            StatusCode::FORBIDDEN
        );
    }
    for change in [("instrument", "letter"), ("issuer", "a friend")] {
        let filed = desk.serve(&[change]).await;
        assert_eq!(filed.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
    }
}

#[tokio::test]
async fn an_overdue_demand_is_shown_until_it_is_answered() {
    let mut desk = Desk::new().await;
    let day = [("return_on", "2026-11-25")];
    assert!(!desk.serve(&day).await.text.contains("past the day"));
    desk.house.clock.advance(Duration::from_hours(48));
    desk.chief = desk.house.log_in(CHIEF).await;
    for path in ["/requests", "/requests/1"] {
        let page = desk.house.get(&desk.chief, path).await.text;
        let says = ["past the day to be answered", "that day is past"];
        assert!(
            says.iter().any(|says| page.contains(says)),
            "{path}: {page}"
        );
    }
    let refuse = [("decision", "refuse"), ("why", "Quashed")];
    desk.house
        .fill_in(&desk.chief, "/requests/1/decide", &refuse)
        .await;
    let page = desk.house.get(&desk.chief, "/requests").await.text;
    assert!(!page.contains("past the day to be answered"), "{page}");
}

#[tokio::test]
async fn a_prohibited_purpose_binds_the_states_courts_and_of_a_federal_court_it_is_read_first() {
    let desk = Desk::new().await;
    let purpose = ("purpose", "Deportation proceedings");
    desk.serve(&[purpose]).await;
    let refused = desk.decide(1, COUNSEL).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("lets no data be used"),
        "{}",
        refused.text
    );
    let federal = ("kind", "federal");
    desk.serve(&[purpose, federal, ("issuer", "federal-court")])
        .await;
    let held = desk.decide(2, COUNSEL).await;
    assert_eq!(held.status, StatusCode::FORBIDDEN);
    assert!(
        held.text.contains("may speak of a prohibited purpose"),
        "{}",
        held.text
    );
    let clear = [("why", "A judge's order, read with counsel")];
    let cleared = desk
        .house
        .fill_in(&desk.chief, "/requests/2/clear", &clear)
        .await;
    assert_eq!(cleared.status, StatusCode::OK, "{}", cleared.text);
    assert_eq!(desk.decide(2, COUNSEL).await.status, StatusCode::OK);
    // What a federal agency's own officials sign opens nothing.
    desk.serve(&[federal, ("issuer", "authority"), ("instrument", "warrant")])
        .await;
    let refused = desk.decide(3, COUNSEL).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("nothing is released to one"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn another_states_court_opens_nothing_for_an_agency_without_its_declaration() {
    let desk = Desk::new().await;
    let sheriff = [
        ("agency", "Harlan County Sheriff"),
        ("kind", "law-enforcement"),
        ("state", "US-IN"),
    ];
    desk.serve(&[&sheriff[..], &[("issuer", "other-court")]].concat())
        .await;
    let refused = desk.decide(1, COUNSEL).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("no declaration of affirmation is on file")
    );
    // A court of this state that took the demand over has looked at it.
    desk.serve(&sheriff).await;
    assert_eq!(desk.decide(2, COUNSEL).await.status, StatusCode::OK);
}
