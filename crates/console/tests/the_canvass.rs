//! Searching by part of a plate, canvassing around scenes (3(b), 3(c)), and turning pages, over HTTP. The station's
//! town is in the time zone of Chicago: its 08:12 is 14:12 UTC.

mod house;

use axum::http::StatusCode;
use house::{Answer, Browser, House, OFFICER};
use serde_json::{Value, json};

/// One of each of what the form of a canvass asks for; `change` says otherwise.
fn canvass<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("scene1", "Mill Road"),
        ("camera1", "elm-and-3rd"),
        ("from1", "2026-11-20T08:00"),
        ("until1", "2026-11-20T08:30"),
        ("plate", "DK4*"),
        ("purpose", "crime"),
        ("case", "26-01877"),
        ("words", ""),
    ];
    form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
    form.extend(change);
    form
}

async fn ask(house: &House, officer: &Browser, change: &[(&str, &str)]) -> Answer {
    house.fill_in(officer, "/canvass", &canvass(change)).await
}

fn vehicles(page: &str) -> usize {
    page.matches("card vehicle").count()
}

#[tokio::test]
async fn part_of_a_plate_finds_the_reads_that_fit_and_says_how_probable_it_is() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = house.search(&officer, "dk?82*", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text
            .contains("One sighting of <span class=\"mono\">DK?82*</span>")
    );
    assert!(page.text.contains("which fits"));
    let page = house.search(&officer, "XK?82*", "crime", "26-01877").await;
    assert!(page.text.contains("No sighting of"), "{}", page.text);
    assert!(
        house
            .story()
            .await
            .contains("asked for the reads of plate DK?82*")
    );
}

#[tokio::test]
async fn a_pattern_that_every_plate_fits_is_refused_with_what_would_cure_it() {
    let house = House::new();
    let officer = house.log_in(OFFICER).await;
    let page = house.search(&officer, "*", "crime", "26-01877").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("enter the characters that are known"));
}

#[tokio::test]
async fn a_search_is_limited_to_the_cameras_and_the_time_that_were_entered() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let plain = [
        ("plate", "DK48213"),
        ("purpose", "crime"),
        ("case", "26-01877"),
    ];
    let with = async |more: &[(&str, &str)]| {
        house
            .fill_in(&officer, "/search", &[&plain, more].concat())
            .await
    };
    let in_time = with(&[
        ("from", "2026-11-20T08:12"),
        ("until", "2026-11-20T08:13"),
        ("camera", "elm-and-3rd"),
    ])
    .await;
    assert!(in_time.text.contains("One sighting of"), "{}", in_time.text);
    let too_late = with(&[("from", "2026-11-20T08:13")]).await;
    assert!(too_late.text.contains("No sighting of"));
    let unknown = with(&[("camera", "oak-and-9th")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.text.contains("There is no camera oak-and-9th"));
}

/// The Deputy Chief puts the camera on the map.
async fn place(house: &House, position: &str) -> Answer {
    house.clock.advance(std::time::Duration::from_secs(30));
    let deputy_chief = house.log_in(house::support::LOGIN).await;
    let form = [("name", "elm-and-3rd"), ("position", position)];
    let path = "/station/cameras/position";
    house.fill_in(&deputy_chief, path, &form).await
}

#[tokio::test]
async fn a_search_is_limited_to_an_area_by_its_corners_its_radius_or_its_street() {
    let house = House::new();
    house.take_in();
    let placed = place(&house, "40.0982, -88.9047").await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    let nowhere = place(&house, "somewhere").await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    let officer = house.log_in(OFFICER).await;
    let search = async |area: &str| {
        let form = [
            ("plate", "DK48213"),
            ("purpose", "crime"),
            ("case", "26-01877"),
            ("area", area),
        ];
        house.fill_in(&officer, "/search", &form).await
    };
    for area in [
        "elm street",
        "40.0982, -88.9040, 100",
        "40.09,-88.91; 40.11,-88.91; 40.11,-88.90; 40.09,-88.90",
    ] {
        let found = search(area).await;
        assert!(
            found.text.contains("One sighting of"),
            "{area}: {}",
            found.text
        );
        assert!(found.text.contains("One camera covers this"), "{area}");
    }
    for (area, says) in [
        ("40.0982, -88.9020, 100", "no camera stands within 100 m of"),
        ("Depot Road", "no camera stands at Depot Road"),
        (
            "40.09,-88.91; 40.11,-88.90; 40.11,-88.91; 40.09,-88.90",
            "the polygon crosses itself: enter its corners in the order in which one would walk around it",
        ),
    ] {
        let none = search(area).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{area}");
        assert!(none.text.contains(says), "{area}: {}", none.text);
    }
    let story = house.story().await;
    assert!(
        story.contains("plate DK48213, within 100 m of 40.098200, -88.904000 (1 camera)"),
        "{story}"
    );
    // Where no camera stands is not found out without an entry either.
    assert!(story.contains("at Depot Road (0 cameras)"), "{story}");
}

#[tokio::test]
async fn a_scene_is_an_area_too_and_the_map_shows_it() {
    let house = House::new();
    house.take_in();
    place(&house, "40.0982, -88.9047").await;
    let officer = house.log_in(OFFICER).await;
    let area = ("area1", "40.0982, -88.9040, 100");
    let by_area = ask(&house, &officer, &[("camera1", ""), area]).await;
    assert_eq!(
        by_area.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a camera without a name"
    );
    let mut form = canvass(&[area]);
    form.retain(|(name, _)| *name != "camera1");
    let by_area = house.fill_in(&officer, "/canvass", &form).await;
    assert_eq!(by_area.status, StatusCode::OK, "{}", by_area.text);
    assert_eq!(vehicles(&by_area.text), 1);
    assert!(
        by_area.text.contains("<path class=\"area\""),
        "{}",
        by_area.text
    );
    assert!(
        by_area
            .text
            .contains("<title>elm-and-3rd, Elm Street</title>")
    );
}

#[tokio::test]
async fn an_answer_says_which_cameras_cover_it_and_when_they_were_silent() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    // Two frames, six hours apart; then nothing.
    let page = ask(&house, &officer, &[("until1", "2026-11-20T16:00")])
        .await
        .text;
    assert!(page.contains("One camera covers this"), "{page}");
    assert!(
        page.contains("Silent from 20 Nov 2026, 08:00:00 CST until 20 Nov 2026, 08:12:07 CST"),
        "{page}"
    );
    assert!(page.contains("Silent from 20 Nov 2026, 08:12:07 CST until 20 Nov 2026, 14:09:41 CST"));
    assert!(page.contains("Silent from 20 Nov 2026, 14:09:41 CST until 20 Nov 2026, 16:00:00 CST"));
}

#[tokio::test]
async fn alpr_ac_10_a_canvass_ranks_candidates_as_possible_and_makes_no_alert() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let page = ask(&house, &officer, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert_eq!(vehicles(&page.text), 1);
    assert!(page.text.contains("DK48213") && page.text.contains("Probability that it was there"));
    // Everything that was there, without a witness; and at two scenes.
    assert!(vehicles(&ask(&house, &officer, &[("plate", "")]).await.text) >= 1);
    let second = [
        ("plate", ""),
        ("camera2", "elm-and-3rd"),
        ("from2", "2026-11-20T14:00"),
        ("until2", "2026-11-20T14:30"),
    ];
    let both = ask(&house, &officer, &second).await.text;
    assert!(
        both.contains("<h2>Mill Road</h2>") && both.contains("<h2>Scene 2</h2>"),
        "{both}"
    );
    let alerts = house.get(&officer, "/api/alerts").await;
    assert_eq!(alerts.text, "[]");
    let story = house.story().await;
    assert!(
        story.contains("canvassed for plate DK4*; Mill Road: at elm-and-3rd"),
        "{story}"
    );
    assert!(story.contains("Permitted under 3(c)."), "{story}");
}

#[tokio::test]
async fn alpr_ac_11_a_canvass_by_part_of_a_plate_without_a_case_or_a_window_is_refused() {
    let house = House::new();
    house.take_in();
    let officer = house.log_in(OFFICER).await;
    let caseless = ask(&house, &officer, &[("case", "")]).await;
    assert_eq!(caseless.status, StatusCode::FORBIDDEN);
    assert!(
        caseless.text.contains("needs a case or call number"),
        "{}",
        caseless.text
    );
    let endless = ask(&house, &officer, &[("until1", "")]).await;
    assert_eq!(endless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        endless.text.contains("Mill Road: enter until when."),
        "{}",
        endless.text
    );
    let nowhere = ask(&house, &officer, &[("camera1", "")]).await;
    assert_eq!(
        nowhere.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        nowhere.text
    );
    for page in [caseless, endless, nowhere] {
        assert_eq!(vehicles(&page.text), 0);
    }
}

const MORNING: &str = "2026-11-20T14:12:07Z";

/// A search for the plate as a program asks it; `more` names the page of an answer.
async fn found(house: &House, officer: &Browser, more: Option<(u64, u64)>) -> (StatusCode, Value) {
    let mut asked = json!({ "plate": "DK48213", "purpose": "crime", "case": "26-01877" });
    let mut path = "/api/search";
    if let Some((answer, first)) = more {
        path = "/api/search/page";
        asked["answer"] = answer.to_string().into();
        asked["first"] = first.to_string().into();
    }
    let answer = house.send_json(officer, path, &asked.to_string()).await;
    let told = serde_json::from_str(&answer.text).unwrap_or_default();
    (answer.status, told)
}

fn reads(page: &Value) -> Vec<&str> {
    let sightings = page["sightings"].as_array().into_iter().flatten();
    sightings.filter_map(|seen| seen["read"].as_str()).collect()
}

#[tokio::test]
async fn pages_follow_each_other_as_they_did_when_the_answer_was_given_while_reads_arrive() {
    let house = House::new();
    house.see_all(&vec!["DK48213".to_owned(); 230], MORNING);
    let officer = house.log_in(OFFICER).await;
    let (_, first) = found(&house, &officer, None).await;
    assert_eq!(
        (&first["count"], &first["next"]),
        (&json!(230), &json!(101))
    );
    assert_eq!(first["cameras"][0]["camera"], "elm-and-3rd");
    let answer = first["answer"].as_u64().unwrap();
    // What comes in is newer: a search made now shows it first.
    house.see_all(&vec!["DK48213".to_owned(); 50], "2026-11-20T14:20:00Z");
    let (_, second) = found(&house, &officer, Some((answer, 101))).await;
    house.see_all(&vec!["DK48213".to_owned(); 50], "2026-11-20T14:30:00Z");
    let (_, third) = found(&house, &officer, Some((answer, 201))).await;
    assert_eq!(
        (&second["next"], &third["next"]),
        (&json!(201), &Value::Null)
    );
    let mut all: Vec<&str> = [&first, &second, &third]
        .into_iter()
        .flat_map(reads)
        .collect();
    assert_eq!(all.len(), 230);
    all.sort_unstable();
    all.dedup();
    assert_eq!(
        all.len(),
        230,
        "no read is shown twice, and none is left out"
    );
    let (_, again) = found(&house, &officer, Some((answer, 1))).await;
    assert_eq!(reads(&again), reads(&first), "back to where it began");
    let (_, anew) = found(&house, &officer, None).await;
    assert_eq!(anew["count"], 330);
    let story = house.story().await;
    let turned = format!(
        "turned the page to 201 to 230 of the answer in entry {answer}: plate DK48213, for criminal investigation, case 26-01877"
    );
    assert!(story.contains(&turned), "{story}");
    assert!(story.contains("30 records"), "{story}");
}

#[tokio::test]
async fn a_person_turns_pages_by_a_button_and_the_form_stays_as_it_was() {
    let house = House::new();
    house.see_all(&vec!["DK48213".to_owned(); 130], MORNING);
    let officer = house.log_in(OFFICER).await;
    let page = house
        .search(&officer, "DK48213", "crime", "26-01877")
        .await
        .text;
    assert!(page.contains("The first 100 of 130 sightings of"), "{page}");
    assert!(
        page.contains("name=\"first\" value=\"101\">Next 30</button>"),
        "{page}"
    );
    let (_, rest) = page.split_once("name=\"answer\" value=\"").unwrap();
    let answer = rest.split('"').next().unwrap();
    let turn = [
        ("plate", "DK48213"),
        ("purpose", "crime"),
        ("case", "26-01877"),
        ("answer", answer),
        ("first", "101"),
    ];
    let page = house.fill_in(&officer, "/search/page", &turn).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("Sightings 101 to 130 of 130 of"),
        "{}",
        page.text
    );
    assert_eq!(page.text.matches("card sighting").count(), 30);
    assert!(
        page.text
            .contains("name=\"first\" value=\"1\">The page before</button>")
    );
    assert!(!page.text.contains(">Next "));
    assert!(
        page.text.contains("name=\"case\" value=\"26-01877\""),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn pages_are_turned_in_their_session_for_their_time_and_while_the_rules_allow_it() {
    let house = House::new();
    house.see_all(&vec!["DK48213".to_owned(); 130], MORNING);
    let officer = house.log_in(OFFICER).await;
    let (_, first) = found(&house, &officer, None).await;
    let answer = first["answer"].as_u64().unwrap();
    let turned =
        async |officer: &Browser, first| found(&house, officer, Some((answer, first))).await;
    let (status, beyond) = turned(&officer, 131).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(beyond["error"], "the answer has the lines 1 to 130");
    house.clock.advance(std::time::Duration::from_secs(30));
    let elsewhere = house.log_in(OFFICER).await;
    let (status, told) = turned(&elsewhere, 101).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
    // The case is no longer open.
    let administrator = house::support::log_in(&house.station, house::ADMINISTRATOR);
    let import = |list: &str| {
        house
            .station
            .import_cases(&administrator, list.as_bytes())
            .unwrap()
    };
    import("number,state\n26-01999,open\n");
    let (status, refused) = turned(&officer, 101).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(
        refused.to_string().contains("no open case of this number"),
        "{refused}"
    );
    import("number,state\n26-01877,open\n");
    assert_eq!(turned(&officer, 101).await.0, StatusCode::OK);
    for _ in 0..2 {
        house.clock.advance(std::time::Duration::from_secs(16 * 60));
        house.get(&officer, "/search").await;
    }
    let (status, late) = turned(&officer, 101).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{late}");
    assert!(
        late["error"].as_str().unwrap().ends_with("ask again"),
        "{late}"
    );
}

#[tokio::test]
async fn a_canvass_pages_through_its_vehicles_too() {
    let house = House::new();
    let plates: Vec<String> = (0..130).map(|n| format!("AB{n:04}")).collect();
    house.see_all(&plates, MORNING);
    let officer = house.log_in(OFFICER).await;
    let page = ask(&house, &officer, &[("plate", "")]).await.text;
    assert!(page.contains("The first 100 of 130 vehicles"), "{page}");
    assert_eq!(vehicles(&page), 100);
    let (_, rest) = page.split_once("name=\"answer\" value=\"").unwrap();
    let answer = rest.split('"').next().unwrap();
    house.see_all(&["XY1234".to_owned()], "2026-11-20T14:12:09Z");
    let turn = canvass(&[("plate", ""), ("answer", answer), ("first", "101")]);
    let next = house.fill_in(&officer, "/canvass/page", &turn).await;
    assert_eq!(next.status, StatusCode::OK, "{}", next.text);
    assert!(
        next.text.contains("Vehicles 101 to 130 of 130"),
        "{}",
        next.text
    );
    let shown = |text: &str| plates.iter().filter(|plate| text.contains(*plate)).count();
    assert_eq!((shown(&page), shown(&next.text)), (100, 30));
    assert!(!next.text.contains("XY1234"));
    // The pages of a search are none of a canvass.
    let (status, _) = found(&house, &officer, Some((answer.parse().unwrap(), 1))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
