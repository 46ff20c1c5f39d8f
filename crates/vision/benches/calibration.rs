//! What alerts are worth that rest on this reader: true and false ones to be expected, by probability
//! and by comparing strings, over labelled pictures. Run by `cargo xtask bench calibration`, which
//! knows the bars; prints one JSON object a figure, and the curves on standard error.
//!
//! Nothing is drawn: as decision D25 has it, each picture stands for a car that passes; it is listed with
//! the weight h, and every other plate that the reader holds possible is, with the density |L|/N.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement: it breaks off when it cannot be set up"
)]

#[path = "calibration/against.rs"]
mod against;

use std::fs;
use std::path::Path;

use against::{Alert, Way, compare};
use hotlist::{Entry, Grade, Index, Match, Prior, Rules, StateFit, Terms, Vehicle};
use image::RgbImage;
use plate::{Jurisdiction, PlateText, Reading};
use vision::{Plate, PlateBox, Vision};

/// Cars on the list.
const LISTED: usize = 1_000;
/// Texts that are tried of each read; less probable ones raise nothing.
const TEXTS: usize = 24;
/// h and N of `policy/alerts.toml`.
const TRUE_HITS: f64 = 0.0005;
const VEHICLES: f64 = 500_000.0;
/// How often a plate that is not the car's own is listed.
const DENSITY: f64 = (1.0 - TRUE_HITS) * LISTED as f64 / VEHICLES;
/// Characters that readers take for each other.
const ALIKE: [&str; 8] = ["0DQ", "8B", "1I", "5S", "2Z", "6GC", "4A", "VY"];
/// A read whose box overlaps the labelled one by this much (intersection over union) is of it (D22).
const SAME_PLATE: f32 = 0.3;
/// What a false alert may cost: for each, what an alert for now finds.
const COSTS: [u32; 6] = [1, 2, 4, 9, 19, 49];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, folder, alerts] = arguments.as_slice() {
        // The pictures are of all states evenly: none is usual among them.
        let alerts = fs::read_to_string(alerts).unwrap();
        let evenly = alerts.lines().filter(|line| !line.starts_with("US-"));
        let rules = Rules::from_toml(&evenly.collect::<Vec<_>>().join("\n")).unwrap();
        let vision = Vision::embedded().unwrap();
        let crops = passes(&vision, &Path::new(folder).join("us-crops"));
        let stated = outcomes(&crops, true, &rules);
        eprintln!("a list that names the states:");
        curve("states", &stated);
        priority(&crops, &stated);
        let characters = outcomes(&crops, false, &rules);
        eprintln!("a list of characters alone:");
        curve("characters", &characters);
        hard_cases(&crops, &rules);
        let against_strings = |name, passes: &[Pass], outcomes: &[Outcome]| {
            let (strings, probability) = (Way::strings(passes), by_probability(outcomes));
            compare(name, passes.len(), DENSITY, &strings, &probability);
        };
        against_strings("crops", &crops, &characters);
        let plain = Way::new(plain_with_states(&crops));
        compare(
            "stated",
            crops.len(),
            DENSITY,
            &plain,
            &by_probability(&stated),
        );

        // What no scalar was fitted on judges (decision D24).
        let mut judging: Vec<Pass> = crops.into_iter().filter(|pass| !pass.fitted).collect();
        for streets in ["us", "br"] {
            let folder = Path::new(folder).join(streets);
            if folder.exists() {
                judging.extend(passes(&vision, &folder));
            }
        }
        against_strings("judging", &judging, &outcomes(&judging, false, &rules));
    }
}

fn figure(name: &str, value: f64) {
    println!(r#"{{"name":"{name}","value":{value}}}"#);
}

/// A plate that is listed, and its state where the list names one.
type Listed = (PlateText, Option<Jurisdiction>);

/// A car that passes.
struct Pass {
    plate: PlateText,
    /// Where the label says it.
    state: Option<Jurisdiction>,
    /// None where no plate was found.
    reading: Option<Reading>,
    /// The texts the reader holds possible, O as 0, most probable first, and how probable.
    texts: Vec<(PlateText, f64)>,
    /// Whether it is one of the pictures that scalars of the reader may be fitted on.
    fitted: bool,
}

/// What comes of a text if it is listed.
struct Outcome {
    /// Which car passes.
    pass: usize,
    /// The probability of a true hit that is shown.
    shown: f64,
    /// Whether it is the car's own plate.
    is_true: bool,
    /// How often that happens, to one car that passes.
    weight: f64,
    /// Whether somebody must look at it now.
    priority: bool,
    /// Whether the state was read, and is the entry's.
    state_fits: bool,
}

/// The cars of a folder: pictures of one plate each, edge to edge, or streets with a box for each.
fn passes(vision: &Vision, folder: &Path) -> Vec<Pass> {
    let table = fs::read_to_string(folder.join("truth.csv")).unwrap();
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name| Some(cells[columns.iter().position(|column| *column == name)?]);
        let bytes = fs::read(folder.join(cell("file").unwrap())).unwrap();
        let picture = capture::decode(&bytes).unwrap();
        let pixels = |name| cell(name)?.parse::<f32>().ok();
        let at = pixels("x").map(|x| PlateBox {
            x,
            y: pixels("y").unwrap(),
            width: pixels("w").unwrap(),
            height: pixels("h").unwrap(),
        });
        let reading = read(vision, &picture, at).map(|plate| plate.reading);
        Pass {
            plate: cell("plate")
                .unwrap()
                .parse::<PlateText>()
                .unwrap()
                .folded(),
            state: cell("state").and_then(|state| format!("US-{state}").parse().ok()),
            texts: reading.as_ref().map(texts).unwrap_or_default(),
            reading,
            fitted: at.is_none() && crypt::sha256(&bytes).to_string().as_str() < "8",
        }
    };
    lines.map(row).collect()
}

/// The read that counts of a picture: of those on the labelled box, or else of all, the surest (D22).
fn read(vision: &Vision, picture: &RgbImage, at: Option<PlateBox>) -> Option<Plate> {
    let Some(at) = at else {
        return vision.cropped(picture).unwrap();
    };
    let mut plates = vision.plates(picture).unwrap();
    let on_it = plates
        .iter()
        .position(|plate| plate.at.overlap(&at) >= SAME_PLATE);
    (!plates.is_empty()).then(|| plates.swap_remove(on_it.unwrap_or(0)))
}

fn texts(reading: &Reading) -> Vec<(PlateText, f64)> {
    let mut texts: Vec<(PlateText, f64)> = Vec::new();
    for candidate in reading.best(TEXTS) {
        let text = candidate.text.folded();
        if !texts.iter().any(|(known, _)| *known == text) {
            let probability = reading.probability_of_folded(&text);
            texts.push((text, probability));
        }
    }
    texts
}

fn entry(plate: &PlateText, state: Option<Jurisdiction>) -> Entry {
    Entry {
        plate: plate.clone(),
        jurisdiction: state,
        file: String::new(),
        reason: String::new(),
        restricted: false,
        caution: String::new(),
        vehicle: Vehicle::default(),
        entered: None,
        record: String::new(),
        agency: String::new(),
    }
}

impl Pass {
    /// What the product makes of this read when these are on the list, among cars that are far away.
    fn matches(&self, listed: &[Listed], rules: &Rules) -> Vec<Match> {
        let Some(reading) = &self.reading else {
            return vec![];
        };
        // So few of so many fewer vehicles are as dense as all of them.
        let prior = Prior {
            true_hits_per_read: TRUE_HITS,
            vehicles: VEHICLES * listed.len() as f64 / LISTED as f64,
        };
        let mut entries: Vec<Entry> = listed
            .iter()
            .map(|(plate, state)| entry(plate, *state))
            .collect();
        Index::compile(&mut entries).matches(reading, rules, prior)
    }

    /// What is listed to see what comes of it: whether it is the car itself, and how often it is so. Every
    /// other text the reader holds possible is a vehicle of the car's own state, which for another car
    /// is the worst. Where the list names states, one more vehicle has the car's characters, in any
    /// other state as likely as in the next.
    fn listed(&self, with_states: bool) -> Vec<(Listed, bool, f64)> {
        let own = self.state.filter(|_| with_states);
        let others = self.texts.iter().filter(|(text, _)| *text != self.plate);
        let mut listed: Vec<_> = others
            .map(|(text, _)| ((text.clone(), own), false, 1.0))
            .collect();
        listed.push(((self.plate.clone(), own), true, 1.0));
        if let Some(own) = own {
            let read: Vec<Jurisdiction> = (self.reading.iter())
                .flat_map(|reading| reading.jurisdictions().iter())
                .map(|(state, _)| state)
                .collect();
            let states = Jurisdiction::all().filter(|state| state.code().starts_with("US-"));
            let states: Vec<Jurisdiction> = states.filter(|state| *state != own).collect();
            let each = 1.0 / states.len() as f64;
            let (read, unread): (Vec<_>, Vec<_>) =
                states.into_iter().partition(|state| read.contains(state));
            let elsewhere = |state| (self.plate.clone(), Some(state));
            listed.extend(
                read.into_iter()
                    .map(|state| (elsewhere(state), false, each)),
            );
            // Of those that the reader does not name, one is as another.
            let all_unread = each * unread.len() as f64;
            let one = unread.into_iter().take(1);
            listed.extend(one.map(|state| (elsewhere(state), false, all_unread)));
        }
        listed
    }

    /// Which state but its own the plate is most probably of.
    fn elsewhere(&self) -> Jurisdiction {
        let read = self.reading.iter().flat_map(|r| r.jurisdictions().iter());
        let usual = ["US-IL", "US-IN"].map(|code| code.parse().unwrap());
        let mut states = read.map(|(state, _)| state).chain(usual);
        states.find(|state| Some(*state) != self.state).unwrap()
    }
}

/// What comes of each plate, listed alone.
fn outcomes(passes: &[Pass], with_states: bool, rules: &Rules) -> Vec<Outcome> {
    let of = |(pass, car): (usize, &Pass)| -> Vec<Outcome> {
        let listed = car.listed(with_states).into_iter();
        let outcome = |(listed, is_true, so_often): (Listed, bool, f64)| {
            let found = car.matches(&[listed], rules).into_iter().next()?;
            Some(Outcome {
                pass,
                shown: found.probability,
                is_true,
                weight: so_often * if is_true { TRUE_HITS } else { DENSITY },
                priority: found.grade(rules, &rules.terms()) == Some(Grade::Priority),
                state_fits: matches!(found.state, StateFit::Fits(_)),
            })
        };
        listed.filter_map(outcome).collect()
    };
    passes.iter().enumerate().flat_map(of).collect()
}

fn by_probability(outcomes: &[Outcome]) -> Way {
    let alert = |outcome: &Outcome| Alert {
        pass: outcome.pass,
        sure: outcome.shown,
        is_true: outcome.is_true,
        so_often: outcome.weight / if outcome.is_true { TRUE_HITS } else { DENSITY },
    };
    Way::new(outcomes.iter().map(alert).collect())
}

/// Comparing characters alone with a list that names states: the car of the same characters in another
/// state is taken for this one as surely as itself.
fn plain_with_states(passes: &[Pass]) -> Vec<Alert> {
    let alerts = |(pass, car): (usize, &Pass)| -> Vec<Alert> {
        let Some((text, sure)) = car.texts.first() else {
            return vec![];
        };
        let right = *text == car.plate;
        let alert = |is_true| Alert {
            pass,
            sure: *sure,
            is_true,
            so_often: 1.0,
        };
        if right {
            vec![alert(true), alert(false)]
        } else {
            vec![alert(false)]
        }
    };
    passes.iter().enumerate().flat_map(alerts).collect()
}

/// Of the alerts shown at a probability, so many are right.
fn curve(of: &str, outcomes: &[Outcome]) {
    let total: f64 = outcomes.iter().map(|o| o.weight).sum();
    let mut error = 0.0;
    eprintln!("shown at        right  share of what is shown");
    for tenth in 0..10 {
        let from = f64::from(tenth) / 10.0;
        let within: Vec<&Outcome> = (outcomes.iter())
            .filter(|o| (o.shown * 10.0).floor().min(9.0) == f64::from(tenth))
            .collect();
        let weight: f64 = within.iter().map(|o| o.weight).sum();
        if weight == 0.0 {
            continue;
        }
        let right: f64 = within
            .iter()
            .filter(|o| o.is_true)
            .map(|o| o.weight)
            .sum::<f64>()
            / weight;
        let said: f64 = within.iter().map(|o| o.shown * o.weight).sum::<f64>() / weight;
        error += (right - said).abs() * weight / total;
        eprintln!(
            "{from:.1} ({said:.2})      {right:>5.2}  {:.3}",
            weight / total
        );
    }
    figure(&format!("{of}_error"), error);
    let sure = || outcomes.iter().filter(|o| o.shown >= 0.9);
    let weight: f64 = sure().map(|o| o.weight).sum();
    let right: f64 = sure().filter(|o| o.is_true).map(|o| o.weight).sum();
    figure(&format!("{of}_right_at_09"), right / weight);
}

/// Alerts that somebody must look at now, and what they would be at other thresholds.
fn priority(passes: &[Pass], outcomes: &[Outcome]) {
    let cars = passes.len() as f64;
    let found = |of: &dyn Fn(&Outcome) -> bool| {
        let found = outcomes.iter().filter(|o| o.is_true && of(o)).count();
        found as f64 / cars * 100.0
    };
    let wrong = |of: &dyn Fn(&Outcome) -> bool| {
        let wrong = outcomes.iter().filter(|o| !o.is_true && of(o));
        wrong.map(|o| o.weight).sum::<f64>() / cars * 1e6
    };
    figure("priority_found_of_100", found(&|o| o.priority));
    figure("priority_false_per_million", wrong(&|o| o.priority));
    // As [[measured]] of policy/alerts.toml has them.
    eprintln!("a false alert costs   found of 100   false of a million reads");
    for false_cost in COSTS {
        let terms = Terms {
            false_cost,
            may_be_done: String::new(),
        };
        let now = |o: &Outcome| o.state_fits && o.shown >= terms.alert_at();
        eprintln!(
            "{false_cost:>19} {:>14.1} {:>15.0}",
            found(&now),
            wrong(&now)
        );
    }
}

/// Every one-look-alike neighbour listed and the car itself not; and the car's characters listed in
/// another state: of a hundred cars, so many raise an alert at once.
fn hard_cases(passes: &[Pass], rules: &Rules) {
    let priority = |pass: &Pass, listed: &[Listed]| {
        let found = pass.matches(listed, rules);
        found
            .iter()
            .any(|m| m.grade(rules, &rules.terms()) == Some(Grade::Priority))
    };
    let share = |n: usize| n as f64 / passes.len() as f64 * 100.0;
    let neighbours = passes
        .iter()
        .filter(|p| priority(p, &p.neighbours()))
        .count();
    figure("neighbours_priority_of_100", share(neighbours));
    let strings = |p: &&Pass| {
        let best = p.best();
        p.neighbours().iter().any(|(text, _)| Some(text) == best)
    };
    figure(
        "neighbours_by_strings_of_100",
        share(passes.iter().filter(strings).count()),
    );
    let elsewhere = |p: &Pass| [(p.plate.clone(), Some(p.elsewhere()))];
    let wrong_state = passes.iter().filter(|p| priority(p, &elsewhere(p))).count();
    figure("wrong_state_priority_of_100", share(wrong_state));
    let strings = passes.iter().filter(|p| p.best() == Some(&p.plate)).count();
    figure("wrong_state_by_strings_of_100", share(strings));
}

impl Pass {
    /// What a reader that gives one text would give.
    fn best(&self) -> Option<&PlateText> {
        self.texts.first().map(|(text, _)| text)
    }

    /// The texts that differ from the car's in one character that looks alike.
    fn neighbours(&self) -> Vec<Listed> {
        let text: Vec<char> = self.plate.to_string().chars().collect();
        let mut found: Vec<Listed> = Vec::new();
        for (place, &c) in text.iter().enumerate() {
            for other in ALIKE
                .iter()
                .filter(|set| set.contains(c))
                .flat_map(|set| set.chars())
            {
                let mut text = text.clone();
                text[place] = other;
                let text = text
                    .iter()
                    .collect::<String>()
                    .parse::<PlateText>()
                    .unwrap()
                    .folded();
                if text != self.plate {
                    found.push((text, self.state));
                }
            }
        }
        found.sort_by_key(|(text, _)| text.to_string());
        found.dedup();
        found
    }
}
