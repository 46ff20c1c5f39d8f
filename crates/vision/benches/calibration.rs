//! What alerts are worth that rest on this reader: true and false ones to be expected, by probability
//! and by comparing strings, over labelled pictures of one plate each. Run by `cargo xtask bench
//! calibration`, which knows the bars; prints one JSON object a figure, and the curve on standard error.
//!
//! Nothing is drawn: as decision D25 has it, each picture stands for a car that passes; it is listed with
//! the weight h, and every other text that the reader holds possible is, with the density |L|/N.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement: it breaks off when it cannot be set up"
)]

use std::fs;
use std::path::Path;

use hotlist::{Entry, Grade, Index, Match, Rules, Vehicle};
use plate::{Jurisdiction, PlateText, Reading};
use vision::Vision;

/// Cars on the list.
const LISTED: usize = 1_000;
/// Texts that are tried of each read; less probable ones raise nothing.
const TEXTS: usize = 24;
/// h and N of `policy/alerts.toml`.
const TRUE_HITS: f64 = 0.0005;
const VEHICLES: f64 = 500_000.0;
/// Characters that readers take for each other.
const ALIKE: [&str; 8] = ["0DQ", "8B", "1I", "5S", "2Z", "6GC", "4A", "VY"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo starts it without these when it runs every bench.
    if let [_, folder, alerts] = arguments.as_slice() {
        let rules = Rules::from_toml(&fs::read_to_string(alerts).unwrap()).unwrap();
        let passes = passes(Path::new(folder));
        figure("pictures", passes.len() as f64);
        let outcomes = |with_states| -> Vec<Outcome> {
            let outcomes = |pass: &Pass| pass.outcomes(with_states, &rules);
            passes.iter().flat_map(outcomes).collect()
        };
        eprintln!("a list that names the states:");
        let with_states = outcomes(true);
        curve("states", &with_states);
        priority(&passes, &with_states);
        eprintln!("a list of characters alone:");
        let characters = outcomes(false);
        curve("characters", &characters);
        against_strings(&passes, &characters);
        hard_cases(&passes, &rules);
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
    state: Jurisdiction,
    reading: Reading,
    /// The texts the reader holds possible, O as 0, most probable first.
    texts: Vec<PlateText>,
}

/// What comes of a text if it is listed.
struct Outcome {
    /// The probability of a true hit that is shown.
    shown: f64,
    /// Whether it is the car's own plate.
    is_true: bool,
    /// How often that happens, to one car that passes.
    weight: f64,
    /// Whether somebody must look at it now.
    priority: bool,
}

fn passes(folder: &Path) -> Vec<Pass> {
    let vision = Vision::embedded().unwrap();
    let table = fs::read_to_string(folder.join("truth.csv")).unwrap();
    // Columns: file, state, plate.
    let rows = table.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?, cells.next()?, cells.next()?))
    });
    rows.filter_map(|(file, state, plate)| {
        let picture = fs::read(folder.join(file)).unwrap();
        let picture = capture::decode(&picture).unwrap();
        let reading = vision.cropped(&picture).unwrap()?.reading;
        let mut texts: Vec<PlateText> = Vec::new();
        for candidate in reading.best(TEXTS) {
            let text = candidate.text.folded();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        Some(Pass {
            plate: plate.parse::<PlateText>().ok()?.folded(),
            state: format!("US-{state}").parse().ok()?,
            reading,
            texts,
        })
    })
    .collect()
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
        let far_away = (listed.len()..LISTED).map(|n| {
            let plate = format!("FARAWAY{n:05}").parse().unwrap();
            entry(&plate, Some(self.state))
        });
        let near = listed.iter().map(|(plate, state)| entry(plate, *state));
        let mut entries: Vec<Entry> = near.chain(far_away).collect();
        let index = Index::compile(&mut entries);
        index.matches(&self.reading, rules)
    }

    /// What comes of each text, listed alone: in the car's own state, which for another car is the
    /// worst, or without one.
    fn outcomes(&self, with_states: bool, rules: &Rules) -> Vec<Outcome> {
        let state = with_states.then_some(self.state);
        let others = self.texts.iter().filter(|text| **text != self.plate);
        let each = others
            .map(|text| (text, false))
            .chain([(&self.plate, true)]);
        each.filter_map(|(text, is_true)| {
            let found = self
                .matches(&[(text.clone(), state)], rules)
                .into_iter()
                .next()?;
            Some(Outcome {
                shown: found.probability,
                is_true,
                weight: if is_true {
                    TRUE_HITS
                } else {
                    (1.0 - TRUE_HITS) * LISTED as f64 / VEHICLES
                },
                priority: found.grade(rules) == Some(Grade::Priority),
            })
        })
        .collect()
    }
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

/// True alerts of a hundred listed cars that pass, at equal false ones.
fn against_strings(passes: &[Pass], outcomes: &[Outcome]) {
    let cars = passes.len() as f64;
    let right = passes
        .iter()
        .filter(|p| p.texts.first() == Some(&p.plate))
        .count() as f64;
    let false_weight = (1.0 - TRUE_HITS) * LISTED as f64 / VEHICLES;
    let false_by_strings = (cars - right) * false_weight;
    figure("strings_found_of_100", right / cars * 100.0);
    figure("strings_false_per_million", false_by_strings / cars * 1e6);

    let mut shown: Vec<&Outcome> = outcomes.iter().collect();
    shown.sort_by(|a, b| b.shown.total_cmp(&a.shown));
    let (mut found, mut wrong) = (0.0, 0.0);
    for outcome in shown {
        if outcome.is_true {
            found += 1.0;
        } else if wrong + outcome.weight > false_by_strings {
            break;
        } else {
            wrong += outcome.weight;
        }
    }
    figure("probability_found_of_100", found / cars * 100.0);
    figure("probability_false_per_million", wrong / cars * 1e6);
}

/// Alerts that somebody must look at now.
fn priority(passes: &[Pass], outcomes: &[Outcome]) {
    let cars = passes.len() as f64;
    let now = || outcomes.iter().filter(|o| o.priority);
    figure(
        "priority_found_of_100",
        now().filter(|o| o.is_true).count() as f64 / cars * 100.0,
    );
    let wrong: f64 = now().filter(|o| !o.is_true).map(|o| o.weight).sum();
    figure("priority_false_per_million", wrong / cars * 1e6);
}

/// Every one-look-alike neighbour listed and the car itself not; and the car's characters listed in
/// another state: of a hundred cars, so many raise an alert at once.
fn hard_cases(passes: &[Pass], rules: &Rules) {
    let priority = |pass: &Pass, listed: &[Listed]| {
        let found = pass.matches(listed, rules);
        found
            .iter()
            .any(|m| m.grade(rules) == Some(Grade::Priority))
    };
    let share = |n: usize| n as f64 / passes.len() as f64 * 100.0;
    let neighbours = passes
        .iter()
        .filter(|p| priority(p, &p.neighbours()))
        .count();
    figure("neighbours_priority_of_100", share(neighbours));
    let strings = |p: &&Pass| {
        let best = p.texts.first();
        p.neighbours().iter().any(|(text, _)| Some(text) == best)
    };
    figure(
        "neighbours_by_strings_of_100",
        share(passes.iter().filter(strings).count()),
    );
    let elsewhere = |p: &Pass| {
        let states = ["US-IL", "US-IN", "US-OH"].map(|code| code.parse().unwrap());
        let other = states.into_iter().find(|state| *state != p.state).unwrap();
        [(p.plate.clone(), Some(other))]
    };
    let wrong_state = passes.iter().filter(|p| priority(p, &elsewhere(p))).count();
    figure("wrong_state_priority_of_100", share(wrong_state));
    let strings = passes
        .iter()
        .filter(|p| p.texts.first() == Some(&p.plate))
        .count();
    figure("wrong_state_by_strings_of_100", share(strings));
}

impl Pass {
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
                    found.push((text, Some(self.state)));
                }
            }
        }
        found.sort_by_key(|(text, _)| text.to_string());
        found.dedup();
        found
    }
}
