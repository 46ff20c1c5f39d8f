//! Searches: by plate, by part of one, by place and time, and around scenes.

use std::collections::BTreeSet;

use govern::{CameraFacts, Canvass, CaseStanding, ReadId, Scene, TurnPage, Within};
use plate::Jurisdictions;
use store::{Canvassed, Coverage, LINES};

use super::*;

on_both! {
    fn reads_are_found_by_their_alternatives_most_probable_then_newest_first(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("DK48213", 0.9));
        keep(house, elm, at(60), &read("DK48213", 0.9));
        keep(house, elm, at(120), &doubtful(&[("DK48Z13", 0.7), ("DK48213", 0.2)]));
        let found = search(house, "DK48213");
        assert_eq!(seen(&found), [
            (at(60), "DK48213".to_owned()),
            (at(0), "DK48213".to_owned()),
            (at(120), "DK48Z13".to_owned()),
        ]);
        assert_eq!(found.count, 3);
        assert!(search(house, "DK48214").reads.is_empty());
    }

    fn o_and_0_are_one(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("BOX0O1", 0.9));
        assert_eq!(search(house, "B0XOO1").reads.len(), 1);
        assert_eq!(search(house, "?0X*O1").reads.len(), 1);
    }

    fn part_of_a_plate_finds_every_read_that_may_fit_after_a_restart_too(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &read("DK48213", 0.9));
        keep(house, elm, at(60), &doubtful(&[("DK48Z13", 0.7), ("DK48213", 0.2)]));
        keep(house, elm, at(120), &read("DK4821", 0.9));
        keep(house, elm, at(180), &read("ABCDEF48213", 0.9));
        for restarted in [false, true] {
            if restarted {
                house.reopen();
            }
            let times = |pattern| seen(&search(house, pattern)).into_iter().map(|(at, _)| at).collect::<Vec<_>>();
            // What fits under two of its texts is found once, with both probabilities.
            assert_eq!(times("DK48?13"), [at(60), at(0)]);
            assert!((search(house, "DK48?13").reads[0].probability - 0.9).abs() < 1e-3);
            assert_eq!(times("DK48[23]13"), [at(0), at(60)]);
            assert_eq!(times("*48213"), [at(180), at(0), at(60)]);
            assert_eq!(times("DK48*"), [at(120), at(60), at(0)]);
            assert_eq!(times("X*"), []);
        }
    }

    fn a_search_is_limited_to_places_times_and_the_state_as_far_as_it_was_read(house: &mut House) {
        let elm = house.camera("elm");
        let oak = house.camera("oak");
        let of = |code: &str| {
            let mut read = read("DK48213", 0.9);
            read.reading = read.reading.with_jurisdictions(Jurisdictions::new([(code.parse().unwrap(), 0.9)]));
            read
        };
        keep(house, elm, at(0), &of("US-IL"));
        keep(house, elm, at(60), &of("US-IA"));
        keep(house, oak, at(120), &read("DK48213", 0.9));
        let times = |within: Within, issuer: Option<&str>| {
            let act = Search { within, issuer: issuer.map(|code| code.parse().unwrap()), ..search_for("DK4821*") };
            let found = house.store().search(&house.permit(member("officer"), act)).unwrap();
            seen(&found).into_iter().map(|(at, _)| at).collect::<Vec<_>>()
        };
        let everywhere = Within::default();
        assert_eq!(times(everywhere.clone(), None), [at(120), at(60), at(0)]);
        assert_eq!(times(Within { cameras: vec![facts(elm, "elm")], ..everywhere.clone() }, None), [at(60), at(0)]);
        assert_eq!(times(Within { from: Some(at(60)), ..everywhere.clone() }, None), [at(120), at(60)]);
        assert_eq!(times(Within { until: Some(at(60)), ..everywhere.clone() }, None), [at(0)]);
        assert_eq!(times(everywhere, Some("US-IL")), [at(120), at(0)], "of another state, and not read");
    }

    fn reads_of_a_class_are_counted_and_not_given_without_an_authorisation(house: &mut House) {
        let open = house.camera("elm");
        let closed = house.camera_of_class("state-route", Some("state")).unwrap();
        for camera in [open, closed] {
            keep(house, camera, at(0), &read("DK48213", 0.9));
        }
        let withheld = vec![(Class("state".into()), 1)];
        for (classes, shown, counted) in [
            (vec![], 1, withheld.clone()),
            (vec!["federal", "department-confidential"], 1, withheld),
            (vec!["federal", "state"], 2, vec![]),
        ] {
            let who = || authorised(&classes);
            let permit = house.permit(who(), search_for("DK48213"));
            let found = house.store().search(&permit).unwrap();
            assert_eq!((found.reads.len(), &found.withheld), (shown, &counted));
            let scene = scene("Elm", &[(open, "elm"), (closed, "state-route")], 0, 60);
            let found = house.store().canvass(&house.permit(who(), canvass(vec![scene], None))).unwrap();
            let reads: usize = found.vehicles.iter().map(|vehicle| vehicle.reads.len()).sum();
            assert_eq!((reads, found.withheld), (shown, counted));
            // Nor is it told where such a camera stands.
            assert_eq!(found.coverage[0].len(), shown);
        }
    }

    fn an_answer_shows_a_hundred_and_says_how_many_there_are(house: &mut House) {
        let elm = house.camera("elm");
        let reads: Vec<NewRead> = (0..201).map(|_| read("DK48213", 0.9)).collect();
        keep_all(house, elm, at(0), &reads);
        let found = search(house, "DK48213");
        assert_eq!((found.reads.len(), found.count, found.order.len()), (LINES, 201, 201));
        let shown: Vec<_> = found.reads.iter().map(|found| (found.read.id, found.probability)).collect();
        assert_eq!(shown, found.order[..LINES]);
    }

    fn a_page_of_an_answer_is_what_it_was_less_what_its_member_may_not_see_any_more(house: &mut House) {
        let open = house.camera("elm");
        let closed = house.camera_of_class("state-route", Some("state")).unwrap();
        keep(house, open, at(0), &read("DK48213", 0.9));
        keep(house, closed, at(60), &read("DK48213", 0.9));
        let permit = house.permit(authorised(&["state"]), search_for("DK48213"));
        let order = house.store().search(&permit).unwrap().order;
        keep(house, open, at(120), &read("DK48213", 0.9));
        let never: ReadId = Id::from_bytes([9; 16]);
        let turn = |classes: &[&str]| {
            let act = TurnPage {
                answer: permit.entry(),
                asked: "plate DK48213".into(),
                first: 1,
                lines: 3,
                reads: order.iter().map(|(id, _)| *id).chain([never]).collect(),
                purpose: search_for("DK48213").purpose,
                case: CaseStanding::NoList,
            };
            house.store().turn_page(&house.permit(authorised(classes), act)).unwrap()
        };
        let page = turn(&["state"]);
        let times = |page: &store::Page| page.reads.values().map(|read| read.seen_at).collect::<BTreeSet<_>>();
        assert_eq!(times(&page), [at(0), at(60)].into());
        assert_eq!((page.gone, page.withheld), (1, vec![]));
        let page = turn(&[]);
        assert_eq!(times(&page), [at(0)].into());
        assert_eq!(page.withheld, [(Class("state".into()), 1)]);
    }

    fn what_too_many_plates_fit_is_refused_with_what_would_cure_it(house: &mut House) {
        let elm = house.camera("elm");
        let reads: Vec<NewRead> = (0..2_001).map(|n| read(&format!("X{n:04}"), 0.9)).collect();
        keep_all(house, elm, at(0), &reads);
        let asked = |plate| house.store().search(&house.permit(member("officer"), search_for(plate)));
        let refused = asked("X*").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "more than 2000 plates fit: enter more of the plate, or fewer cameras and a shorter time"
        );
        assert_eq!(asked("X1*").unwrap().count, 1_000);
    }

    fn a_vehicle_that_was_at_two_scenes_is_found_even_by_a_second_choice(house: &mut House) {
        let elm = house.camera("elm");
        let oak = house.camera("oak");
        keep_all(house, elm, at(0), &[read("DK48213", 0.9), read("7KX4821", 0.9)]);
        keep(house, oak, at(600), &doubtful(&[("DK48Z13", 0.6), ("DK48213", 0.3)]));
        keep(house, oak, at(2_000), &read("7KX4821", 0.9));
        let scenes = vec![scene("Elm", &[(elm, "elm")], 0, 60), scene("Oak", &[(oak, "oak")], 500, 700)];
        let found = ask(house, canvass(scenes.clone(), None));
        assert_eq!(told(&found), [("DK48213".to_owned(), vec![0, 1]), ("7KX4821".to_owned(), vec![0])]);
        assert!((found.vehicles[0].probability - 0.27).abs() < 1e-3);
        let found = ask(house, canvass(scenes, Some("7K?4*")));
        assert_eq!(told(&found), [("7KX4821".to_owned(), vec![0])]);
    }

    fn each_read_of_a_scene_is_one_vehicles(house: &mut House) {
        let elm = house.camera("elm");
        keep(house, elm, at(0), &doubtful(&[("DK48Z13", 0.6), ("DK48213", 0.3)]));
        keep(house, elm, at(1), &doubtful(&[("DK48213", 0.6), ("DK48Z13", 0.3)]));
        keep(house, elm, at(2), &read("7KX4821", 0.9));
        let found = ask(house, canvass(vec![scene("Elm", &[(elm, "elm")], 0, 60)], None));
        let reads: usize = found.vehicles.iter().map(|vehicle| vehicle.reads.len()).sum();
        assert_eq!((reads, found.vehicles.len()), (3, 2), "one car read twice, and another");
    }

    fn frames_not_far_from_each_other_are_one_stretch_in_which_the_camera_looked(house: &mut House) {
        let elm = house.camera("elm");
        house.camera("oak");
        let permit = house.standing(elm);
        // Out of order, too; what joins two stretches makes them one.
        for second in [0, 500, 1_000, 3_000, 2_000, 2_600, 2_600] {
            house.store().hear(&permit, at(second), Duration::from_secs(600), 1).unwrap();
        }
        let covered = |camera: &str, heard| Coverage {
            camera: camera.into(),
            place: "Elm Street at 3rd Avenue".into(),
            heard,
        };
        let elm = covered("elm", vec![(at(0), at(1_000)), (at(2_000), at(3_000))]);
        assert_eq!(search(house, "DK48213").coverage, [elm, covered("oak", vec![])]);
    }
}

fn seen(found: &Found) -> Vec<(Timestamp, String)> {
    let read = |found: &store::FoundRead| {
        let text = found.read.reading.most_likely().text.to_string();
        (found.read.seen_at, text)
    };
    found.reads.iter().map(read).collect()
}

fn facts(id: CameraId, name: &str) -> CameraFacts {
    CameraFacts {
        id,
        name: name.into(),
    }
}

fn authorised(classes: &[&str]) -> Principal {
    match member("officer") {
        Principal::Member(facts) => Principal::Member(MemberFacts {
            authorised: classes.iter().map(|c| Class((*c).into())).collect(),
            ..facts
        }),
        camera => camera,
    }
}

fn scene(name: &str, cameras: &[(CameraId, &str)], from: i64, until: i64) -> Scene {
    Scene {
        name: name.into(),
        cameras: cameras.iter().map(|(id, name)| facts(*id, name)).collect(),
        area: None,
        from: at(from),
        until: at(until),
    }
}

fn canvass(scenes: Vec<Scene>, plate: Option<&str>) -> Canvass {
    Canvass {
        scenes,
        plate: plate.map(|plate| plate.parse().unwrap()),
        purpose: search_for("DK48213").purpose,
        case: CaseStanding::NoList,
    }
}

fn ask(house: &House, act: Canvass) -> Canvassed {
    let permit = house.permit(member("officer"), act);
    house.store().canvass(&permit).unwrap()
}

/// Each vehicle's plate, and the scenes of its reads.
fn told(found: &Canvassed) -> Vec<(String, Vec<usize>)> {
    let scenes = |vehicle: &store::Vehicle| vehicle.reads.iter().map(|read| read.scene).collect();
    found
        .vehicles
        .iter()
        .map(|vehicle| (vehicle.plate.to_string(), scenes(vehicle)))
        .collect()
}
