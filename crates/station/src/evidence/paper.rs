//! The reads of a bag as a paper, for people.

use std::collections::BTreeMap;

use ::evidence::{Booking, ReadTold, fingerprint};
use ledger::VerifyingKey;
use paper::{Level, Paper, Table};

pub(super) fn paper(
    booking: &Booking,
    reads: &[ReadTold],
    close_ups: &BTreeMap<String, Vec<u8>>,
    key: &VerifyingKey,
) -> Paper {
    let foot = format!("{} · evidence {}", booking.agency, booking.number);
    let mut paper = Paper::new(&format!("Evidence {}", booking.number), &foot);
    paper.text(&format!(
        "Case {}. {}. Booked by {}, badge {}, at {:.0}, entry {} of the ledger {}.",
        booking.case,
        booking.purpose,
        booking.booked_by.name,
        booking.booked_by.badge,
        booking.booked_at,
        booking.entry,
        booking.ledger
    ));
    paper.text(
        "These are machine readings. Each must be compared with its picture, and none is by itself grounds \
         for a stop. reads.json has every read with everything it may also be; data/pictures has the \
         pictures as they were captured.",
    );
    paper.heading(Level::Section, "Reads");
    paper.table(list(reads));
    for (n, read) in reads.iter().enumerate() {
        if let Some(close_up) = close_ups.get(&read.id) {
            one(&mut paper, n + 1, read, close_up);
        }
    }
    if close_ups.len() < reads.len() {
        paper.text(&format!(
            "Close-ups are shown of {} of the {} reads; the pictures of all are in data/pictures.",
            close_ups.len(),
            reads.len()
        ));
    }
    paper.heading(Level::Section, "What read them");
    let networks = booking.reader.iter();
    paper.table(Table {
        head: vec![
            (format!("Lictor {}", booking.version), 1.0),
            ("SHA-256 of the network".to_owned(), 4.0),
        ],
        rows: networks
            .map(|one| vec![one.name.clone(), one.sha256.to_string()])
            .collect(),
    });
    paper.heading(Level::Section, "How to check it");
    paper.text(&format!(
        "`lictor evidence verify` checks every file and every proof of this bag, on any machine. It is to say \
         INTACT, SIGNED BY {}, when it is given the key that the agency published. In short that key reads: {}. \
         Any program for BagIt bags (RFC 8493) checks the files against their manifests.",
        booking.ledger,
        fingerprint(key.as_text())
    ));
    paper
}

fn list(reads: &[ReadTold]) -> Table {
    let column = |name: &str, share: f32| (name.to_owned(), share);
    Table {
        head: vec![
            column("Read", 0.6),
            column("Seen", 2.3),
            column("Camera", 2.0),
            column("Plate", 1.3),
            column("Sure", 1.0),
            column("State", 1.8),
            column("Picture", 1.4),
        ],
        rows: (1..)
            .zip(reads)
            .map(|(n, read): (usize, _)| {
                vec![
                    n.to_string(),
                    read.local_time.clone(),
                    format!("{}, {}", read.camera, read.place),
                    read.plate.clone(),
                    percent(read.confidence),
                    state(&read.states),
                    read.picture.trim_start_matches("pictures/").to_owned(),
                ]
            })
            .collect(),
    }
}

fn one(paper: &mut Paper, n: usize, read: &ReadTold, close_up: &[u8]) {
    paper.heading(Level::Part, &format!("Read {n}: {}", read.plate));
    paper.picture(
        close_up.to_vec(),
        &format!(
            "Close-up, cut out of {}: the plate read as {}",
            read.picture, read.plate
        ),
    );
    let others: Vec<String> = read
        .alternatives
        .iter()
        .map(|(text, p)| format!("{text} {}", percent(*p)))
        .collect();
    let others = if others.is_empty() {
        "nothing else with a probability of a thousandth or more".to_owned()
    } else {
        others.join(", ")
    };
    let came_in = read.came_in.as_ref().map_or(
        "When it came in is not proved by this ledger.".to_owned(),
        |batch| format!("It came in so by entry {} of the ledger.", batch.entry),
    );
    paper.text(&format!(
        "Seen {} ({:.0} UTC) by {}, {}. It may also be: {others}. {came_in}\nPicture {}, SHA-256 {}",
        read.local_time, read.seen_at, read.camera, read.place, read.picture, read.picture_sha256
    ));
}

/// The state, where one is more probable than all others together.
fn state(states: &[(String, f64)]) -> String {
    match states.first() {
        None => "not read".to_owned(),
        Some((state, p)) if *p > 0.5 => format!("{state} {}", percent(*p)),
        Some((state, p)) => format!("unsure, {state} {}", percent(*p)),
    }
}

fn percent(p: f64) -> String {
    format!("{:.1} %", 100.0 * p)
}
