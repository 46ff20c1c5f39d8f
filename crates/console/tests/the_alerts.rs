//! Alerts, over HTTP: from a list and a read to a disposition. Tests named `alpr_ac_NN` are the
//! department's acceptance cases of that number.

mod house;

use std::time::Duration;

use axum::http::StatusCode;
use house::alerts::{Alerts, CHIEF, DISPATCHER, STOLEN};
use house::support::LOGIN;
use house::{ADMINISTRATOR, OFFICER};

#[tokio::test]
async fn one_member_takes_an_alert_another_verifies_it_a_third_closes_it_and_the_ledger_tells_it() {
    let alerts = Alerts::new();
    let brought = alerts.import(LOGIN, STOLEN).await;
    assert_eq!(brought.status, StatusCode::OK, "{}", brought.text);
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let page = alerts.0.get(&officer, "/alerts").await.text;
    assert!(page.contains("Waiting for somebody"), "{page}");
    alerts.take(&officer, 1).await;
    alerts.confirm(&officer, 1).await;
    let dispatcher = alerts.log_in(DISPATCHER).await;
    alerts.check(&dispatcher, 1, "verified").await;
    let chief = alerts.log_in(CHIEF).await;
    let closed = alerts.close(&chief, 1, "stop").await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text);
    let card = alerts.card(&chief, 1).await.text;
    assert!(card.contains("verified, reference L-204417"), "{card}");
    let story = alerts.0.story().await;
    for told in [
        "Avery Holt (badge 102) brought in the list State extract (state, from State police), file ",
        "Alert 1 was raised at camera elm-and-3rd.",
        "Rowan Marsh (badge 417) took alert 1",
        "Rowan Marsh (badge 417) compared the picture with the entry: alert 1: the plate fits, the state fits, the vehicle fits",
        "Dana Oyelaran (badge 440) recorded the database&#39;s answer: alert 1: verified by LEADS, reference L-204417: as it says",
        "Robin Castell (badge 440) closed alert 1: the vehicle was stopped; Depot Road at the yard gate",
    ] {
        assert!(
            story.contains(told),
            "the ledger does not tell: {told}\n{story}"
        );
    }
    assert!(
        !story.contains("DK48213"),
        "no plate stands in what raised it"
    );
}

#[tokio::test]
async fn alpr_ac_09_a_restricted_record_is_opened_with_an_authorisation_in_force_and_else_by_nobody()
 {
    let alerts = Alerts::new();
    let row = "VIOLENT,DK48213,IL,PC,2014,Chevrolet,Impala,sedan,black,20261010,X100200306,IL0990000,Armed\n";
    alerts.import(LOGIN, row).await;
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let refused = alerts.card(&officer, 1).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("Restricted record, contact dispatch.")
    );
    let list = alerts.0.get(&officer, "/alerts").await.text;
    assert!(list.contains("Restricted record. Contact dispatch; the Deputy Chief grants"));
    for detail in ["Violent", "Armed", "Impala", "X100200306"] {
        assert!(
            !refused.text.contains(detail) && !list.contains(detail),
            "{detail}"
        );
    }
    assert_eq!(
        alerts.alerts(&officer).await[0]["reason"],
        serde_json::Value::Null
    );
    let dispatcher = alerts.log_in(DISPATCHER).await;
    let refused = alerts.card(&dispatcher, 1).await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "a role is not enough"
    );
    alerts.authorise(DISPATCHER, "federal").await;
    let refused = alerts.card(&dispatcher, 1).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "nor another class");
    alerts.authorise(DISPATCHER, "state").await;
    let card = alerts.card(&dispatcher, 1).await.text;
    assert!(card.contains("Violent person"), "{card}");
    let story = alerts.0.story().await;
    assert!(
        story.contains("Rowan Marsh (badge 417) opened alert 1, from"),
        "{story}"
    );
    assert!(story.contains("Refused under 3(e)."));
}

#[tokio::test]
async fn alpr_ac_09_of_an_alert_that_a_restricted_camera_saw_only_that_there_is_a_hit_is_told() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts.0.classify(Some("state"));
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let list = alerts.0.get(&officer, "/alerts").await.text;
    assert!(
        list.contains("A hit, restricted (State data). Contact dispatch; the Deputy Chief grants"),
        "{list}"
    );
    let refused = alerts.card(&officer, 1).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("contact dispatch"));
    let told = alerts.0.get(&officer, "/api/alerts").await.text;
    for detail in [
        "DK48213",
        "Stolen",
        "Elm Street",
        "elm-and-3rd",
        "15:58",
        "09:58",
    ] {
        for page in [&list, &refused.text, &told] {
            assert!(!page.contains(detail), "{detail} stands in {page}");
        }
    }
    let told = alerts.alerts(&officer).await;
    assert_eq!(told[0]["raised_at"], serde_json::Value::Null);
    assert_eq!(told[0]["withheld"], 1);
    alerts.authorise(OFFICER, "federal").await;
    assert_eq!(alerts.card(&officer, 1).await.status, StatusCode::FORBIDDEN);
    alerts.authorise(OFFICER, "state").await;
    let card = alerts.card(&officer, 1).await.text;
    assert!(
        card.contains("Elm Street") && card.contains("DK48213"),
        "{card}"
    );
    let story = alerts.0.story().await;
    assert!(story.contains("Rowan Marsh (badge 417) opened alert 1, from"));
    assert!(story.contains("Refused under 3(e)."));
}

#[tokio::test]
async fn alpr_ac_09_of_an_alert_that_other_cameras_saw_too_theirs_are_shown_and_the_rest_is_counted()
 {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts.see_it("2026-11-24T15:50:00Z");
    let deputy_chief = alerts.log_in(LOGIN).await;
    let camera = [
        ("name", "state-route"),
        ("place", "State Route 9"),
        ("class", "state"),
    ];
    let path = "/station/cameras";
    let added = alerts.0.fill_in(&deputy_chief, path, &camera).await;
    let (_, rest) = added.text.split_once("<dd class=\"mono\">").unwrap();
    let key = rest.split('<').next().unwrap();
    alerts.0.see_at(
        key,
        &[("DK48213", 0.98)],
        &[("US-IL", 0.95)],
        "2026-11-24T15:58:00Z",
    );
    let officer = alerts.log_in(OFFICER).await;
    let card = alerts.card(&officer, 1).await.text;
    assert!(
        card.contains("1 sighting is restricted (State data)"),
        "{card}"
    );
    assert!(card.contains("Elm Street"));
    let list = alerts.0.get(&officer, "/alerts").await.text;
    assert!(list.contains("1 more restricted (State data)"), "{list}");
    for page in [&card, &list] {
        assert!(!page.contains("State Route 9"), "{page}");
    }
    let story = alerts.0.story().await;
    assert!(
        story.contains(
            "Rowan Marsh (badge 417) came upon restricted reads: 1 of state, in the answer of entry"
        ),
        "{story}"
    );
    alerts.authorise(OFFICER, "state").await;
    let card = alerts.card(&officer, 1).await.text;
    assert!(
        card.contains("State Route 9") && !card.contains("restricted"),
        "{card}"
    );
}

#[tokio::test]
async fn alpr_ac_09_of_a_federal_list_every_record_takes_an_authorisation() {
    let alerts = Alerts::new();
    let brought = alerts.import_of_class(LOGIN, STOLEN, "federal").await;
    assert_eq!(brought.status, StatusCode::OK, "{}", brought.text);
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let list = alerts.0.get(&officer, "/alerts").await.text;
    assert!(list.contains("Restricted record. Contact dispatch; the Deputy Chief grants authorisations for federal data."));
    assert_eq!(alerts.card(&officer, 1).await.status, StatusCode::FORBIDDEN);
    alerts.authorise(OFFICER, "federal").await;
    assert_eq!(alerts.card(&officer, 1).await.status, StatusCode::OK);
}

#[tokio::test]
async fn alpr_ac_12_no_stop_is_recorded_before_it_is_verified_but_as_an_exception() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    alerts.take(&officer, 1).await;
    let refused = alerts.close(&officer, 1, "stop").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Policy 3(f)"), "{}", refused.text);
    alerts.confirm(&officer, 1).await;
    assert_eq!(
        alerts.close(&officer, 1, "arrest").await.status,
        StatusCode::FORBIDDEN
    );
    let form = [("action", "stop"), ("why", "The driver fled on foot")];
    let excepted = alerts.step(&officer, "1/exception", &form).await;
    assert_eq!(excepted.status, StatusCode::SEE_OTHER, "{}", excepted.text);
    assert_eq!(
        alerts.alerts(&officer).await[0]["state"],
        "closed-by-exception"
    );
    let deputy_chief = alerts.log_in(LOGIN).await;
    let counted = alerts.0.get(&deputy_chief, "/api/conformity").await.text;
    let counted: serde_json::Value = serde_json::from_str(&counted).unwrap();
    let clauses = counted["clauses"].as_array().unwrap();
    let verify = clauses.iter().find(|c| c["clause"] == "3(f)").unwrap();
    let evidence = verify["evidence"].as_array().unwrap();
    let exceptions = evidence
        .iter()
        .find(|e| e["name"] == "alert_exceptions")
        .unwrap();
    assert_eq!(exceptions["value"], 1);
    let story = alerts.0.story().await;
    assert!(story.contains(
        "reported an exception: alert 1: the vehicle was stopped before it was verified"
    ));
}

#[tokio::test]
async fn alpr_ac_13_a_plate_of_another_state_raises_no_alert_for_now_and_shows_the_difference() {
    let alerts = Alerts::new();
    let row = "VEHICLE,DK48213,MT,MC,2009,Harley-Davidson,Softail,motorcycle,black,20260901,V100200305,MT0990000,\n";
    alerts.import(LOGIN, row).await;
    alerts.0.see(
        &[("DK48213", 0.98)],
        &[("US-CO", 0.95)],
        "2026-11-24T15:58:00Z",
    );
    let officer = alerts.log_in(OFFICER).await;
    let told = &alerts.alerts(&officer).await[0];
    assert_eq!(told["priority"], false);
    assert_eq!(told["plate_state"], "differs");
    let card = alerts.card(&officer, 1).await.text;
    assert!(
        card.contains(
            "The state does not fit: the record is of Montana, the plate is read as Colorado"
        ),
        "{card}"
    );
    assert!(
        card.contains("record motorcycle: compare the picture"),
        "{card}"
    );
    // The person sees another car, and that is the end of it.
    alerts.take(&officer, 1).await;
    let form = [("plate", "yes")];
    alerts.step(&officer, "1/picture", &form).await;
    assert_eq!(
        alerts.close(&officer, 1, "stop").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        alerts.close(&officer, 1, "nothing").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn alpr_ac_14_a_record_that_is_gone_is_stale_and_raises_nothing_until_it_is_entered_anew() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts.see_it("2026-11-24T15:00:00Z");
    let officer = alerts.log_in(OFFICER).await;
    alerts.take(&officer, 1).await;
    alerts.confirm(&officer, 1).await;
    alerts.check(&officer, 1, "stale").await;
    assert_eq!(alerts.alerts(&officer).await[0]["state"], "stale");
    assert_eq!(
        alerts.close(&officer, 1, "stop").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        alerts.close(&officer, 1, "nothing").await.status,
        StatusCode::SEE_OTHER
    );
    // The record raises nothing more, nor when the same row comes in again.
    alerts.see_it("2026-11-24T15:20:00Z");
    alerts.import(LOGIN, STOLEN).await;
    alerts.see_it("2026-11-24T15:40:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(alerts.alerts(&officer).await.len(), 1);
    // Entered anew, it does, and its card says what the earlier one turned out to be.
    alerts
        .import(LOGIN, &STOLEN.replace("20261118", "20261124"))
        .await;
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(alerts.alerts(&officer).await.len(), 2);
    let card = alerts.card(&officer, 2).await.text;
    assert!(
        card.contains("Alert 1</a>: <b>stale: no such record any more</b>"),
        "{card}"
    );
    let page = alerts.0.get(&officer, "/hotlists").await.text;
    assert!(
        page.contains("<dt>Suspended records</dt><dd>1</dd>"),
        "{page}"
    );
}

#[tokio::test]
async fn alpr_ac_15_an_alert_of_a_list_that_is_overdue_says_so_before_anything_else() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts.0.clock.advance(Duration::from_secs(13 * 3600));
    alerts.see_it("2026-11-25T04:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let card = alerts.card(&officer, 1).await.text;
    let main = card.split_once("<main").unwrap().1;
    let banner = main
        .find("This list is overdue: what is known of it is 13 h old")
        .unwrap();
    assert!(banner < main.find("UNVERIFIED").unwrap() && banner < main.find("<h1>").unwrap());
    assert!(main.contains("<b class=\"overdue\">13 h ago</b>"));
    assert!(main.contains("Ask LEADS/NCIC whether the record still stands."));
    assert_eq!(alerts.alerts(&officer).await[0]["list_overdue"], true);
    assert!(
        alerts
            .0
            .get(&officer, "/alerts")
            .await
            .text
            .contains("LIST OVERDUE")
    );
    // The same list, refreshed, says nothing of the kind.
    alerts.import(LOGIN, STOLEN).await;
    alerts.0.clock.advance(Duration::from_secs(32 * 60));
    alerts.see_it("2026-11-25T05:30:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert!(!alerts.card(&officer, 2).await.text.contains("overdue:"));
}

#[tokio::test]
async fn alpr_ac_16_a_plate_whose_state_was_not_read_is_for_review_only() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    alerts
        .0
        .see(&[("DK48213", 0.99)], &[], "2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let told = &alerts.alerts(&officer).await[0];
    assert_eq!(told["priority"], false);
    assert_eq!(told["plate_state"], "not-read");
    let page = alerts.0.get(&officer, "/alerts").await.text;
    assert!(page.contains("STATE NOT READ") && page.contains("For review"));
    assert!(!page.contains("Waiting for somebody"));
    let card = alerts.card(&officer, 1).await.text;
    assert!(card.contains("STATE NOT READ") && card.contains("review only"));
    let story = alerts.0.story().await;
    assert!(story.contains("Alert 1 for review was raised at camera elm-and-3rd."));
}

#[tokio::test]
async fn alpr_ac_17_immigration_rows_are_dropped_counted_and_never_stored() {
    let alerts = Alerts::new();
    let row = "IMMIGRATION,KR90412,IL,,,,,,,20261121,I1,US0990000,\n";
    let brought = alerts.import(LOGIN, &format!("{STOLEN}{row}{row}")).await;
    let brought: serde_json::Value = serde_json::from_str(&brought.text).unwrap();
    assert_eq!(brought["entries"], 1);
    assert_eq!(brought["report"]["dropped"][0]["rows"], 2);
    assert!(
        brought["report"]["dropped"][0]["why"]
            .as_str()
            .unwrap()
            .contains("625 ILCS 5/2-130")
    );
    alerts.0.see(
        &[("KR90412", 0.99)],
        &[("US-IL", 0.95)],
        "2026-11-24T15:58:00Z",
    );
    let officer = alerts.log_in(OFFICER).await;
    assert!(alerts.alerts(&officer).await.is_empty());
    let page = alerts.0.get(&officer, "/hotlists").await.text;
    assert!(
        page.contains("2 rows of Immigration violator: counted, never stored."),
        "{page}"
    );
}

#[tokio::test]
async fn a_car_seen_four_times_in_ten_minutes_is_one_alert_with_four_sightings() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    for at in ["15:40:00", "15:42:00", "15:46:00", "15:50:00"] {
        alerts.see_it(&format!("2026-11-24T{at}Z"));
    }
    let officer = alerts.log_in(OFFICER).await;
    let told = alerts.alerts(&officer).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["sightings"], 4);
    let story = alerts.0.story().await;
    assert!(
        story.contains("Alert 1 was seen once more, at camera elm-and-3rd: sighting 4."),
        "{story}"
    );
    alerts.see_it("2026-11-24T16:01:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(
        alerts.alerts(&officer).await.len(),
        2,
        "later it is another alert"
    );
}

#[tokio::test]
async fn a_list_that_shrinks_too_much_waits_and_another_administrator_confirms_it() {
    let alerts = Alerts::new();
    let gone = STOLEN
        .replace("DK48213", "ZQ90417")
        .replace("V100200301", "V2");
    alerts.import(LOGIN, &format!("{STOLEN}{gone}")).await;
    let waits = alerts.import(LOGIN, &gone).await;
    let waits: serde_json::Value = serde_json::from_str(&waits.text).unwrap();
    assert_eq!(
        (&waits["waits"], &waits["before"]),
        (&true.into(), &2.into())
    );
    // What was in force is in force.
    alerts.see_it("2026-11-24T15:40:00Z");
    let form = |token: String| {
        [
            ("import", waits["import"].as_str().unwrap().to_owned()),
            ("token", token),
        ]
    };
    let confirm = async |login: &str| {
        let browser = alerts.log_in(login).await;
        let form = form(alerts.0.token(&browser).await);
        let form: Vec<_> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        alerts.0.post(&browser, "/hotlists/confirm", &form).await
    };
    let own = confirm(LOGIN).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.text);
    assert_eq!(confirm(ADMINISTRATOR).await.status, StatusCode::SEE_OTHER);
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(
        alerts.alerts(&officer).await.len(),
        1,
        "the second was not listed any more"
    );
}

#[tokio::test]
async fn an_administrator_sets_what_a_false_alert_of_a_list_costs_beside_what_was_measured() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    let doubtful = [("DK48213", 0.7), ("DK48218", 0.28)];
    let see = |at| alerts.0.see(&doubtful, &[("US-IL", 0.95)], at);
    see("2026-11-24T15:10:00Z");
    let set = async |login: &str, cost: &str| {
        let browser = alerts.log_in(login).await;
        let form = [
            ("list", "state extract"),
            ("false_cost", cost),
            ("may_be_done", "Follow it, and ask for a second car."),
        ];
        alerts.0.fill_in(&browser, "/hotlists/terms", &form).await
    };
    assert_eq!(set(OFFICER, "1").await.status, StatusCode::FORBIDDEN);
    for none in ["0", "100", "dear"] {
        let refused = set(ADMINISTRATOR, none).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{none}");
    }
    let done = set(ADMINISTRATOR, "1").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(
        done.text.contains("one for now from 50 % on"),
        "{}",
        done.text
    );
    see("2026-11-24T15:30:00Z");
    let officer = alerts.log_in(OFFICER).await;
    let told = alerts.alerts(&officer).await;
    let priority: Vec<_> = told.iter().map(|one| &one["priority"]).collect();
    assert_eq!(priority, [true, false], "what was raised before stays");
    let card = alerts.card(&officer, 2).await.text;
    assert!(
        card.contains("What may be done once it is verified: Follow it"),
        "{card}"
    );
    // What that alert turned out to be counts beside what was measured.
    alerts.take(&officer, 2).await;
    alerts.confirm(&officer, 2).await;
    alerts.check(&officer, 2, "refuted").await;
    let page = alerts.0.get(&officer, "/hotlists").await.text;
    let rows = page.split_once("Here: it was not</th>").unwrap().1;
    let in_force = rows
        .split("<tr")
        .find(|row| row.contains("in force"))
        .unwrap();
    assert!(
        in_force.contains("1 shown for review") && in_force.contains("it was not\">1</td>"),
        "{in_force}"
    );
    assert!(in_force.contains(" found</td>"), "measured: {in_force}");
    assert!(
        !page.contains("action=\"/hotlists/terms\""),
        "an officer sets nothing"
    );
    // It outlives the list's next import, and a restart.
    alerts
        .import(LOGIN, &STOLEN.replace("20261118", "20261124"))
        .await;
    let listed = alerts.0.get(&officer, "/api/hotlists").await.text;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["alert_at"], 0.5);
    see("2026-11-24T15:58:00Z");
    assert_eq!(alerts.alerts(&officer).await[0]["priority"], true);
    let story = alerts.0.story().await;
    assert!(
        story.contains("set for the alerts of the list State extract: a false alert costs as much as 1 listed cars"),
        "{story}"
    );
}

#[tokio::test]
async fn changes_are_applied_to_the_list_in_force_and_to_nothing_else() {
    let alerts = Alerts::new();
    let changes = async |rows: &str| alerts.change(LOGIN, rows).await;
    let entered = STOLEN.replace(",\n", ",,E\n");
    let none = changes(&entered).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        none.text.contains("bring the whole list in first"),
        "{}",
        none.text
    );
    let gone = STOLEN
        .replace("DK48213", "ZQ90417")
        .replace("V100200301", "V2");
    alerts.import(LOGIN, &gone).await;
    assert_eq!(changes(&entered).await.status, StatusCode::OK);
    alerts.see_it("2026-11-24T15:40:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(alerts.alerts(&officer).await.len(), 1);
    let cleared = changes(&gone.replace(",\n", ",,C\n")).await;
    let cleared: serde_json::Value = serde_json::from_str(&cleared.text).unwrap();
    assert_eq!(
        (&cleared["entries"], &cleared["waits"]),
        (&1.into(), &true.into())
    );
}

#[tokio::test]
async fn a_file_that_is_refused_leaves_the_list_in_force() {
    let alerts = Alerts::new();
    alerts.import(LOGIN, STOLEN).await;
    for (rows, why) in [
        (format!("{STOLEN}VEHICLE,DK48"), "it was cut off on its way"),
        (
            STOLEN.replace("Mazda", "=HYPERLINK(1)"),
            "line 2, column VMA: the cell begins as a formula does",
        ),
        (String::new(), "the file holds no row"),
    ] {
        let refused = alerts.import(LOGIN, &rows).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(why), "{}", refused.text);
    }
    alerts.see_it("2026-11-24T15:58:00Z");
    let officer = alerts.log_in(OFFICER).await;
    assert_eq!(alerts.alerts(&officer).await.len(), 1);
    assert_eq!(
        alerts.import(OFFICER, STOLEN).await.status,
        StatusCode::FORBIDDEN
    );
}
