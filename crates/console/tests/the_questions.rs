//! Misuse is told to somebody else, over HTTP: tripwires, and the reviewers who answer.

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use govern::{EnrolMember, Role};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Browser, House, OFFICER, TRAINEE};

const OTHER_AUDITOR: &str = "ellis.ferro";
const AGAIN: &str = "One member searched one plate again and again";

async fn search(house: &House, officer: &Browser, plate: &str) {
    let answer = house.search(officer, plate, "crime", "26-01877").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// The names of the questions that the page leads to.
fn questions(page: &str) -> Vec<String> {
    let links = page.split("href=\"/questions/").skip(1);
    links.map(|link| link[..32].to_owned()).collect()
}

/// Somebody enrolled, and trained.
fn add(house: &House, login: &str, role: &str) {
    house.clock.advance(Duration::from_secs(30));
    let new = EnrolMember {
        login: login.into(),
        name: "Ellis Ferro".into(),
        badge: "903".into(),
        roles: vec![Role(role.into())],
    };
    enrol(&house.station, &log_in(&house.station, LOGIN), new);
    let administrator = log_in(&house.station, ADMINISTRATOR);
    train(&house.station, &administrator, login, "2027-11-01");
    house.clock.advance(Duration::from_secs(30));
}

#[tokio::test]
async fn alpr_ac_31_the_fifth_search_of_a_plate_in_a_week_is_a_question_to_a_reviewer_outside_the_chain()
 {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let auditor = house.log_in(AUDITOR).await;
    for plate in ["DK48213", "DK48213", "7KX4821", "DK48213", "DK48213"] {
        search(&house, &officer, plate).await;
    }
    let page = house.get(&auditor, "/questions").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains(AGAIN), "four are not five");
    search(&house, &officer, "DK48213").await;
    let page = house.get(&auditor, "/questions").await.text;
    assert!(page.contains(AGAIN), "{page}");
    assert!(
        page.contains("Questions (1)"),
        "every page of theirs says so"
    );
    let [question] = &questions(&page)[..] else {
        panic!("{page}")
    };
    let path = format!("/questions/{question}");
    let detail = house.get(&auditor, &path).await.text;
    assert!(detail.contains("About Rowan Marsh"), "{detail}");
    let told = "Rowan Marsh (badge 417) asked for the reads of plate DK48213";
    assert_eq!(detail.matches(told).count(), 5);
    assert!(!detail.contains("7KX4821"), "only what it is about");

    // Never to the subject, nor to whoever is above them.
    let deputy_chief = house.log_in(LOGIN).await;
    for browser in [&officer, &deputy_chief] {
        for path in ["/questions", path.as_str()] {
            let refused = house.get(browser, path).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        }
    }

    let found = [("finding", "not-in-order"), ("words", "No case activity")];
    let answered = house.fill_in(&auditor, &path, &found).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.text);
    assert!(
        answered
            .text
            .contains("not in order: No case activity (by Noor Adeyemi")
    );
    let again = house.fill_in(&auditor, &path, &found).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.clock.advance(Duration::from_secs(60));
    for _ in 0..4 {
        search(&house, &officer, "DK48213").await;
    }
    let page = house.get(&auditor, "/questions").await.text;
    assert_eq!(
        questions(&page).len(),
        1,
        "what was answered counts no more"
    );
    search(&house, &officer, "DK48213").await;
    let page = house.get(&auditor, "/questions").await.text;
    assert_eq!(questions(&page).len(), 2);
    let story = house.story().await;
    for told in [
        "A question was opened to the reviewers: One member searched one plate again and again.",
        "Noor Adeyemi (badge 417) answered question ",
        ": not in order; No case activity",
    ] {
        assert!(story.contains(told), "{told}\n{story}");
    }
}

#[tokio::test]
async fn whoever_is_refused_again_and_again_is_a_question() {
    let house = House::new();
    let trainee = house.log_in(TRAINEE).await;
    let auditor = house.log_in(AUDITOR).await;
    for _ in 0..5 {
        let refused = house.search(&trainee, "DK48213", "crime", "26-01877").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let page = house.get(&auditor, "/questions").await.text;
    assert!(
        page.contains("One member was refused again and again"),
        "{page}"
    );
    assert!(page.contains("Jo Tanner"));
    assert_eq!(questions(&page).len(), 1);
}

#[tokio::test]
async fn a_reviewer_who_supervises_answers_no_questions() {
    let house = House::new();
    house.clock.advance(Duration::from_secs(30));
    let deputy_chief = house.log_in(LOGIN).await;
    let form = [("role", "supervisor"), ("until", ""), ("why", "Nights")];
    let path = format!("/station/members/{AUDITOR}/roles");
    let given = house.fill_in(&deputy_chief, &path, &form).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    let auditor = house.log_in(AUDITOR).await;
    let refused = house.get(&auditor, "/questions").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("outside the chain of command"));
}

#[tokio::test]
async fn of_what_auditors_look_at_a_sample_is_looked_at_by_another() {
    let house = House::new();
    add(&house, OTHER_AUDITOR, "auditor");
    let auditor = house.log_in(AUDITOR).await;
    let other = house.log_in(OTHER_AUDITOR).await;
    const SAMPLE: &str = "A sample of what those at the top";
    // One in twenty is drawn, by chance.
    let mut page = String::new();
    for _ in 0..600 {
        let ledger = house
            .get(&auditor, "/api/ledger?scope=everyone&most=1")
            .await;
        assert_eq!(ledger.status, StatusCode::OK);
        page = house.get(&other, "/questions").await.text;
        if page.contains("Noor Adeyemi") {
            break;
        }
    }
    assert!(
        page.contains(SAMPLE) && page.contains("Noor Adeyemi"),
        "{page}"
    );
    let named = questions(&page).remove(0);
    let own = house.get(&auditor, "/questions").await.text;
    assert!(
        !own.contains(&named),
        "nobody sees a question about themselves"
    );
    let path = format!("/questions/{named}");
    let own = house.get(&auditor, &path).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.text.contains("about what you did"));
    assert_eq!(house.get(&other, &path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_canvasses_for_one_plate_again_and_again_is_a_question_too() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let auditor = house.log_in(AUDITOR).await;
    for n in 1..=5 {
        let page = house.get(&auditor, "/questions").await.text;
        assert!(!page.contains(AGAIN), "after {} of them", n - 1);
        let canvass = [
            ("camera1", "elm-and-3rd"),
            ("from1", "2026-11-20T00:00"),
            ("until1", "2026-11-21T00:00"),
            ("plate", "DK48213"),
            ("purpose", "crime"),
            ("case", "26-01877"),
        ];
        let answer = house.fill_in(&officer, "/canvass", &canvass).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let page = house.get(&auditor, "/questions").await.text;
    assert!(page.contains(AGAIN), "{page}");
}
