//! What a store promises, on SQLite and on PostgreSQL alike.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::thread;
use std::time::Duration;

use crypt::{Code, EnrolmentCode, Id, RecoveryCode, SecondFactor, SystemRandom, sha256};
use govern::{
    AcknowledgeAlert, CameraId, ChangeStatus, Class, ClassifyCamera, Clock, ConfirmList,
    ConfirmPicture, Content, CourseVersion, EndRole, GiveRole, HotlistId, ImportList,
    IssueEnrolmentCode, LedgerOnly, LedgerScope, MemberFacts, MemberId, MemberStatus, OpenAlert,
    PermitError, Principal, RecordCheck, ReleaseMember, ReviewLedger, Role, Search, SeeAlerts,
    SeeLists, StatedPurpose, StatusChange, Subject,
};
use hotlist::{About, Check, CheckResult, Class as ListClass, PictureCheck, State};
use jiff::Timestamp;
use ledger::{Commitment, Decision, Event, LedgerError, Salt};
use plate::{Candidate, Reading};
use store::{
    Brought, Found, FoundingTraining, Frame, Kept, KeptContent, Listed, NewEnrolment, NewHit,
    NewRead, Passed, Place, Raised, StoreError,
};
use support::{House, administrator, member};

/// Each behaviour, once with each database.
macro_rules! on_both {
    ($($(#[$doc:meta])* fn $name:ident($house:ident: $kind:ty) $body:block)+) => {
        pub(crate) mod behaviour {
            use super::*;
            $($(#[$doc])* pub(crate) fn $name($house: $kind) $body)+
        }
        mod sqlite {
            use super::*;
            $(#[test] fn $name() { behaviour::$name(&mut House::with_sqlite()) })+
        }
        mod postgres {
            use super::*;
            $(#[test] fn $name() { behaviour::$name(&mut House::with_postgres()) })+
        }
    };
}

mod purges;
mod searches;

on_both! {
    fn facts_are_kept_replaced_and_there_after_a_restart(house: &mut House) {
        assert!(house.store().is_new().unwrap());
        house.store().set_fact("agency", "Ashford Falls").unwrap();
        house.store().set_fact("agency", "Ashford Falls PD").unwrap();
        house.reopen();
        assert_eq!(house.store().fact("agency").unwrap().as_deref(), Some("Ashford Falls PD"));
        assert_eq!(house.store().fact("host").unwrap(), None);
        assert!(!house.store().is_new().unwrap());
    }

    fn two_people_found_a_station_and_no_third(house: &mut House) {
        let one = house.founder("avery.holt", "Avery Holt").unwrap();
        let other = house.founder("sam.okafor", "Sam Okafor").unwrap();
        assert!(matches!(house.founder("rowan.marsh", "Rowan Marsh"), Err(StoreError::Taken(_))));
        let training = founding_course();
        house.store().record_founding_training([one, other], &training, &SystemRandom).unwrap();
        let again = house.store().record_founding_training([one, other], &training, &SystemRandom);
        assert!(matches!(again, Err(StoreError::Taken(_))));
        let records = house.store().training(one).unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!((&records[0].course, records[0].recorded_by), (&training.course, other));
        assert!(records[0].founding && !records[0].proven);
        assert_eq!(house.store().courses().unwrap()[0].course, training.course);
    }

    fn each_founder_has_their_role_by_the_others_hand(house: &mut House) {
        let one = house.founder("avery.holt", "Avery Holt").unwrap();
        let other = house.founder("sam.okafor", "Sam Okafor").unwrap();
        let [deputy_chief, administrator] = ["deputy-chief", "administrator"].map(role);
        let founders = [(one, &deputy_chief), (other, &administrator)];
        house.store().give_founding_roles(founders).unwrap();
        assert!(matches!(house.store().give_founding_roles(founders), Err(StoreError::Taken(_))));
        let held = house.store().roles_held().unwrap();
        assert_eq!(held.iter().map(|h| h.given_by).collect::<Vec<_>>().len(), 2);
        assert_eq!(house.store().member(one).unwrap().unwrap().roles, [deputy_chief]);
    }

    fn a_role_is_held_until_it_is_ended_or_its_time_is_over(house: &mut House) {
        let one = house.founder("avery.holt", "Avery Holt").unwrap();
        let other = house.founder("sam.okafor", "Sam Okafor").unwrap();
        let roles = |house: &House| house.store().member(one).unwrap().unwrap().roles;
        let soon = house.clock.now() + Duration::from_secs(60);
        let give = |house: &House, until| {
            let permit = house.permit(acting(other), GiveRole {
                to: subject(one),
                role: role("officer"),
                until,
                why: "Nights".into(),
            });
            house.store().give_role(&permit)
        };
        give(house, Some(soon)).unwrap();
        assert!(matches!(give(house, None), Err(StoreError::Conflict(_))), "held already");
        assert_eq!(roles(house), [role("officer")]);
        house.clock.advance(Duration::from_secs(60));
        assert_eq!(roles(house), []);
        give(house, None).unwrap();
        let end = || house.permit(acting(other), EndRole {
            of: subject(one),
            role: role("officer"),
            why: "Days".into(),
        });
        house.store().end_role(&end()).unwrap();
        assert_eq!(roles(house), []);
        assert!(matches!(house.store().end_role(&end()), Err(StoreError::Conflict(_))));
        let why: Vec<_> = house.store().roles_held().unwrap().into_iter().map(|h| h.why).collect();
        assert_eq!(why, [Some("Nights".to_owned()), Some("Nights".to_owned())]);
    }

    fn with_a_member_who_leaves_their_roles_end(house: &mut House) {
        let one = house.founder("avery.holt", "Avery Holt").unwrap();
        let other = house.founder("sam.okafor", "Sam Okafor").unwrap();
        let [officer, auditor] = ["officer", "auditor"].map(role);
        house.store().give_founding_roles([(one, &officer), (other, &auditor)]).unwrap();
        let permit = house.permit(acting(other), ChangeStatus {
            of: subject(one),
            from: MemberStatus::Active,
            change: StatusChange::End,
            why: "Retired".into(),
        });
        house.store().change_status(&permit, &SystemRandom).unwrap();
        let left = house.store().member(one).unwrap().unwrap();
        assert_eq!((left.status, left.roles), (MemberStatus::Ended, vec![]));
        assert_eq!(house.store().member(other).unwrap().unwrap().roles, [auditor]);
    }

    fn a_login_is_one_persons_whatever_its_capitals(house: &mut House) {
        let avery = house.founder("avery.holt", "Avery Holt").unwrap();
        assert!(matches!(house.founder("Avery.HOLT", "Somebody Else"), Err(StoreError::Taken(_))));
        let found = house.store().credentials("AVERY.holt").unwrap().unwrap();
        assert_eq!((found.member.id, found.member.name.as_str()), (avery, "Avery Holt"));
        assert!(house.store().credentials("avery").unwrap().is_none());
    }

    fn members_come_by_login(house: &mut House) {
        house.founder("sam.okafor", "Sam Okafor").unwrap();
        house.founder("Avery.Holt", "Avery Holt").unwrap();
        let logins: Vec<_> = house.store().members().unwrap().into_iter().map(|m| m.login).collect();
        assert_eq!(logins, ["Avery.Holt", "sam.okafor"]);
    }

    fn attempts_made_at_once_lock_the_account_as_surely_as_one_by_one(house: &mut House) {
        const MOST: u32 = 5;
        let avery = house.founder("avery.holt", "Avery Holt").unwrap();
        let since = house.clock.now();
        let store = house.store();
        let open = thread::scope(|threads| {
            let attempts: Vec<_> = (0..12)
                .map(|_| threads.spawn(|| {
                    let open = store.begin_attempt(avery, since, MOST).unwrap();
                    store.attempt_failed(avery, since, MOST).unwrap();
                    open
                }))
                .collect();
            attempts.into_iter().filter_map(|one| one.join().ok()).filter(|open| *open).count()
        });
        assert!(open <= MOST as usize, "{open} attempts found the account open");
        assert!(store.member(avery).unwrap().unwrap().locked_at.is_some());
        // Sixteen minutes later the account is still locked; an administrator releases it.
        house.clock.advance(Duration::from_secs(16 * 60));
        assert!(!store.begin_attempt(avery, house.clock.now(), MOST).unwrap());
        let release = ReleaseMember { member: avery, login: "avery.holt".into() };
        store.release(&house.permit(administrator(), release)).unwrap();
        assert!(store.begin_attempt(avery, since, MOST).unwrap());
    }

    fn a_code_is_used_once_even_by_two_at_once(house: &mut House) {
        let avery = house.founder("avery.holt", "Avery Holt").unwrap();
        let store = house.store();
        let used = thread::scope(|threads| {
            let uses: Vec<_> =
                (0..6).map(|_| threads.spawn(|| store.use_code(avery, Code { step: 7 }).unwrap())).collect();
            uses.into_iter().filter_map(|one| one.join().ok()).filter(|used| *used).count()
        });
        assert_eq!(used, 1);
        assert!(!store.use_code(avery, Code { step: 6 }).unwrap(), "an older one");
        assert!(store.use_code(avery, Code { step: 8 }).unwrap());
    }

    fn a_recovery_code_is_used_once_even_by_two_at_once_and_by_its_member_alone(house: &mut House) {
        let avery = house.founder("avery.holt", "Avery Holt").unwrap();
        let sam = house.founder("sam.okafor", "Sam Okafor").unwrap();
        let store = house.store();
        let codes = [RecoveryCode::random(&SystemRandom), RecoveryCode::random(&SystemRandom)];
        store.set_recovery_codes(avery, &codes).unwrap();
        assert!(!store.use_recovery_code(sam, &codes[0]).unwrap());
        let used = thread::scope(|threads| {
            let uses: Vec<_> =
                (0..6).map(|_| threads.spawn(|| store.use_recovery_code(avery, &codes[0]).unwrap())).collect();
            uses.into_iter().filter_map(|one| one.join().ok()).filter(|used| *used).count()
        });
        assert_eq!(used, 1);
        assert_eq!(store.recovery_codes_left(avery).unwrap(), 1);
    }

    fn a_new_code_takes_whatever_a_member_came_in_with(house: &mut House) {
        let avery = house.founder("avery.holt", "Avery Holt").unwrap();
        let new = NewEnrolment {
            code: EnrolmentCode::random(&SystemRandom),
            second_factor: SecondFactor::random(&SystemRandom),
            expires: house.clock.now() + Duration::from_secs(60),
        };
        let of = Subject { member: avery, login: "avery.holt".into(), office: false };
        let permit = house.permit(administrator(), IssueEnrolmentCode { of });
        house.store().issue_enrolment_code(&permit, &new).unwrap();
        assert!(house.store().credentials("avery.holt").unwrap().is_none());
        assert_eq!(house.store().enrolment(&new.code).unwrap().unwrap().member.id, avery);
        house.clock.advance(Duration::from_secs(60));
        assert!(house.store().enrolment(&new.code).unwrap().is_none(), "it expired");
    }

    fn a_cameras_name_is_used_once_whatever_its_capitals(house: &mut House) {
        let elm = house.camera("elm-and-3rd");
        assert!(matches!(house.add_camera("Elm-and-3rd"), Err(StoreError::Taken(_))));
        house.camera("Depot");
        let names: Vec<_> = house.store().cameras().unwrap().into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["Depot", "elm-and-3rd"]);
        let found = house.store().camera_by_key(&sha256(b"elm-and-3rd")).unwrap().unwrap();
        assert_eq!(found.id, elm);
        assert!(house.store().camera_by_key(&sha256(b"another key")).unwrap().is_none());
    }

    fn a_frame_sent_twice_is_kept_once_even_at_once(house: &mut House) {
        let elm = house.camera("elm");
        let permit = house.standing(elm);
        let reads = [read("DK48213", 0.9)];
        let frame = Frame { seen_at: at(0), picture: b"a picture", reads: &reads, hits: &[], possibles: &[], same_passing: PASSING };
        let store = house.store();
        let kept = thread::scope(|threads| {
            let sent: Vec<_> = (0..4)
                .map(|_| threads.spawn(|| store.keep_reads(&permit, &frame, &SystemRandom, |_| Ok(vec![0])).unwrap()))
                .collect();
            sent.into_iter().filter_map(|one| one.join().ok()).filter(|kept| *kept != Kept::Already).count()
        });
        assert_eq!(kept, 1);
        assert_eq!(search(house, "DK48213").reads.len(), 1);
        assert_eq!(pictures(house), 1, "no file is left of the frames that were not kept");
    }

    fn a_cameras_pictures_go_with_its_class_step_by_step_and_the_old_key_is_destroyed_last(house: &mut House) {
        let elm = house.camera("elm");
        let mill = house.camera("mill");
        for (camera, second) in [(elm, 0), (elm, 1), (elm, 100_000), (mill, 2)] {
            keep(house, camera, at(second), &read("DK48213", 0.9));
        }
        let act = |from: Option<&str>, to: Option<&str>| ClassifyCamera {
            camera: elm,
            name: "elm".into(),
            from: from.map(|class| Class(class.into())),
            to: to.map(|class| Class(class.into())),
            why: "test".into(),
        };
        let permit = house.permit(administrator(), act(None, Some("state")));
        house.store().classify_camera(&permit).unwrap();
        assert_eq!(search(house, "DK48213").reads.len(), 1, "hidden at once");
        keep(house, elm, at(3), &read("DK48213", 0.9));
        // Broken off after each step, every picture opens.
        let mut steps = 0;
        while house.store().rewrap_pictures(1, &SystemRandom).unwrap() {
            steps += 1;
            house.reopen();
            every_picture_opens(house, 5);
        }
        assert_eq!(steps, 3 + 2, "three pictures, and the keys of two days");
        let keys = house.texts("SELECT class || ' of ' || day FROM picture_key ORDER BY 1");
        let expected = ["no-hit of 2026-11-24", "no-hit state of 2026-11-24", "no-hit state of 2026-11-25"];
        assert_eq!(keys, expected);
        let stale = house.permit(administrator(), act(None, Some("federal")));
        let conflict = house.store().classify_camera(&stale);
        assert!(matches!(conflict, Err(StoreError::Conflict(_))));
    }

    fn a_picture_is_given_back_as_captured_to_whoever_was_shown_it(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("DK48213", 0.9));
        let session = sha256(b"session");
        let permit = house.permit_in(Some(session), member("officer"), search_for("DK48213"));
        let found = house.store().search(&permit).unwrap().reads;
        let picture = found[0].read.picture;
        let page = permit.disclose(vec![picture], Duration::from_secs(300), &*house.clock);
        let shown = house.store().picture(&page, picture, &session).unwrap();
        assert_eq!(shown, format!("picture of {}", at(0)).as_bytes());
        let elsewhere = house.store().picture(&page, picture, &sha256(b"another session"));
        assert!(matches!(elsewhere, Err(StoreError::Permit(PermitError::NotCovered))));
    }

    fn when_the_ledger_refuses_a_batch_nothing_of_it_is_kept(house: &mut House) {
        let elm = house.camera("elm");
        let permit = house.standing(elm);
        let reads = [read("DK48213", 0.9)];
        let frame = Frame { seen_at: at(0), picture: b"a picture", reads: &reads, hits: &[], possibles: &[], same_passing: PASSING };
        let refuse = |_: &[Event]| Err(LedgerError::Stopped("the disk is full".into()));
        let kept = house.store().keep_reads(&permit, &frame, &SystemRandom, refuse);
        assert!(matches!(kept, Err(StoreError::Ledger(_))));
        assert!(search(house, "DK48213").reads.is_empty());
        assert_eq!(pictures(house), 0);
        // The same frame, sent again, is kept.
        keep(house, elm, at(0), &reads[0]);
        assert_eq!(search(house, "DK48213").reads.len(), 1);
    }

    fn a_permit_that_expired_opens_nothing(house: &mut House) {
        let permit = house.permit(member("officer"), search_for("DK48213"));
        house.clock.advance(Duration::from_secs(60));
        let refused = house.store().search(&permit);
        assert!(matches!(refused, Err(StoreError::Permit(PermitError::Expired))));
    }

    fn content_is_given_back_only_as_it_was_committed_to(house: &mut House) {
        let salt = Salt::random(&SystemRandom);
        let content = Content {
            name: "Rowan Marsh".into(),
            badge: "417".into(),
            address: "10.0.0.7".into(),
            what: "plate DK48213".into(),
            case: Some("26-01877".into()),
            words: None,
        };
        let bytes = serde_json::to_vec(&content).unwrap();
        let permit = house.permit(member("auditor"), everyones());
        let decision = Decision {
            content: Commitment::to(&salt, &bytes),
            ..decision(house)
        };
        house.store().keep_content(decision.id, &content, &salt).unwrap();
        let found = house.store().contents(&permit, std::slice::from_ref(&decision)).unwrap();
        assert_eq!(found[&decision.id], KeptContent::Whole(content));
        let other = Decision { content: Commitment::to(&salt, b"something else"), ..decision };
        let found = house.store().contents(&permit, std::slice::from_ref(&other)).unwrap();
        assert_eq!(found[&other.id], KeptContent::Changed);
    }

    fn whoever_reads_the_tables_finds_no_name_login_secret_or_content(house: &mut House) {
        house.founder("avery.holt", "Avery Holt").unwrap();
        house.store().set_fact("ledger key", "the ledger's secret key").unwrap();
        let salt = Salt::random(&SystemRandom);
        let content = Content {
            name: "Rowan Marsh".into(),
            badge: "417".into(),
            address: "10.0.0.7".into(),
            what: "plate DK48213".into(),
            case: None,
            words: None,
        };
        house.store().keep_content(decision(house).id, &content, &salt).unwrap();
        house.camera("elm-and-3rd");
        let dump = house.dump();
        assert!(dump.contains("elm-and-3rd"), "the dump shows what is not personal:\n{dump}");
        for personal in ["avery", "Avery", "Rowan", "DK48213", "secret key", "10.0.0.7"] {
            assert!(!dump.contains(personal), "{personal} stands in the database:\n{dump}");
        }
    }

    fn a_list_comes_in_whole_replaces_the_one_of_its_name_and_is_told_by_no_table(house: &mut House) {
        import(house, &["ZQ90417", "ZQ90418"], |_| false);
        let elm = house.camera("elm");
        let in_force = |house: &House| {
            let lists = house.store().lists_in_force(&house.standing(elm)).unwrap();
            lists.into_iter().map(|list| list.index.len()).collect::<Vec<_>>()
        };
        assert_eq!(in_force(house), [2]);
        // One that waits changes nothing until it is confirmed.
        let waits = import(house, &["ZQ90419"], |before| before == 2);
        assert!(waits.waits);
        assert_eq!(in_force(house), [2]);
        let confirm = ConfirmList {
            import: waits.import,
            name: "State extract".into(),
            imported_by: Id::random(&SystemRandom),
        };
        let confirmed = house.store().confirm_list(&house.permit(administrator(), confirm.clone())).unwrap();
        let entry = house.store().list_entries(&house.standing(elm), confirmed.import, &[0]);
        assert_eq!(entry.unwrap()[0].plate.to_string(), "ZQ90419");
        assert_eq!(in_force(house), [1]);
        let again = house.store().confirm_list(&house.permit(administrator(), confirm));
        assert!(matches!(again, Err(StoreError::NoSuch(_))), "it does not wait any more");
        house.reopen();
        assert_eq!(in_force(house), [1]);
        // One that was brought in before there were indexes is compiled when it is asked for.
        house.tamper("DELETE FROM hotlist_index");
        assert_eq!(in_force(house), [1]);
        let dump = house.dump();
        assert!(dump.contains("State extract"), "the dump shows what is not personal:\n{dump}");
        for plate in ["ZQ90417", "ZQ90418", "ZQ90419", "V412209377"] {
            assert!(!dump.contains(plate), "{plate} stands in the database:\n{dump}");
        }
    }

    fn a_car_that_passes_is_one_alert_however_often_it_is_seen_in_ten_minutes(house: &mut House) {
        let list = import(house, &["DK48213"], |_| false).list;
        let elm = house.camera("elm");
        let seen = [0, 300, 601, 1_202].map(|second| raise(house, elm, list, second)[0]);
        let told = seen.map(|alert| (alert.number, alert.sighting));
        assert_eq!(told, [(1, 1), (1, 2), (1, 3), (2, 1)]);
        let all = house.store().alerts(&house.permit(member("officer"), SeeAlerts)).unwrap();
        let told: Vec<_> = all.iter().map(|alert| (alert.name.number, alert.seen)).collect();
        assert_eq!(told, [(2, 1), (1, 3)]);
        let open = OpenAlert { alert: all[1].name, seen_by: vec![] };
        let card = house.store().alert(&house.permit(member("officer"), open)).unwrap();
        assert_eq!(card.sightings.len(), 3);
        assert_eq!(card.listed.entry.plate.to_string(), "DK48213");
        assert!(!house.dump().contains("V412209377"), "the record stands in the database");
    }

    fn two_who_take_an_alert_at_once_take_it_once(house: &mut House) {
        let list = import(house, &["DK48213"], |_| false).list;
        let elm = house.camera("elm");
        raise(house, elm, list, 0);
        let name = house.store().alert_name(1).unwrap().unwrap();
        let permits: Vec<_> =
            (0..4).map(|_| house.permit(member("officer"), AcknowledgeAlert(name))).collect();
        let store = house.store();
        let taken = thread::scope(|threads| {
            let takes: Vec<_> =
                permits.iter().map(|permit| threads.spawn(|| store.take_step(permit, &SystemRandom).is_ok())).collect();
            takes.into_iter().filter_map(|one| one.join().ok()).filter(|taken| *taken).count()
        });
        assert_eq!(taken, 1);
    }

    fn a_record_that_the_database_refuted_raises_nothing_more(house: &mut House) {
        let list = import(house, &["DK48213"], |_| false).list;
        let elm = house.camera("elm");
        raise(house, elm, list, 0);
        assert_eq!(answer(house, CheckResult::Refuted), State::Refuted);
        assert!(raise(house, elm, list, 3_600).is_empty());
        // What the state machine does not allow is refused by the store, whatever the permit says.
        let alert = house.store().alert_name(1).unwrap().unwrap();
        let again = house.permit(member("officer"), AcknowledgeAlert(alert));
        assert!(matches!(house.store().take_step(&again, &SystemRandom), Err(StoreError::NotNow(_))));
    }

    fn what_was_verified_at_a_camera_stands_beside_its_reads(house: &mut House) {
        let list = import(house, &["DK48213"], |_| false).list;
        let (elm, oak) = (house.camera("elm"), house.camera("oak"));
        let hear = |camera, second, reads| {
            let permit = house.standing(camera);
            house.store().hear(&permit, at(second), Duration::from_secs(600), reads).unwrap();
            house.store().passed(&permit, at(-86_400)).unwrap()[&list]
        };
        hear(elm, 0, 40);
        assert_eq!(hear(elm, 60, 2), Passed { verified: 0, reads: 42 });
        raise(house, elm, list, 0);
        answer(house, CheckResult::Verified);
        assert_eq!(hear(elm, 120, 0), Passed { verified: 1, reads: 42 });
        assert_eq!(hear(oak, 0, 7), Passed { verified: 0, reads: 7 });
        let later = house.store().passed(&house.standing(elm), at(3 * 86_400)).unwrap();
        assert_eq!(later[&list], Passed::default());
    }

    fn an_import_that_broke_off_leaves_the_list_in_force_and_is_cleared_away_by_the_next(house: &mut House) {
        import(house, &["ZQ90417"], |_| false);
        import(house, &["ZQ90418"], |_| true);
        house.tamper("UPDATE hotlist_import SET state = 'coming' WHERE state = 'waiting'");
        let imports = |house: &House| {
            let lists = house.store().lists(&house.permit(administrator(), SeeLists)).unwrap();
            lists[0].imports.iter().map(|import| import.waits).collect::<Vec<_>>()
        };
        assert_eq!(imports(house), [false]);
        import(house, &["ZQ90419"], |_| true);
        assert_eq!(imports(house), [true, false]);
        house.tamper("UPDATE hotlist_import SET state = 'waiting' WHERE state = 'coming'");
        assert_eq!(imports(house), [true, false], "it is gone");
    }

    fn data_of_a_newer_version_are_refused(house: &mut House) {
        house.reopen();
        house.tamper("INSERT INTO schema_step (number, name, sha256) VALUES (9999, 'later', '')");
        house.close();
        assert!(matches!(house.open(), Err(StoreError::Newer { found: 9999, .. })));
    }

    fn a_schema_made_by_another_text_is_refused(house: &mut House) {
        house.tamper("UPDATE schema_step SET sha256 = 'another' WHERE number = 1");
        house.close();
        assert!(matches!(house.open(), Err(StoreError::Damaged(_))));
    }
}

/// `memory:///` is the object store's own, for tests; LICTOR_TEST_BUCKET names another, such as
/// `s3://plates/test` on a server that AWS_ENDPOINT names.
#[cfg(feature = "bucket")]
#[test]
fn pictures_in_a_bucket_are_kept_given_back_and_taken_away_as_in_a_folder() {
    let bucket = std::env::var("LICTOR_TEST_BUCKET");
    let bucket = bucket.as_deref().unwrap_or("memory:///");
    behaviour::a_picture_is_given_back_as_captured_to_whoever_was_shown_it(
        &mut House::with_bucket(bucket),
    );
    searches::behaviour::reads_are_found_by_their_alternatives_most_probable_then_newest_first(
        &mut House::with_bucket(bucket),
    );
    let house = House::with_bucket(bucket);
    let elm = house.camera("elm");
    keep(&house, elm, at(0), &read("DK48213", 0.9));
    assert_eq!(pictures(&house), 0, "nothing of it lies in the folder");
}

#[test]
fn a_bucket_that_is_none_is_refused_by_name() {
    let house = House::with_sqlite();
    let refused = house.store().keep_pictures_in("ftp://plates");
    assert!(
        matches!(&refused, Err(StoreError::Bucket(why)) if why.contains("ftp://plates")),
        "{refused:?}"
    );
}

#[test]
fn a_second_station_on_one_database_is_refused() {
    let house = House::with_postgres();
    assert!(matches!(house.open(), Err(StoreError::InUse)));
}

#[test]
fn a_station_that_restarts_waits_for_the_server_to_take_its_last_lease_back() {
    let mut house = House::with_postgres();
    let last = house.take();
    let ending = thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        drop(last);
    });
    assert!(house.open().is_ok());
    ending.join().unwrap();
}

#[test]
fn a_station_whose_lease_was_taken_while_it_was_cut_off_can_change_and_read_nothing() {
    let house = House::with_postgres();
    house.store().set_fact("agency", "Ashford Falls").unwrap();
    // The server loses the first station's connections, as when the network between them is cut.
    house.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let second = house.open().unwrap();
    let _ = house
        .store()
        .set_fact("agency", "first use of a dead connection");
    let refused = house.store().set_fact("agency", "Elsewhere");
    assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    assert!(matches!(
        house.store().fact("agency"),
        Err(StoreError::LeaseLost)
    ));
    assert_eq!(
        second.fact("agency").unwrap().as_deref(),
        Some("Ashford Falls")
    );
}

#[test]
fn a_server_on_another_machine_is_reached_over_tls_or_not_at_all() {
    let mut house = House::with_sqlite();
    house.close();
    let refused = house.open_at("host=192.0.2.7 user=lictor dbname=lictor");
    assert!(
        matches!(&refused, Err(StoreError::Address(why)) if why.contains("TLS")),
        "the address is not even tried"
    );
}

/// Sightings so close to each other are one alert.
const PASSING: Duration = Duration::from_secs(600);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_536_000 + second).unwrap()
}

fn founding_course() -> FoundingTraining {
    FoundingTraining {
        course: CourseVersion {
            course: "Initial course".into(),
            version: "1".into(),
        },
        months: 12,
        completed: "2026-11-01".parse().unwrap(),
        expires: "2027-11-01".parse().unwrap(),
    }
}

/// This member, acting as an administrator.
fn acting(id: MemberId) -> Principal {
    match administrator() {
        Principal::Member(facts) => Principal::Member(MemberFacts { id, ..facts }),
        camera => camera,
    }
}

fn role(id: &str) -> Role {
    Role(id.into())
}

fn subject(member: MemberId) -> Subject {
    Subject {
        member,
        login: "lee.quill".into(),
        office: false,
    }
}

fn read(text: &str, probability: f64) -> NewRead {
    doubtful(&[(text, probability)])
}

fn doubtful(texts: &[(&str, f64)]) -> NewRead {
    let candidates: Vec<_> = texts
        .iter()
        .map(|&(text, probability)| Candidate {
            text: text.parse().unwrap(),
            probability,
        })
        .collect();
    NewRead {
        reading: Reading::from_candidates(&candidates).unwrap(),
        confidence: 0.9,
        place: Place {
            x: 10.0,
            y: 20.0,
            width: 80.0,
            height: 40.0,
        },
    }
}

fn keep(house: &House, camera: CameraId, seen_at: Timestamp, read: &NewRead) {
    keep_all(house, camera, seen_at, std::slice::from_ref(read));
}

fn keep_all(house: &House, camera: CameraId, seen_at: Timestamp, reads: &[NewRead]) {
    let permit = house.standing(camera);
    let picture = format!("picture of {seen_at}");
    let frame = Frame {
        seen_at,
        picture: picture.as_bytes(),
        reads,
        hits: &[],
        possibles: &[],
        same_passing: PASSING,
    };
    let kept = house
        .store()
        .keep_reads(&permit, &frame, &SystemRandom, |_| Ok(vec![0]));
    assert!(matches!(kept, Ok(Kept::New(..))));
}

/// Whoever is authorised for state data sees so many pictures, and each opens.
fn every_picture_opens(house: &House, count: usize) {
    let Principal::Member(facts) = member("officer") else {
        unreachable!("a member")
    };
    let who = Principal::Member(MemberFacts {
        authorised: vec![Class("state".into())],
        ..facts
    });
    let session = sha256(b"session");
    let permit = house.permit_in(Some(session), who, search_for("DK48213"));
    let found = house.store().search(&permit).unwrap().reads;
    let pictures: Vec<_> = found.iter().map(|found| found.read.picture).collect();
    assert_eq!(pictures.len(), count);
    let page = permit.disclose(pictures.clone(), Duration::from_secs(300), &*house.clock);
    for picture in pictures {
        let shown = house.store().picture(&page, picture, &session).unwrap();
        assert!(shown.starts_with(b"picture of "));
    }
}

fn import(house: &House, plates: &[&str], waits: impl Fn(u64) -> bool) -> Brought {
    let head = "FILE,LIC,LIS,DOE,NIC,ORI\n".to_owned();
    let table = plates.iter().fold(head, |table, plate| {
        table + &format!("VEHICLE,{plate},IL,20261121,V412209377,IL0990000\n")
    });
    let imported = house.policy.hotlists()["illinois-extract"]
        .import(table.as_bytes())
        .unwrap();
    let about = About {
        name: "State extract".into(),
        source: "State police".into(),
        class: ListClass::State,
        purposes: vec!["stolen".into()],
        refresh_hours: 12,
        mapping: "illinois-extract".into(),
    };
    let permit = house.permit(
        administrator(),
        ImportList {
            about,
            sha256: sha256(table.as_bytes()),
        },
    );
    house
        .store()
        .import_list(&permit, imported, waits, &SystemRandom)
        .unwrap()
}

/// The first alert is taken, its picture confirmed, and the database answers.
fn answer(house: &House, result: CheckResult) -> State {
    let alert = house.store().alert_name(1).unwrap().unwrap();
    let take = house.permit(member("officer"), AcknowledgeAlert(alert));
    house.store().take_step(&take, &SystemRandom).unwrap();
    let check = PictureCheck {
        plate: true,
        state: true,
        vehicle: true,
    };
    let confirm = house.permit(member("officer"), ConfirmPicture { alert, check });
    house.store().take_step(&confirm, &SystemRandom).unwrap();
    let check = Check {
        result,
        database: "LEADS".into(),
        reference: "L-1".into(),
        asked_at: at(0),
        returned: "as it says".into(),
    };
    let record = house.permit(member("dispatcher"), RecordCheck { alert, check });
    house.store().take_step(&record, &SystemRandom).unwrap()
}

/// The camera sees a listed car; what alerts come of it.
fn raise(house: &House, camera: CameraId, list: HotlistId, second: i64) -> Vec<Raised> {
    let permit = house.standing(camera);
    let lists = house.store().lists_in_force(&permit).unwrap();
    let listed = lists.into_iter().find(|known| known.id == list).unwrap();
    let read = read("DK48213", 0.98);
    let rules = house.policy.alerts();
    let found = listed
        .index
        .matches(&read.reading, rules, rules.prior(ListClass::State))[0];
    let entries = house
        .store()
        .list_entries(&permit, listed.import, &[found.entry]);
    let hit = NewHit {
        read: 0,
        list,
        listed: Listed {
            entry: entries.unwrap().remove(0),
            about: listed.about,
            imported_at: listed.imported_at,
            may_be_done: String::new(),
        },
        matched: found.into(),
        grade: found.grade(rules, &rules.terms()).unwrap(),
    };
    let picture = format!("picture of {second}");
    let frame = Frame {
        seen_at: at(second),
        picture: picture.as_bytes(),
        reads: &[read],
        hits: &[hit],
        possibles: &[],
        same_passing: PASSING,
    };
    match house
        .store()
        .keep_reads(&permit, &frame, &SystemRandom, |_| Ok(vec![0]))
        .unwrap()
    {
        Kept::New(_, alerts) => alerts,
        Kept::Already => unreachable!("it was not there before"),
    }
}

fn search_for(plate: &str) -> Search {
    Search::new(
        plate.parse().unwrap(),
        StatedPurpose {
            code: "crime".into(),
            case: Some("26-01877".into()),
            words: None,
        },
    )
}

fn search(house: &House, plate: &str) -> Found {
    let permit = house.permit(member("officer"), search_for(plate));
    house.store().search(&permit).unwrap()
}

fn everyones() -> ReviewLedger {
    ReviewLedger {
        scope: LedgerScope::Everyone,
        most: 10,
        before: None,
        only: LedgerOnly::default(),
    }
}

/// Some decision of the ledger.
fn decision(house: &House) -> Decision {
    house.permit(member("auditor"), everyones());
    let newest = house.ledger.newest(u64::MAX, 1).unwrap();
    match &newest[0].1.event {
        Event::Decision(decision) => decision.clone(),
        other => unreachable!("{other:?}"),
    }
}

fn pictures(house: &House) -> usize {
    let shelves = fs::read_dir(house.folder().join("pictures")).unwrap();
    shelves
        .map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count())
        .sum()
}
