//! What the department's rules allow and refuse, and in which words.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::time::Duration;

use crypt::{Id, SystemRandom};
use govern::{
    Action, AddCamera, AgencyKind, CameraFacts, ChangeStatus, Clock, CourseVersion, DecideRequest,
    Decided, Defect, EndRole, EnrolMember, GiveRole, Granted, KeepReads, MemberFacts, MemberId,
    MemberStatus, Moment, Permit, PermitError, Policy, PolicyFiles, Principal, RecordTraining,
    Request, Role, Search, Standing, StatedPurpose, StatusChange, Subject, SystemClock, decide,
};
use jiff::{Timestamp, ToSpan};
use ledger::{Ledger, Salt, SigningKey};

fn policy() -> Policy {
    Policy::load(&PolicyFiles::embedded()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn facts(roles: &[&str], trained_until: Option<Timestamp>) -> MemberFacts {
    MemberFacts {
        id: Id::random(&SystemRandom),
        name: "Rowan Marsh".into(),
        badge: "no. 417".into(),
        roles: roles.iter().map(|r| Role((*r).to_owned())).collect(),
        trained_until,
        authorised: vec![],
        approved: vec![],
    }
}

fn trained(role: &str) -> Principal {
    Principal::Member(facts(&[role], Some(now() + 24.hours())))
}

fn untrained(role: &str) -> Principal {
    Principal::Member(facts(&[role], None))
}

fn ask<A: Action>(who: &Principal, act: A) -> Decided<A> {
    let moment = Moment {
        time_doubtful: false,
        now: now(),
        id: Id::random(&SystemRandom),
        salt: Salt::random(&SystemRandom),
    };
    decide(
        &policy(),
        Request {
            act,
            who: who.clone(),
            session: None,
            address: "this machine".into(),
        },
        moment,
    )
}

/// Clause and reason of each refusal; empty when allowed.
fn refusals<A: Action>(who: &Principal, act: A) -> Vec<String> {
    match ask(who, act) {
        Decided::Granted(_) => vec![],
        Decided::Refused(refused) => refused
            .reasons
            .into_iter()
            .map(|r| format!("{} {}", r.clause, r.says))
            .collect(),
    }
}

fn allows<A: Action>(who: &Principal, act: A) -> bool {
    refusals(who, act).is_empty()
}

/// Somebody else, who holds no office.
fn another() -> Subject {
    Subject {
        member: Id::random(&SystemRandom),
        login: "x".into(),
        office: false,
    }
}

fn oneself(who: &Principal, office: bool) -> Subject {
    let Principal::Member(me) = who else {
        panic!("a camera")
    };
    Subject {
        member: me.id,
        login: "x".into(),
        office,
    }
}

fn give(to: Subject, role: &str) -> GiveRole {
    GiveRole {
        to,
        role: Role(role.into()),
        until: None,
        why: "z".into(),
    }
}

fn end(of: Subject, role: &str) -> EndRole {
    EndRole {
        of,
        role: Role(role.into()),
        why: "z".into(),
    }
}

fn training(of: Subject, enrolled_by: Option<MemberId>) -> RecordTraining {
    RecordTraining {
        of,
        enrolled_by,
        course: CourseVersion {
            course: "x".into(),
            version: "1".into(),
        },
        approved: Some(12),
        completed: "2026-11-20".parse().unwrap(),
        expires: "2027-11-20".parse().unwrap(),
        proof: None,
    }
}

fn change(of: Subject, from: MemberStatus, change: StatusChange) -> ChangeStatus {
    ChangeStatus {
        of,
        from,
        change,
        why: "z".into(),
    }
}

fn granted(who: &Principal, act: Search) -> Granted<Search> {
    match ask(who, act) {
        Decided::Granted(granted) => granted,
        Decided::Refused(_) => panic!("refused"),
    }
}

fn search(code: &str, case: Option<&str>) -> Search {
    Search::new(
        "7KX4821".parse().unwrap(),
        StatedPurpose {
            code: code.into(),
            case: case.map(Into::into),
            words: None,
        },
    )
}

fn a_ledger(dir: &tempfile::TempDir) -> Ledger {
    Ledger::begin(
        dir.path(),
        SigningKey::create("test.example/1", &SystemRandom).unwrap(),
    )
    .unwrap()
}

#[test]
fn a_trained_officer_with_a_purpose_and_a_case_may_search() {
    assert!(allows(
        &trained("officer"),
        search("crime", Some("26-01877"))
    ));
}

#[test]
fn a_personal_or_blank_purpose_is_refused() {
    for code in ["personal", ""] {
        let said = refusals(&trained("officer"), search(code, Some("26-01877")));
        assert_eq!(
            said,
            ["5(b) A search needs one of the department's purposes."]
        );
    }
}

#[test]
fn a_purpose_that_needs_a_case_names_the_missing_field() {
    for case in [None, Some(""), Some("  ")] {
        let said = refusals(&trained("officer"), search("crime", case));
        assert_eq!(
            said,
            ["5(b) This purpose needs a case or call number, and none was given."]
        );
    }
    let said = refusals(&trained("officer"), search("crime", Some("a friend asked")));
    assert_eq!(
        said,
        ["5(b) The case number does not have the form of this agency's numbers."]
    );
}

#[test]
fn a_civil_action_needs_its_number_and_the_action() {
    let mut civil = search("civil", Some("26-01877"));
    assert_eq!(
        refusals(&trained("officer"), civil.clone()),
        ["5(b) This purpose needs a sentence that says which action it is for."]
    );
    civil.purpose.words = Some("Tow notice for an abandoned vehicle".into());
    assert!(allows(&trained("officer"), civil));
}

#[test]
fn without_training_the_data_are_closed() {
    let said = refusals(&untrained("officer"), search("crime", Some("26-01877")));
    assert_eq!(said, ["3(d) You have no completed training in force."]);
}

#[test]
fn training_is_over_at_the_second_it_ends() {
    let just_over = Principal::Member(facts(&["officer"], Some(now())));
    assert!(!allows(&just_over, search("crime", Some("26-01877"))));
}

#[test]
fn every_reason_is_given_at_once() {
    let said = refusals(&untrained("officer"), search("crime", None));
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn offices_are_given_by_the_deputy_chief_alone() {
    let as_role = |role: &str| EnrolMember {
        login: "x".into(),
        name: "y".into(),
        badge: "1".into(),
        roles: vec![Role("officer".into()), Role(role.into())],
    };
    assert!(allows(&trained("administrator"), as_role("dispatcher")));
    for office in [
        "administrator",
        "deputy-chief",
        "chief",
        "auditor",
        "records-clerk",
        "no such role",
    ] {
        assert!(
            allows(&trained("deputy-chief"), as_role(office)),
            "{office}"
        );
        let said = refusals(&trained("administrator"), as_role(office));
        assert_eq!(said, [OFFICE]);
    }
}

const OFFICE: &str =
    "2 This role is an office, and offices are given and ended by the Deputy Chief alone.";

#[test]
fn an_administrator_gives_and_ends_roles_that_are_no_office() {
    let administrator = trained("administrator");
    for role in ["officer", "dispatcher", "investigator"] {
        assert!(allows(&administrator, give(another(), role)), "{role}");
        assert!(allows(&administrator, end(another(), role)), "{role}");
    }
    for role in ["administrator", "supervisor", "auditor", "chief"] {
        assert_eq!(refusals(&administrator, give(another(), role)), [OFFICE]);
        assert_eq!(refusals(&administrator, end(another(), role)), [OFFICE]);
        let deputy_chief = trained("deputy-chief");
        assert!(allows(&deputy_chief, give(another(), role)), "{role}");
        assert!(allows(&deputy_chief, end(another(), role)), "{role}");
    }
}

#[test]
fn nobody_gives_themselves_a_role_or_ends_their_own_office() {
    let deputy_chief = trained("deputy-chief");
    let me = || oneself(&deputy_chief, true);
    assert_eq!(
        refusals(&deputy_chief, give(me(), "chief")),
        ["2 Nobody gives themselves a role."]
    );
    assert_eq!(
        refusals(&deputy_chief, end(me(), "deputy-chief")),
        ["2 Nobody ends their own office, so that there is always somebody who holds it."]
    );
    assert!(allows(&deputy_chief, end(me(), "officer")));
}

#[test]
fn the_chiefs_designee_is_not_given_by_one_person() {
    let deputy_chief = trained("deputy-chief");
    let said = ["2 This role is given by two people."];
    assert_eq!(
        refusals(&deputy_chief, give(another(), "chiefs-designee")),
        said
    );
    let enrol = EnrolMember {
        login: "x".into(),
        name: "y".into(),
        badge: "1".into(),
        roles: vec![Role("chiefs-designee".into())],
    };
    assert_eq!(refusals(&deputy_chief, enrol), said);
}

#[test]
fn the_office_of_deputy_chief_never_ends_by_itself() {
    let mut role = give(another(), "deputy-chief");
    role.until = Some(now());
    assert_eq!(
        refusals(&trained("deputy-chief"), role.clone()),
        ["2 Somebody must always hold this office: it cannot end by itself."]
    );
    role.role = Role("administrator".into());
    assert!(allows(&trained("deputy-chief"), role));
}

#[test]
fn who_holds_an_office_is_suspended_and_reinstated_by_the_deputy_chief_alone() {
    let officer_holder = || Subject {
        office: true,
        ..another()
    };
    for (from, to) in [
        (MemberStatus::Active, StatusChange::Suspend),
        (MemberStatus::Active, StatusChange::End),
        (MemberStatus::Suspended, StatusChange::Reinstate),
    ] {
        let said = refusals(
            &trained("administrator"),
            change(officer_holder(), from, to),
        );
        assert_eq!(said.len(), 1, "{to:?}: {said:?}");
        assert!(allows(
            &trained("deputy-chief"),
            change(officer_holder(), from, to)
        ));
    }
    // Else a station whose only Deputy Chief was away for long stays without one.
    assert!(allows(
        &trained("administrator"),
        change(
            officer_holder(),
            MemberStatus::Disabled,
            StatusChange::Reinstate
        )
    ));
}

#[test]
fn nobody_changes_their_own_status() {
    let deputy_chief = trained("deputy-chief");
    let me = oneself(&deputy_chief, true);
    assert_eq!(
        refusals(
            &deputy_chief,
            change(me, MemberStatus::Active, StatusChange::Suspend)
        ),
        ["2 Nobody suspends, ends or reinstates themselves."]
    );
}

#[test]
fn nobody_records_their_own_training() {
    let me = trained("administrator");
    assert_eq!(
        refusals(&me, training(oneself(&me, true), None)),
        ["3(d) Nobody records their own training."]
    );
}

#[test]
fn whoever_enrolled_a_member_does_not_record_their_training() {
    let enroller = trained("administrator");
    let enrolled_by = oneself(&enroller, true).member;
    assert_eq!(
        refusals(&enroller, training(another(), Some(enrolled_by))),
        ["3(d) You enrolled this member, so you do not record their training."]
    );
    assert!(allows(
        &trained("administrator"),
        training(another(), Some(enrolled_by))
    ));
}

#[test]
fn a_course_version_that_was_not_approved_grants_nothing() {
    let unapproved = RecordTraining {
        approved: None,
        ..training(another(), None)
    };
    assert_eq!(
        refusals(&trained("deputy-chief"), unapproved),
        ["3(d) The department has not approved this course in this version."]
    );
}

#[test]
fn training_is_in_force_no_longer_than_the_course_allows() {
    let to = |expires: &str| RecordTraining {
        expires: expires.parse().unwrap(),
        ..training(another(), None)
    };
    assert!(allows(&trained("administrator"), to("2027-11-20")));
    assert_eq!(
        refusals(&trained("administrator"), to("2027-11-21")),
        ["3(d) The course is not in force for so long."]
    );
}

#[test]
fn administration_without_plate_data_needs_no_training() {
    assert!(allows(
        &untrained("administrator"),
        AddCamera {
            name: "x".into(),
            place: "y".into(),
            class: None,
        }
    ));
}

#[test]
fn a_camera_hands_in_reads_and_does_nothing_else() {
    let camera = Principal::Camera(CameraFacts {
        id: Id::random(&SystemRandom),
        name: "mill-bridge".into(),
    });
    assert!(allows(&camera, KeepReads));
    assert!(!allows(&camera, search("crime", Some("26-01877"))));
}

#[test]
fn what_is_personal_is_not_in_the_decision() {
    let granted = granted(&trained("officer"), search("crime", Some("26-01877")));
    let leaf = serde_json::to_string(granted.decision()).unwrap();
    for personal in ["7KX4821", "26-01877", "Marsh", "no. 417", "this machine"] {
        assert!(!leaf.contains(personal), "{personal} stands in {leaf}");
    }
}

#[test]
fn a_purpose_that_is_none_is_the_members_own_words_and_stays_out_of_the_log() {
    let Decided::Refused(refused) = ask(&trained("officer"), search("my neighbour's car", None))
    else {
        panic!("allowed")
    };
    assert_eq!(refused.decision().purpose, None);
}

#[test]
fn a_permit_is_made_of_a_decision_and_the_receipt_of_that_very_decision() {
    let dir = tempfile::tempdir().unwrap();
    let log = a_ledger(&dir);
    let clock = SystemClock::new();
    let who = trained("officer");
    let one = granted(&who, search("crime", Some("26-00001")));
    let other = granted(&who, search("crime", Some("26-00002")));
    let receipt = log.record(now(), one.decision()).unwrap();
    assert_eq!(
        Permit::join(other, receipt, &clock).unwrap_err(),
        PermitError::OtherDecision
    );
    let receipt = log.record(now(), one.decision()).unwrap();
    assert!(
        Permit::join(one, receipt, &clock)
            .unwrap()
            .check(&clock)
            .is_ok()
    );
}

#[test]
fn a_permit_is_good_for_a_minute() {
    struct AMinuteLater(SystemClock);
    impl Clock for AMinuteLater {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn monotonic(&self) -> Duration {
            self.0.monotonic() + Duration::from_secs(60)
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let log = a_ledger(&dir);
    let clock = SystemClock::new();
    let granted = granted(&trained("officer"), search("crime", Some("26-01877")));
    let receipt = log.record(now(), granted.decision()).unwrap();
    let permit = Permit::join(granted, receipt, &clock).unwrap();
    assert_eq!(
        permit.check(&AMinuteLater(clock)),
        Err(PermitError::Expired)
    );
}

/// Writes a file of the rules, in its folder.
fn put(dir: &std::path::Path, name: &str, text: &str) {
    let file = dir.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

#[test]
fn rules_that_are_wrong_are_not_put_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let mut access = String::new();
    for (name, text) in PolicyFiles::embedded().iter() {
        put(dir.path(), name, text);
        if name == "access.cedar" {
            access = text.to_owned();
        }
    }
    let load = || Policy::load(&PolicyFiles::in_folder(dir.path()).unwrap());
    assert!(load().is_ok());
    let spoilt = [
        (
            "a clause that is none",
            access.replacen("@clause(\"3(d)\")", "@clause(\"9(z)\")", 1),
        ),
        (
            "a refusal without a cure",
            access.replacen("@cure", "@cured", 1),
        ),
        (
            "an attribute that is none",
            access.replacen("trained_until", "trained_untill", 1),
        ),
        ("a rule cut short", access[..access.len() - 20].to_owned()),
    ];
    for (what, text) in spoilt {
        std::fs::write(dir.path().join("access.cedar"), text).unwrap();
        let error = load().err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.starts_with("policy/access.cedar"), "{what}: {error}");
    }
}

#[test]
fn rules_that_know_no_prohibited_purpose_are_not_put_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let plain = |name: &str| !name.starts_with("prohibited/");
    for (name, text) in PolicyFiles::embedded()
        .iter()
        .filter(|(name, _)| plain(name))
    {
        put(dir.path(), name, text);
    }
    let refused = Policy::load(&PolicyFiles::in_folder(dir.path()).unwrap())
        .err()
        .unwrap();
    assert!(
        refused.to_string().contains("no prohibited purpose"),
        "{refused}"
    );
}

#[test]
fn security_values_weaker_than_the_control_are_not_put_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let mut security = String::new();
    for (name, text) in PolicyFiles::embedded().iter() {
        put(dir.path(), name, text);
        if name == "security.toml" {
            security = text.to_owned();
        }
    }
    for (value, weaker, control) in [
        ("login_failures = 5", "login_failures = 6", "AC-7"),
        (
            "login_failures_minutes = 15",
            "login_failures_minutes = 5",
            "AC-7",
        ),
        (
            "session_idle_minutes = 30",
            "session_idle_minutes = 31",
            "AC-11",
        ),
        ("session_hours = 12", "session_hours = 13", "IA-5"),
        (
            "password_characters = 12",
            "password_characters = 7",
            "IA-5",
        ),
        ("login_failures = 5", "login_failures = 0", "AC-7"),
        ("unused_days = 90", "unused_days = 91", "AC-2"),
        ("training_months = 12", "training_months = 24", "AT-2"),
        (
            "  \"What you do here is recorded in your name, and is audited.\",\n",
            "",
            "AC-8",
        ),
    ] {
        let spoilt = security.replacen(value, weaker, 1);
        assert_ne!(spoilt, security);
        std::fs::write(dir.path().join("security.toml"), spoilt).unwrap();
        let error = Policy::load(&PolicyFiles::in_folder(dir.path()).unwrap())
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(
            error.starts_with("policy/security.toml") && error.contains(control),
            "{weaker}: {error}"
        );
    }
}

#[test]
fn what_a_request_page_says_stands_against_it_is_what_the_rules_refuse_it_for() {
    let chief = trained("chief");
    let complete = Standing {
        complete: true,
        ..Standing::default()
    };
    let defects = [
        Defect::Missing,
        Defect::OtherAgency,
        Defect::Unsigned,
        Defect::Short,
        Defect::Over,
        Defect::Revoked,
    ];
    let standings = [
        Standing {
            complete: false,
            ..complete
        },
        Standing {
            federal: true,
            ..complete
        },
        Standing {
            outsider: true,
            ..complete
        },
        Standing {
            prohibited: true,
            ..complete
        },
        Standing {
            held: true,
            ..complete
        },
    ];
    let with_defect = defects.map(|defect| Standing {
        defect: Some(defect),
        ..complete
    });
    let rules = policy().rules();
    for standing in standings.into_iter().chain(with_defect) {
        let act = DecideRequest {
            number: 3,
            kind: AgencyKind::LawEnforcement,
            filed_by: Id::random(&SystemRandom),
            approve: true,
            asked: "plate DK48213".into(),
            why: "A homicide".into(),
            counsel: None,
            standing,
        };
        let refused = match ask(&chief, act) {
            Decided::Refused(refused) => refused,
            Decided::Granted(_) => panic!("{standing:?} is granted"),
        };
        let says = |id: &str| {
            rules
                .iter()
                .find(|rule| rule.id == id)
                .unwrap()
                .says
                .clone()
        };
        let shown: Vec<String> = standing.against().into_iter().map(says).collect();
        let refused: Vec<String> = refused.reasons.into_iter().map(|one| one.says).collect();
        assert_eq!(shown, refused, "{standing:?}");
    }
}
