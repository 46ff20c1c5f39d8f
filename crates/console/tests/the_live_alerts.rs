//! Alerts as they come, over HTTP: pushed while they may be, escalated, judged, corrected.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_core::Stream;
use govern::{EnrolMember, Role, StatusChange};
use house::support::{LOGIN, enrol, log_in, train};
use house::{ADMINISTRATOR, AUDITOR, Answer, Browser, House, OFFICER, TRAINEE};
use serde_json::Value;
use station::LocalEntryAsked;
use tower::ServiceExt;

const SUPERVISOR: &str = "pat.lindqvist";
const DISPATCHER: &str = "dana.oyelaran";

/// A station with a plate that is looked out for.
struct Watch(House);

/// An open stream.
struct Hearing(BodyDataStream);

impl Hearing {
    /// What was sent so far, and whether the stream is over.
    async fn heard(&mut self) -> (String, bool) {
        let mut text = String::new();
        loop {
            let next =
                std::future::poll_fn(|context| std::pin::Pin::new(&mut self.0).poll_next(context));
            match tokio::time::timeout(Duration::from_millis(50), next).await {
                Err(_) => return (text, false),
                Ok(None) => return (text, true),
                Ok(Some(part)) => text.push_str(std::str::from_utf8(&part.unwrap()).unwrap()),
            }
        }
    }
}

impl Watch {
    fn new() -> Self {
        let house = House::new();
        let deputy_chief = log_in(&house.station, LOGIN);
        let administrator = log_in(&house.station, ADMINISTRATOR);
        for (login, name, role) in [
            (SUPERVISOR, "Pat Lindqvist", "supervisor"),
            (DISPATCHER, "Dana Oyelaran", "dispatcher"),
        ] {
            let new = EnrolMember {
                login: login.into(),
                name: name.into(),
                badge: "440".into(),
                roles: vec![Role(role.into())],
            };
            enrol(&house.station, &deputy_chief, new);
            train(&house.station, &administrator, login, "2027-11-01");
        }
        let asked = LocalEntryAsked {
            plate: "DK48213".into(),
            jurisdiction: "US-IL".parse().ok(),
            reason: "Burglary, seen leaving".into(),
            case: "26-01877".into(),
            document: "Report 26-01877".into(),
            ends_at: "2026-12-01T12:00:00Z".parse().unwrap(),
            ..LocalEntryAsked::default()
        };
        house.clock.advance(Duration::from_secs(30));
        let officer = log_in(&house.station, OFFICER);
        house.station.enter_local_entry(&officer, asked).unwrap();
        house.station.confirm_local_entry(&deputy_chief, 1).unwrap();
        house.clock.advance(Duration::from_secs(30));
        Self(house)
    }

    async fn log_in(&self, login: &str) -> Browser {
        self.0.clock.advance(Duration::from_secs(30));
        self.0.log_in(login).await
    }

    async fn hear(&self, browser: &Browser) -> Hearing {
        let request = Request::get("/alerts/stream")
            .header(header::COOKIE, &browser.cookie)
            .body(Body::empty())
            .unwrap();
        let response = self.0.pages.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        Hearing(response.into_body().into_data_stream())
    }

    /// The car passes so many seconds ago.
    fn it_passes(&self, ago: i64) {
        let at = self.0.station.now() - jiff::SignedDuration::from_secs(ago);
        self.0
            .see(&[("DK48213", 0.98)], &[("US-IL", 0.95)], &at.to_string());
    }

    async fn step(&self, browser: &Browser, step: &str, form: &[(&str, &str)]) -> Answer {
        let path = format!("/alerts/{step}");
        self.0.fill_in(browser, &path, form).await
    }

    async fn take(&self, browser: &Browser) {
        let taken = self.step(browser, "1/acknowledge", &[]).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    }
}

#[tokio::test]
async fn an_alert_reaches_an_open_stream_and_the_ledger_says_to_whom_before_it_does() {
    let watch = Watch::new();
    let officer = watch.log_in(OFFICER).await;
    let dispatcher = watch.log_in(DISPATCHER).await;
    let mut hearing = watch.hear(&officer).await;
    let mut other = watch.hear(&dispatcher).await;
    watch.it_passes(5);
    let (text, over) = hearing.heard().await;
    assert!(text.starts_with("event: alert\n"), "{text}");
    assert!(text.contains(r#""read":"DK48213""#) && !over, "{text}");
    assert!(other.heard().await.0.contains(r#""number":1"#));
    watch.take(&dispatcher).await;
    let (text, _) = hearing.heard().await;
    assert!(text.contains("acknowledged by Dana Oyelaran"), "{text}");
    let story = watch.0.story().await;
    for told in [
        "Rowan Marsh (badge 417) had themselves told of alerts as they come",
        "Alert 1 was pushed to 2 members who watch.",
    ] {
        assert!(
            story.contains(told),
            "the ledger does not tell: {told}\n{story}"
        );
    }
}

/// The car passes once more, and nothing of it is heard: the stream is over.
async fn nothing_further_arrives(watch: &Watch, mut hearing: Hearing) {
    watch.it_passes(0);
    let (text, over) = hearing.heard().await;
    assert!(over, "the stream goes on: {text}");
    assert!(!text.contains("DK48213"), "{text}");
    assert!(text.contains("event: over"), "{text}");
}

#[tokio::test]
async fn a_stream_ends_when_its_member_logs_out() {
    let watch = Watch::new();
    let officer = watch.log_in(OFFICER).await;
    let hearing = watch.hear(&officer).await;
    let token = watch.0.token(&officer).await;
    watch
        .0
        .post(&officer, "/logout", &[("token", &token)])
        .await;
    nothing_further_arrives(&watch, hearing).await;
}

#[tokio::test]
async fn a_stream_ends_when_the_session_locks_and_being_told_is_no_use_of_it() {
    let watch = Watch::new();
    let officer = watch.log_in(OFFICER).await;
    let mut hearing = watch.hear(&officer).await;
    watch.0.clock.advance(Duration::from_secs(29 * 60));
    watch.it_passes(0);
    let (text, over) = hearing.heard().await;
    assert!(text.contains("DK48213") && !over, "{text}");
    watch.0.clock.advance(Duration::from_secs(61));
    nothing_further_arrives(&watch, hearing).await;
}

#[tokio::test]
async fn a_stream_ends_when_the_account_is_suspended() {
    let watch = Watch::new();
    let officer = watch.log_in(OFFICER).await;
    let hearing = watch.hear(&officer).await;
    let deputy_chief = log_in_again(&watch, LOGIN);
    let station = &watch.0.station;
    station
        .change_status(&deputy_chief, OFFICER, StatusChange::Suspend, "On leave")
        .unwrap();
    nothing_further_arrives(&watch, hearing).await;
}

#[tokio::test]
async fn a_stream_ends_when_the_role_does() {
    let watch = Watch::new();
    let officer = watch.log_in(OFFICER).await;
    let hearing = watch.hear(&officer).await;
    let deputy_chief = log_in_again(&watch, LOGIN);
    let station = &watch.0.station;
    station
        .end_role(&deputy_chief, OFFICER, Role("officer".into()), "Nights")
        .unwrap();
    nothing_further_arrives(&watch, hearing).await;
}

#[tokio::test]
async fn a_stream_ends_when_training_lapses() {
    let watch = Watch::new();
    let administrator = log_in_again(&watch, ADMINISTRATOR);
    train(&watch.0.station, &administrator, TRAINEE, "2026-11-24");
    // Five to midnight, where the agency is.
    let midnight: jiff::Timestamp = "2026-11-25T06:00:00Z".parse().unwrap();
    let left = midnight.duration_since(watch.0.station.now());
    let left = Duration::try_from(left).unwrap();
    watch.0.clock.advance(left - Duration::from_secs(5 * 60));
    let trainee = watch.log_in(TRAINEE).await;
    let hearing = watch.hear(&trainee).await;
    watch.0.clock.advance(Duration::from_secs(5 * 60));
    nothing_further_arrives(&watch, hearing).await;
}

fn log_in_again(watch: &Watch, login: &str) -> station::Caller {
    watch.0.clock.advance(Duration::from_secs(30));
    log_in(&watch.0.station, login)
}

#[tokio::test]
async fn an_alert_that_nobody_takes_goes_to_more_people_in_order_until_somebody_does() {
    let watch = Watch::new();
    let supervisor = watch.log_in(SUPERVISOR).await;
    watch.it_passes(0);
    assert_eq!(watch.0.station.escalate_alerts().unwrap(), 0, "not yet");
    watch.0.clock.advance(Duration::from_secs(2 * 60));
    assert_eq!(watch.0.station.escalate_alerts().unwrap(), 1);
    assert_eq!(watch.0.station.escalate_alerts().unwrap(), 0, "once");
    let page = watch.0.get(&supervisor, "/alerts").await.text;
    assert!(page.contains("WITH DISPATCHER") && !page.contains("it is with you now"));
    watch.0.clock.advance(Duration::from_secs(3 * 60));
    assert_eq!(watch.0.station.escalate_alerts().unwrap(), 1);
    let page = watch.0.get(&supervisor, "/search").await.text;
    assert!(page.contains("it is with you now"), "{page}");
    let officer = watch.log_in(OFFICER).await;
    watch.take(&officer).await;
    watch.0.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(
        watch.0.station.escalate_alerts().unwrap(),
        0,
        "somebody has it"
    );
    let page = watch.0.get(&supervisor, "/alerts").await.text;
    assert!(!page.contains("it is with you now"));
    let story = watch.0.story().await;
    for told in [
        "Nobody took alert 1 in time: it went to dispatcher.",
        "Nobody took alert 1 in time: it went to supervisor.",
    ] {
        assert!(
            story.contains(told),
            "the ledger does not tell: {told}\n{story}"
        );
    }
}

#[tokio::test]
async fn what_was_done_before_an_alert_was_verified_is_judged_once_by_a_supervisor_who_did_not_report_it()
 {
    let watch = Watch::new();
    watch.it_passes(0);
    let supervisor = watch.log_in(SUPERVISOR).await;
    watch.take(&supervisor).await;
    let form = [("action", "stop"), ("why", "The driver fled")];
    let reported = watch.step(&supervisor, "1/exception", &form).await;
    assert_eq!(reported.status, StatusCode::SEE_OTHER, "{}", reported.text);
    let judgement = [("judgement", "signed"), ("why", "A pursuit was on")];
    let own = watch
        .step(&supervisor, "1/exception/judge", &judgement)
        .await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let officer = watch.log_in(OFFICER).await;
    let refused = watch.step(&officer, "1/exception/judge", &judgement).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let list = watch.0.get(&officer, "/alerts").await.text;
    assert!(
        list.contains("For a supervisor: done before it was verified"),
        "{list}"
    );
    let second = enrol_supervisor(&watch).await;
    let judged = watch.step(&second, "1/exception/judge", &judgement).await;
    assert_eq!(judged.status, StatusCode::SEE_OTHER, "{}", judged.text);
    let again = watch.step(&second, "1/exception/judge", &judgement).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let card = watch.0.get(&officer, "/alerts/1").await.text;
    assert!(card.contains("Lee Quill (badge 470) signed it"), "{card}");
    let list = watch.0.get(&officer, "/alerts").await.text;
    assert!(!list.contains("For a supervisor"));
    let auditor = watch.log_in(AUDITOR).await;
    let counted = watch.0.get(&auditor, "/api/conformity").await.text;
    assert!(counted.contains("exceptions_judged"), "{counted}");
}

#[tokio::test]
async fn alpr_ac_09_whoever_watches_is_told_what_their_own_authorisations_show() {
    let watch = Watch::new();
    watch.0.classify(Some("state"));
    let authorise = async |class, login| {
        let deputy_chief = watch.log_in(LOGIN).await;
        let form = [
            ("login", login),
            ("class", class),
            ("until", "2027-11-01"),
            ("why", "Task force"),
        ];
        let path = "/station/authorisations";
        let granted = watch.0.fill_in(&deputy_chief, path, &form).await;
        assert_eq!(granted.status, StatusCode::OK, "{}", granted.text);
    };
    authorise("state", DISPATCHER).await;
    let officer = watch.log_in(OFFICER).await;
    let dispatcher = watch.log_in(DISPATCHER).await;
    // The one who may see it comes first, and then last.
    let mut authorised = watch.hear(&dispatcher).await;
    let mut not = watch.hear(&officer).await;
    let mut again = watch.hear(&dispatcher).await;
    watch.it_passes(5);
    for hearing in [&mut authorised, &mut again] {
        let (text, _) = hearing.heard().await;
        assert!(
            text.contains("DK48213") && text.contains("Elm Street"),
            "{text}"
        );
    }
    let (text, over) = not.heard().await;
    assert!(
        text.contains("A hit, restricted (State data). Contact dispatch"),
        "{text}"
    );
    for detail in ["DK48213", "Elm Street", "Burglary"] {
        assert!(!text.contains(detail) && !over, "{detail}: {text}");
    }
    let story = watch.0.story().await;
    assert!(
        story.contains("Alert 1 was pushed to 2 members who watch; 1 of them learnt that there is a hit, and no more."),
        "{story}"
    );
    // An authorisation that ends, ends the streams that began with it.
    let deputy_chief = watch.log_in(LOGIN).await;
    let form = [("login", DISPATCHER), ("class", "state"), ("why", "Over")];
    let path = "/station/authorisations/end";
    watch.0.fill_in(&deputy_chief, path, &form).await;
    watch.it_passes(0);
    let (text, over) = authorised.heard().await;
    assert!(over && !text.contains("DK48213"), "{text}");
}

async fn enrol_supervisor(watch: &Watch) -> Browser {
    let deputy_chief = log_in_again(watch, LOGIN);
    let administrator = log_in_again(watch, ADMINISTRATOR);
    let new = EnrolMember {
        login: "lee.quill".into(),
        name: "Lee Quill".into(),
        badge: "470".into(),
        roles: vec![Role("supervisor".into())],
    };
    enrol(&watch.0.station, &deputy_chief, new);
    train(&watch.0.station, &administrator, "lee.quill", "2027-11-01");
    watch.log_in("lee.quill").await
}

#[tokio::test]
async fn a_record_that_the_database_refutes_is_a_correction_for_the_lists_owner_and_counts_against_the_camera()
 {
    let watch = Watch::new();
    watch.it_passes(0);
    let officer = watch.log_in(OFFICER).await;
    watch.take(&officer).await;
    let fits = [("plate", "yes"), ("state", "yes"), ("vehicle", "yes")];
    watch.step(&officer, "1/picture", &fits).await;
    let asked_at = watch.0.station.now().to_string();
    let check = [
        ("result", "refuted"),
        ("database", "LEADS"),
        ("reference", "L-204417"),
        ("asked_at", &asked_at),
        ("returned", "=HYPERLINK(1)"),
    ];
    let checked = watch.step(&officer, "1/check", &check).await;
    assert_eq!(checked.status, StatusCode::SEE_OTHER, "{}", checked.text);
    let page = watch.0.get(&officer, "/hotlists/corrections").await.text;
    assert!(
        page.contains("DK48213") && page.contains("reference L-204417"),
        "{page}"
    );
    let path = "/api/hotlists/corrections";
    assert_eq!(
        watch.0.get(&officer, path).await.status,
        StatusCode::FORBIDDEN
    );
    let dispatcher = watch.log_in(DISPATCHER).await;
    let table = watch.0.get(&dispatcher, path).await.text;
    assert!(table.contains("\"refuted\",\"Local entries\""), "{table}");
    assert!(table.contains("\"'=HYPERLINK(1)\""), "no formula: {table}");
    let figures = watch.0.get(&dispatcher, "/api/alerts/figures").await.text;
    let figures: Vec<Value> = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures[0]["name"], "elm-and-3rd");
    assert_eq!(figures[0]["refuted"], 1);
    assert_eq!(figures[0]["flagged"], false, "one is not often");
    // The record was suspended; entered anew, its alert says what the earlier one was.
    let deputy_chief = log_in_again(&watch, LOGIN);
    let asked = LocalEntryAsked {
        plate: "DK48213".into(),
        jurisdiction: "US-IL".parse().ok(),
        reason: "Burglary, seen again".into(),
        case: "26-01877".into(),
        document: "Report 26-01877".into(),
        ends_at: "2026-12-01T12:00:00Z".parse().unwrap(),
        ..LocalEntryAsked::default()
    };
    let officer_again = log_in_again(&watch, OFFICER);
    watch
        .0
        .station
        .enter_local_entry(&officer_again, asked)
        .unwrap();
    watch
        .0
        .station
        .confirm_local_entry(&deputy_chief, 2)
        .unwrap();
    watch.it_passes(0);
    let card = watch.0.get(&dispatcher, "/alerts/2").await.text;
    assert!(card.contains("was none: refuted by the database"), "{card}");
}
