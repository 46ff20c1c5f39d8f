//! Who holds which role, who may come in, who is trained: over HTTP. Tests named `alpr_ac_NN` are the
//! department's acceptance cases of that number.
mod house;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use house::support::{LOGIN, PASSWORD};
use house::{ADMINISTRATOR, Answer, Browser, House, OFFICER, TRAINEE};

const DAY: u64 = 24 * 3600;

/// Everything that an administrator does here, asked for by this member.
async fn give(house: &House, by: &Browser, login: &str, role: &str, until: &str) -> Answer {
    let form = [
        ("role", role),
        ("until", until),
        ("why", "Needed on nights"),
    ];
    house
        .fill_in(by, &format!("/station/members/{login}/roles"), &form)
        .await
}

async fn end(house: &House, by: &Browser, login: &str, role: &str) -> Answer {
    let form = [("role", role), ("why", "Back on patrol")];
    house
        .fill_in(by, &format!("/station/members/{login}/roles/end"), &form)
        .await
}

async fn change(house: &House, by: &Browser, login: &str, change: &str) -> Answer {
    let form = [("change", change), ("why", "On leave")];
    house
        .fill_in(by, &format!("/station/members/{login}/status"), &form)
        .await
}

#[tokio::test]
async fn alpr_ac_05_an_administrator_whose_appointment_ends_is_refused_on_the_next_request() {
    let house = House::new();
    let deputy_chief = house.log_in(LOGIN).await;
    let given = give(&house, &deputy_chief, OFFICER, "administrator", "").await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    assert!(given.text.contains("by Avery Holt on 24 Nov 2026"));
    let administrator = house.log_in(OFFICER).await;
    let page = house.get(&administrator, "/station/members").await;
    assert_eq!(page.status, StatusCode::OK);
    let ended = end(&house, &deputy_chief, OFFICER, "administrator").await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    // The same session, no new login.
    for path in ["/station/members", "/station/training", "/api/members"] {
        let refused = house.get(&administrator, path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let story = house.story().await;
    assert!(story.contains(
        "Avery Holt (badge 102) gave the role administrator to rowan.marsh, because: Needed on nights"
    ));
    assert!(story.contains(
        "Avery Holt (badge 102) ended the role administrator of rowan.marsh, because: Back on patrol"
    ));
}

#[tokio::test]
async fn an_administrator_is_appointed_by_the_deputy_chief_and_by_nobody_else() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = give(&house, &administrator, OFFICER, "administrator", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("by the Deputy Chief alone"));
    let refused = end(&house, &administrator, LOGIN, "deputy-chief").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let given = give(&house, &administrator, OFFICER, "dispatcher", "").await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
}

#[tokio::test]
async fn nobody_gives_themselves_a_role() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = give(&house, &administrator, ADMINISTRATOR, "officer", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Nobody gives themselves a role."));
    assert!(house.story().await.contains("Refused under 2."));
}

#[tokio::test]
async fn a_role_with_a_last_day_is_gone_the_day_after() {
    let house = House::new();
    let deputy_chief = house.log_in(LOGIN).await;
    let given = give(&house, &deputy_chief, OFFICER, "auditor", "2026-11-24").await;
    assert!(given.text.contains("24 Nov 2026</td>"), "{}", given.text);
    let again = give(&house, &deputy_chief, OFFICER, "auditor", "").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let over = give(&house, &deputy_chief, OFFICER, "chief", "2026-11-23").await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    let auditor = house.log_in(OFFICER).await;
    let path = "/ledger?scope=everyone";
    assert_eq!(house.get(&auditor, path).await.status, StatusCode::OK);
    // It is 10:00 in Chicago: a click every 25 minutes to 23:45, then past midnight.
    house.clock.advance(Duration::from_secs(6 * 3600));
    let auditor = house.log_in(OFFICER).await;
    for _ in 0..18 {
        house.clock.advance(Duration::from_secs(25 * 60));
        assert_eq!(house.get(&auditor, path).await.status, StatusCode::OK);
    }
    house.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(house.get(&auditor, path).await.status, StatusCode::OK);
    house.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(
        house.get(&auditor, path).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn who_is_suspended_is_out_at_the_next_request_and_in_again_when_reinstated() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let officer = house.log_in(OFFICER).await;
    let done = change(&house, &administrator, OFFICER, "suspend").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(house.get(&officer, "/search").await.location, "/login");
    house.clock.advance(Duration::from_secs(30));
    let refused = house.try_login(OFFICER, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.text.contains("This account is suspended"));
    let again = change(&house, &administrator, OFFICER, "suspend").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    change(&house, &administrator, OFFICER, "reinstate").await;
    house.clock.advance(Duration::from_secs(30));
    let officer = house.log_in(OFFICER).await;
    assert_eq!(house.get(&officer, "/search").await.status, StatusCode::OK);
    assert!(
        house.story().await.contains(
            "changed the status of rowan.marsh from active to suspended, because: On leave"
        )
    );
}

#[tokio::test]
async fn an_administrator_does_not_close_the_account_of_the_deputy_chief() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = change(&house, &administrator, LOGIN, "suspend").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("This member holds an office"));
    house.log_in(LOGIN).await;
}

/// CJIS IA-4: an identifier is not given again for a year. Here, never.
#[tokio::test]
async fn ia_4_a_login_is_never_enrolled_twice() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    change(&house, &administrator, TRAINEE, "end").await;
    let form = [
        ("login", "Jo.Tanner"),
        ("name", "Jo Tanner"),
        ("badge", "466"),
        ("role", "officer"),
        ("password", PASSWORD),
    ];
    let refused = house
        .fill_in(&administrator, "/station/members", &form)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("names are never used twice"));
}

/// CJIS AC-2: disabled when inactive for 90 days.
#[tokio::test]
async fn ac_2_an_account_not_used_for_ninety_days_is_disabled_until_an_administrator_reinstates_it()
{
    let house = House::new();
    // The others come in now and then; the officer does not.
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(30 * DAY - 60));
        house.log_in(ADMINISTRATOR).await;
    }
    let code = house.try_login(OFFICER, PASSWORD).await;
    assert_eq!(code.status, StatusCode::SEE_OTHER, "89 days and some hours");
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(30 * DAY));
        house.log_in(ADMINISTRATOR).await;
    }
    let refused = house.try_login(OFFICER, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(
        refused
            .text
            .contains("This account is disabled: an administrator can reinstate it")
    );
    house.clock.advance(Duration::from_secs(30));
    let administrator = house.log_in(ADMINISTRATOR).await;
    let done = change(&house, &administrator, OFFICER, "reinstate").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    house.log_in(OFFICER).await;
}

#[tokio::test]
async fn alpr_ac_08_a_certificate_of_a_version_that_is_not_approved_opens_nothing() {
    let house = House::new();
    house.take_in();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let record = [
        ("login", TRAINEE),
        ("course", "Initial course"),
        ("version", "2"),
        ("completed", "2026-11-20"),
        ("expires", ""),
    ];
    let refused = house
        .fill_in(&administrator, "/station/training", &record)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("has not approved this course in this version"),
        "{}",
        refused.text
    );
    let trainee = house.log_in(TRAINEE).await;
    assert_eq!(house.get(&trainee, "/search").await.location, "/training");
    // An administrator does not approve it; the Deputy Chief does.
    let course = [
        ("course", "Initial course"),
        ("version", "2"),
        ("months", "6"),
    ];
    let refused = house
        .fill_in(&administrator, "/station/courses", &course)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let deputy_chief = house.log_in(LOGIN).await;
    let approved = house
        .fill_in(&deputy_chief, "/station/courses", &course)
        .await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
    let recorded = house
        .fill_in(&administrator, "/station/training", &record)
        .await;
    assert_eq!(recorded.status, StatusCode::OK, "{}", recorded.text);
    assert!(recorded.text.contains("2027-05-20"), "as long as it allows");
    assert_eq!(house.get(&trainee, "/search").await.status, StatusCode::OK);
    assert!(house.story().await.contains(
        "Avery Holt (badge 102) approved the course Initial course, version 2, in force for 6 months"
    ));
}

#[tokio::test]
async fn whoever_enrolled_a_member_does_not_record_their_training_and_no_record_is_too_long() {
    let house = House::new();
    let record = |expires: &'static str| {
        [
            ("login", TRAINEE),
            ("course", "Initial course"),
            ("version", "1"),
            ("completed", "2026-11-20"),
            ("expires", expires),
        ]
    };
    // The Deputy Chief enrolled the trainee.
    let deputy_chief = house.log_in(LOGIN).await;
    let refused = house
        .fill_in(&deputy_chief, "/station/training", &record(""))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("You enrolled this member"));
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = house
        .fill_in(&administrator, "/station/training", &record("2027-11-21"))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("not in force for so long"));
    let trainee = house.log_in(TRAINEE).await;
    assert_eq!(house.get(&trainee, "/search").await.location, "/training");
}

#[tokio::test]
async fn a_proof_is_kept_with_the_training_and_opened_only_by_whom_it_concerns() {
    const PROOF: &[u8] = b"%PDF-1.7 a certificate of the Ashford Falls academy";
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let token = house.token(&administrator).await;
    let send = |file: &'static [u8]| {
        let mut body = Vec::new();
        for (name, value) in [
            ("token", token.as_str()),
            ("login", TRAINEE),
            ("course", "Initial course"),
            ("version", "1"),
            ("completed", "2026-11-20"),
            ("expires", ""),
        ] {
            let part = format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.bytes());
        }
        body.extend(
            b"--x\r\nContent-Disposition: form-data; name=\"proof\"; filename=\"a.pdf\"\r\n\r\n",
        );
        body.extend(file);
        body.extend(b"\r\n--x--\r\n");
        house.send(
            Request::post("/station/training")
                .header(header::COOKIE, &administrator.cookie)
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
                .body(Body::from(body))
                .unwrap(),
        )
    };
    let refused = send(b"<script>no certificate</script>").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("a PDF, a JPEG or a PNG"));
    let recorded = send(PROOF).await;
    assert_eq!(recorded.status, StatusCode::OK, "{}", recorded.text);
    let (_, rest) = recorded.text.split_once("href=\"/proof/").unwrap();
    let path = format!("/proof/{}", &rest[..32]);
    let trainee = house.log_in(TRAINEE).await;
    for who in [&administrator, &trainee] {
        let fetched = house.get(who, &path).await;
        assert_eq!(fetched.status, StatusCode::OK);
        assert_eq!(fetched.text.as_bytes(), PROOF);
    }
    let officer = house.log_in(OFFICER).await;
    assert_eq!(
        house.get(&officer, &path).await.status,
        StatusCode::FORBIDDEN
    );
    let story = house.story().await;
    assert_eq!(story.matches("opened the proof of training").count(), 3);
    // On the disk it is nowhere as it was handed in.
    assert!(!house.holds(b"Ashford Falls academy"));
}

#[tokio::test]
async fn a_program_is_answered_as_a_program_by_the_same_rules() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let path = "/api/members/rowan.marsh/roles";
    let done = house
        .send_json(
            &administrator,
            path,
            r#"{"role":"dispatcher","why":"Nights"}"#,
        )
        .await;
    assert_eq!(
        done.text,
        r#"{"done":"rowan.marsh is Dispatcher now.","shown_once":[]}"#
    );
    let refused = house
        .send_json(&administrator, path, r#"{"role":"auditor","why":"Nights"}"#)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains(r#""clause":"2""#), "{}", refused.text);
    let members = house.get(&administrator, "/api/members").await;
    assert!(members.text.contains(r#""roles":["Officer","Dispatcher"]"#));
    let nobody = house.send_json(&Browser::default(), path, "{}").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let nonsense = house.send_json(&administrator, path, "{").await;
    assert!(nonsense.status.is_client_error());
    assert!(nonsense.text.starts_with(r#"{"error":"#));
}

async fn authorise(house: &House, by: &Browser, login: &str, until: &str) -> Answer {
    let form = [
        ("login", login),
        ("class", "state"),
        ("until", until),
        ("why", "Task force"),
    ];
    house.fill_in(by, "/station/authorisations", &form).await
}

#[tokio::test]
async fn alpr_ac_09_reads_of_a_class_are_withheld_without_an_authorisation_counted_and_the_attempt_logged()
 {
    let house = House::new();
    let deputy_chief = house.log_in(LOGIN).await;
    let camera = [
        ("name", "state-route"),
        ("place", "State Route 9"),
        ("class", "state"),
    ];
    let added = house
        .fill_in(&deputy_chief, "/station/cameras", &camera)
        .await;
    let (_, rest) = added.text.split_once("<dd class=\"mono\">").unwrap();
    let key = rest.split('<').next().unwrap();
    let camera = house.station.camera(key, None).unwrap();
    let at = "2026-11-24T14:12:07Z".parse().unwrap();
    house
        .station
        .ingest(&camera, "test", at, house::SAMPLE)
        .unwrap();
    let officer = house.log_in(OFFICER).await;
    let page = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("card sighting"), "{}", page.text);
    assert!(page.text.contains("1 read is restricted (State data)"));
    assert!(page.text.contains("Contact dispatch"));
    assert!(!page.text.contains("State Route 9"));

    // With the authorisation it is shown, until its last day is over or it is ended.
    let granted = authorise(&house, &deputy_chief, OFFICER, "2026-11-30").await;
    assert_eq!(granted.status, StatusCode::OK, "{}", granted.text);
    let page = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert!(page.text.contains("card sighting"), "{}", page.text);
    assert!(!page.text.contains("restricted"));
    let form = [("login", OFFICER), ("class", "state"), ("why", "Over")];
    house
        .fill_in(&deputy_chief, "/station/authorisations/end", &form)
        .await;
    let page = house.search(&officer, "DK48213", "crime", "26-01877").await;
    assert!(page.text.contains("1 read is restricted"));
    let story = house.story().await;
    assert_eq!(
        story
            .matches("Rowan Marsh (badge 417) came upon restricted reads: 1 of state")
            .count(),
        2
    );
    assert!(story.contains("granted the authorisation state to rowan.marsh, until 2026-12-01"));
}

#[tokio::test]
async fn an_authorisation_is_granted_at_the_top_never_to_oneself_and_lapses_on_its_day() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let refused = authorise(&house, &administrator, OFFICER, "2026-11-30").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let deputy_chief = house.log_in(LOGIN).await;
    let refused = authorise(&house, &deputy_chief, LOGIN, "2026-11-30").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("Nobody grants themselves an authorisation.")
    );
    for until in ["", "2026-11-23", "tomorrow"] {
        let refused = authorise(&house, &deputy_chief, OFFICER, until).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{until}");
    }
    authorise(&house, &deputy_chief, OFFICER, "2026-11-25").await;
    house.clock.advance(Duration::from_secs(2 * DAY));
    let deputy_chief = house.log_in(LOGIN).await;
    let list = house.get(&deputy_chief, "/api/authorisations").await;
    assert!(
        list.text.contains(r#""until":"2026-11-25""#),
        "{}",
        list.text
    );
    assert!(list.text.contains(r#""in_force":false"#), "{}", list.text);
}

#[tokio::test]
async fn once_a_case_list_is_imported_a_search_names_an_open_case_on_it() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let administrator = house.log_in(ADMINISTRATOR).await;
    let import = async |list: &str| {
        let json = format!(r#"{{"file":"{}"}}"#, base64(list.as_bytes()));
        house.send_json(&administrator, "/api/cases", &json).await
    };
    for (list, wrong) in [
        ("case,state\n26-01877,open\n", "there is no column `number`"),
        (
            "number,state\n26-01877,perhaps\n",
            "line 2: a case is `open` or `closed`",
        ),
        (
            "number\n26-01877\n26-01877\n",
            "line 3: this number stands on the list already",
        ),
    ] {
        let refused = import(list).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains(wrong), "{}", refused.text);
    }
    let found = house.search(&officer, "DK48213", "crime", "26-09999").await;
    assert_eq!(found.status, StatusCode::OK, "no list, the form will do");
    let done = import("number,title,state\n26-01877,Burglary,open\n26-01878,Theft,closed\n").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    for (case, status) in [
        ("26-01877", StatusCode::OK),
        ("26-01878", StatusCode::FORBIDDEN),
        ("26-09999", StatusCode::FORBIDDEN),
    ] {
        let page = house.search(&officer, "DK48213", "crime", case).await;
        assert_eq!(page.status, status, "{case}");
        if status == StatusCode::FORBIDDEN {
            assert!(page.text.contains("has no open case of this number"));
        }
    }
    let list = house.get(&administrator, "/api/cases").await;
    assert_eq!(
        list.text,
        r#"[{"number":"26-01877","open":true},{"number":"26-01878","open":false}]"#
    );
    let refused = house.get(&officer, "/api/cases").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        house
            .story()
            .await
            .contains("imported 2 cases, 1 of them open, SHA-256 ")
    );
}

#[tokio::test]
async fn a_purpose_that_needs_a_supervisor_waits_for_one_and_then_serves_that_member_and_case_for_a_time()
 {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let words = "Overnight parking on Depot Road";
    let look = async |browser: &_, case: &str| {
        house
            .search_saying(browser, "DK48213", "ordinance", case, words)
            .await
    };
    let refused = look(&officer, "26-01877").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("needs a supervisor&#39;s approval"),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("Policy 5(b)"));
    let wanted = [
        ("purpose", "ordinance"),
        ("case", "26-01877"),
        ("words", words),
    ];
    let asked = house.fill_in(&officer, "/approvals", &wanted).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.text.contains("waits for a supervisor"));
    assert!(
        !asked.text.contains("action=\"/approvals/"),
        "an officer gives none"
    );
    let without = [("purpose", "ordinance"), ("case", ""), ("words", words)];
    let refused = house.fill_in(&officer, "/approvals", &without).await;
    assert!(refused.text.contains("needs a case or call number"));

    let deputy_chief = house.log_in(LOGIN).await;
    let page = house.get(&deputy_chief, "/approvals").await.text;
    let (_, rest) = page.split_once("action=\"/approvals/").unwrap();
    let give = format!("/approvals/{}", &rest[..32]);
    let hours = |hours| [("hours", hours)];
    let refused = house.fill_in(&officer, &give, &hours("8")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = house.fill_in(&deputy_chief, &give, &hours("73")).await;
    assert!(refused.text.contains("not given for so long"));
    let given = house.fill_in(&deputy_chief, &give, &hours("8")).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    assert!(given.text.contains("approved by Avery Holt, until"));
    let again = house.fill_in(&deputy_chief, &give, &hours("8")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

    assert_eq!(look(&officer, "26-01877").await.status, StatusCode::OK);
    let other_case = look(&officer, "26-01878").await;
    assert_eq!(other_case.status, StatusCode::FORBIDDEN);
    let other_member = look(&deputy_chief, "26-01877").await;
    assert_eq!(other_member.status, StatusCode::FORBIDDEN);
    house.clock.advance(Duration::from_secs(8 * 3600));
    let officer = house.log_in(OFFICER).await;
    let over = look(&officer, "26-01877").await;
    assert_eq!(over.status, StatusCode::FORBIDDEN);
    let story = house.story().await;
    for told in [
        "Rowan Marsh (badge 417) asked a supervisor for approval ",
        "Avery Holt (badge 102) approved the searches of rowan.marsh for 8 hours (approval ",
        "for ordinance offence, case 26-01877",
    ] {
        assert!(story.contains(told), "{told}\n{story}");
    }
}

#[tokio::test]
async fn nobody_approves_their_own_searches() {
    let house = House::new();
    let deputy_chief = house.log_in(LOGIN).await;
    let wanted = [
        ("purpose", "ordinance"),
        ("case", "26-01877"),
        ("words", "Overnight parking"),
    ];
    let asked = house.fill_in(&deputy_chief, "/approvals", &wanted).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    let listed = house.get(&deputy_chief, "/api/approvals").await.text;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let give = format!("/approvals/{}", listed[0]["approval"].as_str().unwrap());
    let own = house.fill_in(&deputy_chief, &give, &[("hours", "8")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.text.contains("Nobody approves their own searches."));
}

/// What the page of proposals leads to.
fn newest_proposal(page: &str) -> String {
    let link = page.split("action=\"/station/proposals/").nth(1);
    let id = link.and_then(|link| link.get(..32)).unwrap_or_default();
    format!("/station/proposals/{id}")
}

const RETENTION: [(&str, &str); 5] = [
    ("class", "read"),
    ("amount", "30"),
    ("unit", "days"),
    ("schedule", "24-103, item 7"),
    ("preset", "IL-MUNI"),
];

#[tokio::test]
async fn alpr_ac_04_who_is_no_administrator_of_the_deputy_chiefs_does_not_change_retention() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    // Another administrator cannot make one.
    let administrator = house.log_in(ADMINISTRATOR).await;
    give(&house, &administrator, OFFICER, "administrator", "").await;
    let path = "/station/proposals/retention";
    let refused = house.fill_in(&officer, path, &RETENTION).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text
            .contains("no such appointment of yours is in force"),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("the appointment is recorded"));
    let deputy_chief = house.log_in(LOGIN).await;
    give(&house, &deputy_chief, OFFICER, "administrator", "").await;
    let proposed = house.fill_in(&officer, path, &RETENTION).await;
    assert_eq!(proposed.status, StatusCode::OK, "{}", proposed.text);
    assert!(house.story().await.contains("Refused under 2."));
}

#[tokio::test]
async fn retention_is_changed_by_two_of_whom_one_is_the_deputy_chief() {
    let house = House::new();
    let administrator = house.log_in(ADMINISTRATOR).await;
    let path = "/station/proposals/retention";
    let mut unscheduled = RETENTION;
    unscheduled[3] = ("schedule", "");
    let refused = house.fill_in(&administrator, path, &unscheduled).await;
    assert!(refused.text.contains("no item of it is named"));
    let mut longer = RETENTION;
    longer[1] = ("amount", "31");
    let refused = house.fill_in(&administrator, path, &longer).await;
    assert!(refused.text.contains("longer than the preset"));
    let proposed = house.fill_in(&administrator, path, &RETENTION).await;
    let confirm = newest_proposal(&proposed.text);
    assert!(proposed.text.contains("Nothing is decided yet"));
    let own = house.fill_in(&administrator, &confirm, &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.text.contains("You proposed this"));
    let deputy_chief = house.log_in(LOGIN).await;
    let done = house.fill_in(&deputy_chief, &confirm, &[]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(
        done.text
            .contains("<td>30 days</td><td>24-103, item 7</td>")
    );
    let again = house.fill_in(&deputy_chief, &confirm, &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let story = house.story().await;
    let id = confirm.rsplit('/').next().unwrap();
    assert!(story.contains("Sam Okafor (badge 118) proposed how long data are kept: reads without a hit kept for 30 days"));
    assert!(story.contains(&format!("(proposal {id})")), "the one");
    assert!(
        story.contains(&format!("(proposal {id}, of entry ")),
        "refers to the other"
    );
}

#[tokio::test]
async fn the_chiefs_designee_is_proposed_by_one_and_confirmed_by_another_in_time() {
    let house = House::new();
    let deputy_chief = house.log_in(LOGIN).await;
    give(&house, &deputy_chief, "noor.adeyemi", "chief", "").await;
    let form = [
        ("login", OFFICER),
        ("role", "chiefs-designee"),
        ("until", ""),
        ("why", "While the Chief is away"),
    ];
    let path = "/station/proposals/appointment";
    let late = house.fill_in(&deputy_chief, path, &form).await;
    let late = newest_proposal(&late.text);
    house.clock.advance(Duration::from_secs(3 * DAY));
    let chief = house.log_in("noor.adeyemi").await;
    let refused = house.fill_in(&chief, &late, &[]).await;
    assert!(refused.text.contains("The time to confirm this is over."));
    let deputy_chief = house.log_in(LOGIN).await;
    let proposed = house.fill_in(&deputy_chief, path, &form).await;
    let confirm = newest_proposal(&proposed.text);
    let member = format!("/station/members/{OFFICER}");
    let page = house.get(&deputy_chief, &member).await.text;
    assert!(
        !page.contains("<td>Chief&#39;s designee</td>"),
        "not by one"
    );
    let done = house.fill_in(&chief, &confirm, &[]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let page = house.get(&deputy_chief, &member).await.text;
    assert!(page.contains("confirmed by Noor Adeyemi"), "{page}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}
