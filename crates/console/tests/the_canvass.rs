//! Searching by part of a plate, and canvassing around scenes (3(b), 3(c)), over HTTP. The station's
//! town is in the time zone of Chicago: its 08:12 is 14:12 UTC.

mod house;

use axum::http::StatusCode;
use house::{Answer, Browser, House, OFFICER};

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
