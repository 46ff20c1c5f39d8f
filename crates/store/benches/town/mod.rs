//! A town that there is not: which car passes which of its fifty cameras when, and what the reader makes
//! of the plate. All of it follows from the read's number, so that a data set that broke off goes on,
//! and is the same wherever it is made.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::path::Path;
use std::sync::Arc;

use crypt::Key;
use govern::Clock;
use jiff::{Timestamp, ToSpan};
use plate::{Candidate, Jurisdictions, Reading};
use store::{Store, StoreKeys, StorePlace};

/// Cameras, some of them busier than others.
pub(crate) const CAMERAS: u64 = 50;
/// Ten million reads are of thirty days.
const READS_A_DAY: u64 = 333_334;
/// Of a hundred cars of a day, how many pass in each hour.
const HOURS: [u64; 24] = [
    1, 1, 1, 1, 1, 2, 4, 7, 7, 5, 5, 5, 6, 6, 6, 7, 8, 8, 6, 5, 3, 2, 2, 1,
];
/// Cars that come so often that there is no most frequent one to speak of: of ten million reads, the
/// car that comes most often has 1,250.
const REGULARS: f64 = 1_000.0;
/// The reads that are put into the tables at once.
const STEP: u64 = 50_000;

/// What the reader takes for each other most, after `models/reader.md`.
const ALIKE: [&str; 10] = ["1I", "0DQ", "GC", "EB", "4L", "VU", "MW", "8B", "5S", "2Z"];
/// How many reads of all are so sure, added up, and how probable their texts are. Nine of ten plates are
/// read right (`models/reader.md`), and what is said to be probable is right so often.
const SURE: [(f64, &[f64]); 3] = [
    (0.65, &[0.985]),
    (0.90, &[0.85, 0.11]),
    (1.0, &[0.5, 0.22, 0.12, 0.06]),
];
/// Plates whose state is read (`lictor eval`).
const STATE_READ: f64 = 0.76;
/// What a read is found under, as the store has it (D27).
const ALTERNATIVES: usize = 4;
const LEAST_PROBABLE: f64 = 0.02;

/// So many reads, and who is in them.
#[derive(Clone, Copy)]
pub(crate) struct Town {
    pub(crate) reads: u64,
}

/// Numbers that follow from a number.
pub(crate) struct Draw(u64);

/// A read, as the tables have it.
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) read: [u8; 16],
    pub(crate) picture: [u8; 16],
    pub(crate) camera: [u8; 16],
    pub(crate) seen_at: i64,
    pub(crate) day: String,
    pub(crate) sha256: String,
    pub(crate) reading: String,
    pub(crate) issuer: Option<&'static str>,
    pub(crate) texts: Vec<(String, f64)>,
}

/// The key of all that is made here.
pub(crate) fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// Opens the store of a data set.
pub(crate) fn open(folder: &Path, server: Option<&str>, clock: Arc<dyn Clock>) -> Store {
    let keys = StoreKeys {
        database: key(),
        columns: key(),
        pictures: key(),
    };
    let place = StorePlace {
        folder: folder.to_owned(),
        server: server.map(str::to_owned),
    };
    Store::open(&place, keys, clock).unwrap()
}

impl Draw {
    pub(crate) fn of(what: &str, n: u64) -> Self {
        let seed = what
            .bytes()
            .fold(0, |seed, byte| mixed(seed ^ u64::from(byte)));
        Self(mixed(seed ^ mixed(n)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// From 0 to less than 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn id(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.next().to_le_bytes());
        id[8..].copy_from_slice(&self.next().to_le_bytes());
        id
    }
}

/// SplitMix64's way of mixing (Steele, Lea and Flood 2014).
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

pub(crate) fn camera(n: u64) -> [u8; 16] {
    Draw::of("camera", n).id()
}

impl Town {
    fn days(self) -> u64 {
        self.reads.div_ceil(READS_A_DAY)
    }

    /// When the first day begins.
    pub(crate) fn begin(self) -> Timestamp {
        let end: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        end - (self.days() as i64 * 24).hours()
    }

    /// A time at which a car passes, as often as cars pass then.
    pub(crate) fn time(self, draw: &mut Draw) -> Timestamp {
        Timestamp::from_millisecond(self.seen_at(draw.below(self.reads))).unwrap()
    }

    fn seen_at(self, n: u64) -> i64 {
        let (day, of_day) = (n / READS_A_DAY, n % READS_A_DAY);
        let mut share = of_day as f64 / READS_A_DAY as f64 * 100.0;
        let mut hour = 0;
        while share >= HOURS[hour] as f64 {
            share -= HOURS[hour] as f64;
            hour += 1;
        }
        let hours = (day * 24 + hour as u64) as f64 + share / HOURS[hour] as f64;
        self.begin().as_millisecond() + (hours * 3_600_000.0) as i64
    }

    /// A car, drawn as they pass: a few come again and again, most of them seldom (Zipf and
    /// Mandelbrot's law).
    pub(crate) fn car(self, draw: &mut Draw) -> u64 {
        let cars = self.reads as f64 * 0.3;
        (REGULARS * ((cars + REGULARS) / REGULARS).powf(draw.share()) - REGULARS) as u64
    }

    pub(crate) fn row(self, number: u64) -> Row {
        let mut draw = Draw::of("read", number);
        let (read, picture) = (draw.id(), draw.id());
        let busy = draw.share();
        let camera = camera(((busy + busy * busy) / 2.0 * CAMERAS as f64) as u64);
        let seen_at = self.seen_at(number);
        let at = Timestamp::from_millisecond(seen_at).unwrap();
        let car = self.car(&mut draw);
        let reading = read_as(&plate(car), &mut draw);
        let issuer = (draw.share() < STATE_READ).then(|| state(car));
        let jurisdictions = issuer.map(|code| {
            let of = [(code, 0.8), ("US-KY", 0.1), ("US-MN", 0.04)];
            Jurisdictions::new(of.map(|(code, p)| (code.parse().unwrap(), p)))
        });
        let reading = reading.with_jurisdictions(jurisdictions.unwrap_or_default());
        let mut texts: Vec<(String, f64)> = Vec::new();
        for (n, found) in reading.best(1 + ALTERNATIVES).into_iter().enumerate() {
            if n > 0 && found.probability < LEAST_PROBABLE {
                break;
            }
            let text = found.text.folded().to_string();
            match texts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, p)) => *p += found.probability,
                None => texts.push((text, found.probability)),
            }
        }
        let sha256: String = (0..4).map(|_| format!("{:016x}", draw.next())).collect();
        Row {
            number,
            read,
            picture,
            camera,
            seen_at,
            day: at.strftime("%Y-%m-%d").to_string(),
            sha256,
            reading: serde_json::to_string(&reading).unwrap(),
            issuer,
            texts,
        }
    }

    /// When each camera was looking: once a week it was silent for two hours.
    pub(crate) fn heard(self) -> impl Iterator<Item = ([u8; 16], i64, i64)> {
        const WEEK: i64 = 7 * 24 * 3_600_000;
        let begin = self.begin().as_millisecond();
        let end = begin + self.days() as i64 * 24 * 3_600_000;
        (0..CAMERAS).flat_map(move |n| {
            let first = begin - (Draw::of("silent", n).below(WEEK as u64) as i64);
            (0..)
                .map(move |week| first + week * WEEK)
                .take_while(move |from| *from < end)
                .map(move |from| {
                    (
                        camera(n),
                        from.max(begin),
                        (from + WEEK - 7_200_000).min(end),
                    )
                })
                .filter(|(_, from, until)| from < until)
        })
    }
}

/// Most cars are of the town's own state.
pub(crate) fn state(car: u64) -> &'static str {
    const OTHERS: [&str; 5] = ["US-IA", "US-IN", "US-MO", "US-WI", "US-MI"];
    let drawn = Draw::of("state", car).below(100);
    OTHERS.get(drawn as usize / 3).copied().unwrap_or("US-IL")
}

/// The town's own state has two letters and five digits, the others three and four.
pub(crate) fn plate(car: u64) -> String {
    const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
    let (letters, digits) = if state(car) == "US-IL" {
        (2, 5)
    } else {
        (3, 4)
    };
    let all = 23_u64.pow(letters) * 10_u64.pow(digits);
    // Each car has its own, in no order.
    let mut number = (u128::from(car) * 2_654_435_761 % u128::from(all)) as u64;
    let serial = number % 10_u64.pow(digits);
    number /= 10_u64.pow(digits);
    let mut text = String::new();
    for _ in 0..letters {
        text.push(char::from(LETTERS[(number % 23) as usize]));
        number /= 23;
    }
    format!("{text}{serial:0width$}", width = digits as usize)
}

/// What the reader makes of a plate.
fn read_as(plate: &str, draw: &mut Draw) -> Reading {
    let sure = draw.share();
    let (_, probabilities) = SURE.iter().find(|(share, _)| sure < *share).unwrap();
    let mut texts = vec![plate.to_owned()];
    while texts.len() <= probabilities.len() {
        let mut text: Vec<char> = plate.chars().collect();
        let place = draw.below(text.len() as u64) as usize;
        text[place] = taken_for(text[place], draw);
        let text: String = text.into_iter().collect();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    // Where the truth stands among them: as probable as the text says, or nowhere.
    let mut left = draw.share();
    let place = probabilities.iter().position(|p| {
        left -= p;
        left < 0.0
    });
    texts.swap(0, place.unwrap_or(probabilities.len()));
    let candidates: Vec<Candidate> = texts
        .iter()
        .zip(*probabilities)
        .map(|(text, &probability)| Candidate {
            text: text.parse().unwrap(),
            probability,
        })
        .collect();
    Reading::from_candidates(&candidates).unwrap()
}

/// A character that looks alike; any, where none does.
fn taken_for(c: char, draw: &mut Draw) -> char {
    let group: Vec<char> = ALIKE
        .iter()
        .filter(|group| group.contains(c))
        .flat_map(|group| group.chars())
        .filter(|other| *other != c)
        .collect();
    match group.as_slice() {
        [] => char::from(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789"[draw.below(33) as usize]),
        some => some[draw.below(some.len() as u64) as usize],
    }
}
