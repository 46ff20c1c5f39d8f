//! The release desk (6), over HTTP: what leaves the building, and what does not.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER, SAMPLE};
use jiff::SignedDuration;

const CLERK: &str = "kit.dorsey";
const CHIEF: &str = "ada.stone";
const PAPER: &str = "JVBERi0xLjc=";
const AFFIRMS: &str = "health-care immigration no-onward-transfer";

struct Desk {
    house: House,
    clerk: Browser,
    chief: Browser,
}

impl Desk {
    async fn new() -> Self {
        Self::with_clerk(&["records-clerk"]).await
    }

    async fn with_clerk(roles: &[&str]) -> Self {
        let house = House::new();
        house.take_in();
        let station = &house.station;
        let deputy_chief = log_in(station, LOGIN);
        let administrator = log_in(station, ADMINISTRATOR);
        let desk = [
            (CLERK, "Kit Dorsey", roles),
            (CHIEF, "Ada Stone", &["chief"] as &[&str]),
        ];
        for (login, name, roles) in desk {
            let new = EnrolMember {
                login: login.into(),
                name: name.into(),
                badge: "88".into(),
                roles: roles.iter().map(|role| Role((*role).into())).collect(),
            };
            enrol(station, &deputy_chief, new);
            train(station, &administrator, login, "2027-11-01");
        }
        let clerk = house.log_in(CLERK).await;
        let chief = house.log_in(CHIEF).await;
        Self {
            house,
            clerk,
            chief,
        }
    }

    /// Files a request of a neighbouring police department, with what `change` says otherwise.
    async fn file(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("agency", "Mill Prairie Police Department"),
            ("kind", "law-enforcement"),
            ("state", "US-IL"),
            ("person", "Det. Ines Calder"),
            ("purpose", "Homicide, sightings of the suspect's car"),
            ("plate", "DK48213"),
            ("camera", "elm-and-3rd"),
            ("from", "2026-11-20T00:00"),
            ("until", "2026-11-21T00:00"),
            ("paper", PAPER),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.house.fill_in(&self.clerk, "/requests", &form).await
    }

    async fn declare(&self, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("agency", "Harlan County Sheriff"),
            ("state", "US-IN"),
            ("signer", "Dale Brandt, Sheriff"),
            ("signed", "2026-11-01"),
            ("affirms", AFFIRMS),
            ("paper", PAPER),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.house
            .fill_in(&self.clerk, "/declarations", &form)
            .await
    }

    async fn file_from_indiana(&self, change: &[(&str, &str)]) -> Answer {
        let indiana = [("agency", "Harlan County Sheriff"), ("state", "US-IN")];
        self.file(&[&indiana, change].concat()).await
    }

    async fn decide(&self, who: &Browser, number: u32, decision: &str) -> Answer {
        let form = [("decision", decision), ("why", "As the law allows")];
        self.house
            .fill_in(who, &format!("/requests/{number}/decide"), &form)
            .await
    }

    /// Both log in anew: their sessions locked while the time passed.
    async fn come_back(mut self) -> Self {
        self.clerk = self.house.log_in(CLERK).await;
        self.chief = self.house.log_in(CHIEF).await;
        self
    }

    /// The files among which papers and pictures lie.
    fn kept_files(&self) -> Vec<PathBuf> {
        let shelves = std::fs::read_dir(self.house.folder().join("pictures")).unwrap();
        shelves
            .flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap())
            .map(|file| file.unwrap().path())
            .collect()
    }

    async fn page(&self, who: &Browser, number: u32) -> String {
        self.house
            .get(who, &format!("/requests/{number}"))
            .await
            .text
    }

    /// The package, as bytes.
    async fn package(&self, number: u32) -> Result<Vec<u8>, StatusCode> {
        let token = self.house.token(&self.clerk).await;
        let request = Request::post(format!("/requests/{number}/release"))
            .header(header::COOKIE, &self.clerk.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("token={token}")))
            .unwrap();
        use tower::ServiceExt;
        let response = self.house.pages.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        if status == StatusCode::OK {
            Ok(bytes.to_vec())
        } else {
            Err(status)
        }
    }
}

#[tokio::test]
async fn alpr_ac_33_a_request_that_lacks_something_stays_a_draft_with_nothing_to_decide() {
    let desk = Desk::new().await;
    for (number, lacks) in (1..).zip(["agency", "person", "purpose", "paper"]) {
        let page = desk.file(&[(lacks, "")]).await.text;
        assert!(
            page.contains(&format!("Request {number} is a draft")),
            "{page}"
        );
        let page = desk.page(&desk.chief, number).await;
        assert!(
            page.contains("Missing:") && !page.contains("value=\"approve\""),
            "{page}"
        );
        let decided = desk.decide(&desk.chief, number, "approve").await;
        assert_eq!(decided.status, StatusCode::FORBIDDEN, "{}", decided.text);
        assert!(decided.text.contains("The request is a draft"));
    }
    // What was missing is entered.
    let page = desk.file(&[("draft", "1")]).await.text;
    assert!(page.contains("Request 1 waits to be decided"), "{page}");
}

#[tokio::test]
async fn alpr_ac_34_nobody_but_the_chief_or_designee_approves_and_never_whoever_filed_it() {
    let desk = Desk::with_clerk(&["records-clerk", "chief"]).await;
    desk.file(&[]).await;
    let own = desk.decide(&desk.clerk, 1, "approve").await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(
        own.text.contains("Who filed a request neither decides it"),
        "{}",
        own.text
    );
    let officer = desk.house.log_in(OFFICER).await;
    assert_eq!(
        desk.decide(&officer, 1, "approve").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(desk.package(1).await, Err(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(
        desk.decide(&desk.chief, 1, "approve").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn alpr_ac_35_what_goes_out_is_what_was_approved_and_its_hash_is_on_file() {
    let desk = Desk::new().await;
    desk.file(&[]).await;
    desk.decide(&desk.chief, 1, "approve").await;
    // Another plate or another day is added: to the approved request, and to its release.
    let added = desk.file(&[("draft", "1"), ("plate", "AKT4823")]).await;
    assert_eq!(added.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        added.text.contains("ask anew with another request"),
        "{}",
        added.text
    );
    for more in [("plate", "AKT4823"), ("until", "2026-12-01T00:00")] {
        let wider = desk
            .house
            .fill_in(&desk.clerk, "/requests/1/release", &[more])
            .await;
        assert_eq!(wider.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let bytes = desk.package(1).await.unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut file = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let table = String::from_utf8(file("reads.csv")).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("DK48213") && !table.contains("AKT4823"));
    assert_eq!(file("pictures/0001.jpg"), SAMPLE);
    let conditions = String::from_utf8(file("conditions.txt")).unwrap();
    assert!(
        conditions.contains("for this purpose and no other:\n  Homicide"),
        "{conditions}"
    );
    assert!(
        conditions.contains("immigration status") && conditions.contains("Ada Stone (badge 88)")
    );
    let digest = crypt::sha256(&bytes).to_string();
    assert!(desk.page(&desk.chief, 1).await.contains(&digest));
    assert!(desk.house.story().await.contains(&digest));
}

#[tokio::test]
async fn alpr_ac_36_another_state_without_a_declaration_is_not_approved_by_anybody() {
    let desk = Desk::new().await;
    desk.file_from_indiana(&[]).await;
    let page = desk.page(&desk.chief, 1).await;
    assert!(
        page.contains("no declaration of affirmation is on file"),
        "{page}"
    );
    assert!(
        !page.contains("value=\"approve\""),
        "the page offers what cannot be"
    );
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::FORBIDDEN);
    assert!(
        decided.text.contains("Approval is no substitute"),
        "{}",
        decided.text
    );
    assert_eq!(desk.package(1).await, Err(StatusCode::UNPROCESSABLE_ENTITY));
    // With one it can be, and revoking it stops the release at once.
    desk.declare(&[]).await;
    assert_eq!(
        desk.decide(&desk.chief, 1, "approve").await.status,
        StatusCode::OK
    );
    assert!(desk.package(1).await.is_ok());
    let page = desk.house.get(&desk.clerk, "/requests").await.text;
    let id = page
        .split_once("name=\"id\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let revoked = [("id", id.as_str()), ("why", "Misuse")];
    let answer = desk
        .house
        .fill_in(&desk.chief, "/declarations/revoke", &revoked)
        .await;
    assert!(
        answer.text.contains("nothing more is released on it"),
        "{}",
        answer.text
    );
    assert_eq!(desk.package(1).await, Err(StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn alpr_ac_37_the_defect_of_a_declaration_is_named() {
    let desk = Desk::new().await;
    for (number, (change, defect)) in (1..).zip([
        (("signer", ""), "is not executed"),
        (("signed", ""), "is not executed"),
        (("affirms", "immigration"), "is short of something"),
        (("until", "2026-11-19"), "is over"),
        (("state", "US-IA"), "is another agency"),
    ]) {
        let filed = desk.declare(&[change]).await;
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.text);
        desk.file_from_indiana(&[]).await;
        let decided = desk.decide(&desk.chief, number, "approve").await;
        assert_eq!(decided.status, StatusCode::FORBIDDEN);
        assert!(decided.text.contains(defect), "{defect}: {}", decided.text);
        // The next one filed is the newest.
        desk.house.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn alpr_ac_38_a_prohibited_purpose_is_held_and_never_cleared_what_is_harmless_may_be() {
    let desk = Desk::new().await;
    desk.declare(&[]).await;
    desk.file_from_indiana(&[("purpose", "Crash in the ice storm")])
        .await;
    desk.file_from_indiana(&[("purpose", "Assist with a deportation")])
        .await;
    for (number, why) in [
        (1, "may speak of a prohibited purpose"),
        (2, "lets no data be used"),
    ] {
        let decided = desk.decide(&desk.chief, number, "approve").await;
        assert_eq!(decided.status, StatusCode::FORBIDDEN);
        assert!(decided.text.contains(why), "{}", decided.text);
    }
    let clear = async |who: &Browser, number: u32| {
        let path = format!("/requests/{number}/clear");
        desk.house
            .fill_in(who, &path, &[("why", "The weather")])
            .await
    };
    assert_eq!(clear(&desk.clerk, 1).await.status, StatusCode::FORBIDDEN);
    assert_eq!(clear(&desk.chief, 1).await.status, StatusCode::OK);
    assert_eq!(clear(&desk.chief, 2).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        desk.decide(&desk.chief, 1, "approve").await.status,
        StatusCode::OK
    );
    assert_eq!(
        desk.decide(&desk.chief, 2, "approve").await.status,
        StatusCode::FORBIDDEN
    );
    let story = desk.house.story().await;
    assert!(
        story.contains("found harmless: ice in request 1, because: The weather"),
        "{story}"
    );
    assert!(story.contains("Refused under 6"));
}

#[tokio::test]
async fn no_search_is_made_in_the_words_of_a_prohibited_purpose_whatever_its_case() {
    let desk = Desk::new().await;
    let officer = desk.house.log_in(OFFICER).await;
    for words in [
        "Immigration status of the driver",
        "Planned-Parenthood parking lot",
    ] {
        let page = desk
            .house
            .search_saying(&officer, "DK48213", "civil", "26-01877", words)
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("lets no data be used"), "{}", page.text);
    }
}

#[tokio::test]
async fn alpr_ac_39_a_federal_request_is_refused_shows_no_read_and_is_counted() {
    let desk = Desk::new().await;
    desk.file(&[("kind", "federal"), ("agency", "A federal agency")])
        .await;
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::FORBIDDEN);
    assert!(
        decided.text.contains("nothing is released to one"),
        "{}",
        decided.text
    );
    assert_eq!(
        desk.decide(&desk.chief, 1, "refuse").await.status,
        StatusCode::OK
    );
    assert_eq!(desk.package(1).await, Err(StatusCode::UNPROCESSABLE_ENTITY));
    let page = desk.house.get(&desk.chief, "/requests").await.text;
    assert!(
        page.contains("for the Secretary of State: 1, none of them met"),
        "{page}"
    );
}

#[tokio::test]
async fn alpr_ac_40_anybody_else_goes_to_the_records_policy_and_its_time_runs() {
    let desk = Desk::new().await;
    let filed = desk
        .file(&[("kind", "other"), ("agency", "Ashford Courier")])
        .await
        .text;
    assert!(
        filed.contains("referred to the Records Maintenance and Release Policy"),
        "{filed}"
    );
    let page = desk.page(&desk.chief, 1).await;
    assert!(page.contains("to be answered by"), "{page}");
    assert!(!page.contains("value=\"approve\"") && !page.contains("Make the package"));
    assert_eq!(
        desk.decide(&desk.chief, 1, "approve").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(desk.package(1).await, Err(StatusCode::UNPROCESSABLE_ENTITY));
}

#[tokio::test]
async fn a_clock_set_back_does_not_revive_a_declaration() {
    let desk = Desk::new().await;
    desk.declare(&[("until", "2026-11-26")]).await;
    desk.house.clock.advance(Duration::from_hours(4 * 24));
    let desk = desk.come_back().await;
    desk.file_from_indiana(&[]).await;
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert!(decided.text.contains("is over"), "{}", decided.text);
    desk.house.clock.step(SignedDuration::from_hours(-4 * 24));
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::FORBIDDEN);
    assert!(decided.text.contains("is over"), "{}", decided.text);
    assert!(decided.text.contains("time"), "{}", decided.text);
}

#[tokio::test]
async fn a_declaration_whose_paper_was_changed_counts_as_absent() {
    let desk = Desk::new().await;
    let before = desk.kept_files();
    desk.declare(&[]).await;
    desk.file_from_indiana(&[]).await;
    let kept = desk.kept_files();
    let new: Vec<_> = kept.iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(new.len(), 2, "the declaration's paper, and the request's");
    for file in new {
        let mut bytes = std::fs::read(file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(file, bytes).unwrap();
    }
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::FORBIDDEN);
    assert!(
        decided
            .text
            .contains("no declaration of affirmation is on file"),
        "{}",
        decided.text
    );
    // Executed and filed anew, it serves.
    desk.house.clock.advance(Duration::from_secs(1));
    desk.declare(&[]).await;
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.text);
}

#[tokio::test]
async fn an_agency_under_a_new_name_needs_a_declaration_of_its_own() {
    let desk = Desk::new().await;
    desk.declare(&[]).await;
    desk.file_from_indiana(&[("agency", "Harlan County Police")])
        .await;
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert_eq!(decided.status, StatusCode::FORBIDDEN);
    assert!(
        decided
            .text
            .contains("no declaration of affirmation is on file"),
        "{}",
        decided.text
    );
}

#[tokio::test]
async fn of_two_who_decide_and_two_who_release_at_once_one_of_each_is_heard() {
    let desk = Desk::new().await;
    desk.file(&[]).await;
    let (yes, no) = tokio::join!(
        desk.decide(&desk.chief, 1, "approve"),
        desk.decide(&desk.chief, 1, "refuse")
    );
    let heard = [&yes, &no].map(|answer| answer.status == StatusCode::OK);
    assert!(heard[0] != heard[1], "{} {}", yes.status, no.status);
    let page = desk.page(&desk.chief, 1).await;
    if heard[1] {
        assert!(page.contains("Request 1: refused"), "{page}");
        assert!(desk.package(1).await.is_err());
        return;
    }
    let (one, other) = tokio::join!(desk.package(1), desk.package(1));
    for package in [one, other].into_iter().flatten() {
        let digest = crypt::sha256(&package).to_string();
        let page = desk.page(&desk.chief, 1).await;
        assert!(page.contains(&digest), "what left is not on file: {page}");
    }
}

#[tokio::test]
async fn a_declaration_ends_with_its_last_day_where_the_agency_is() {
    let desk = Desk::new().await;
    // It is 16:00 UTC, 10:00 in Chicago, of 24 November.
    desk.declare(&[("until", "2026-11-24")]).await;
    desk.file_from_indiana(&[]).await;
    // Ten minutes before midnight there it is the next day by UTC.
    desk.house
        .clock
        .advance(Duration::from_secs(14 * 3600 - 600));
    let desk = desk.come_back().await;
    let shown = desk.page(&desk.chief, 1).await;
    assert!(shown.contains("value=\"approve\""), "{shown}");
    desk.house.clock.advance(Duration::from_secs(600));
    let decided = desk.decide(&desk.chief, 1, "approve").await;
    assert!(decided.text.contains("is over"), "{}", decided.text);
}
