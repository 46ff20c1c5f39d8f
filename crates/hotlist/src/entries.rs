//! Many entries, packed: a list of the whole country fits in memory while it comes in, and is kept in
//! parts that take a sixth of what they say in JSON.

use std::collections::HashMap;

use plate::{Jurisdiction, PlateText};
use thiserror::Error;

use crate::entry::{Entry, Vehicle};
use crate::index::Index;
use crate::numbers::{read_number, write_number};
use crate::texts::pack;

/// What an entry says, each as text: plate, state, file, reason, caution, kind of plate, year, make,
/// model, style, colour, day of entry, record, agency.
const FIELDS: usize = 14;
/// Places of the fields that hardly two entries share.
const OWN: [usize; 2] = [0, 12];
/// Words that are kept once for all entries; a table with more has the others in every entry.
const WORDS: usize = 1 << 14;
/// Bytes of entries that lie in one piece, about.
const PIECE: usize = 1 << 20;
/// How a part begins. One of JSON begins otherwise.
const FORM: u8 = 1;

/// Bytes that are no packed entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("these bytes are no packed entries of a hotlist: {0}")]
pub struct PackedError(&'static str);

/// Entries of a list, in the order of its index once [`Entries::compile`] has brought them into it.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The entries, one after the other; none is divided between two pieces.
    pieces: Vec<Vec<u8>>,
    words: Words,
    keys: Vec<Key>,
}

/// What is known of an entry without unpacking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Its text, O as 0.
    text: u64,
    state: Option<Jurisdiction>,
    /// In which line it stood, or as which it came.
    line: u32,
    piece: u32,
    from: u32,
}

/// Texts that many entries share.
#[derive(Clone, Debug, Default)]
struct Words {
    known: HashMap<Box<str>, usize>,
    all: Vec<Box<str>>,
}

/// What an entry says.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    /// In the order of [`FIELDS`].
    pub(crate) texts: [&'a str; FIELDS],
    pub(crate) restricted: bool,
}

/// An entry on its way in.
pub(crate) struct Row<'a> {
    pub(crate) plate: &'a PlateText,
    pub(crate) state: Option<Jurisdiction>,
    pub(crate) fields: Fields<'a>,
}

impl Entries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: &Entry) {
        let line = self.keys.len() as u64;
        entry.written(|row| self.push_row(line, row));
    }

    pub(crate) fn push_row(&mut self, line: u64, row: &Row<'_>) {
        if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE + PIECE / 8));
        }
        let piece = self.pieces.len() - 1;
        let bytes = &mut self.pieces[piece];
        // A table has a gibibyte at most: neither lines nor places outgrow their 32 bits.
        self.keys.push(Key {
            text: pack(row.plate),
            state: row.state,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            piece: piece as u32,
            from: bytes.len() as u32,
        });
        bytes.push(u8::from(row.fields.restricted));
        for (place, text) in row.fields.texts.into_iter().enumerate() {
            let shared = (!OWN.contains(&place)).then(|| self.words.place(text));
            match shared.flatten() {
                Some(word) => write_number(2 * word as u64 + 1, bytes),
                None => {
                    write_number(2 * text.len() as u64, bytes);
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
    }

    /// The entries, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        // What was packed from an entry is one.
        (self.keys.iter()).filter_map(|key| self.fields(key)?.entry())
    }

    fn fields(&self, key: &Key) -> Option<Fields<'_>> {
        let mut bytes = self
            .pieces
            .get(key.piece as usize)?
            .get(key.from as usize..)?;
        let (&restricted, rest) = bytes.split_first()?;
        bytes = rest;
        let mut texts = [""; FIELDS];
        for text in &mut texts {
            let number = read_number(&mut bytes)?;
            let half = (number / 2) as usize;
            *text = if number % 2 == 1 {
                self.words.all.get(half)?
            } else {
                let (own, rest) = bytes.split_at_checked(half)?;
                bytes = rest;
                std::str::from_utf8(own).ok()?
            };
        }
        Some(Fields {
            texts,
            restricted: restricted != 0,
        })
    }

    /// Brings the entries into the order of their index, and gives that.
    pub fn compile(&mut self) -> Index {
        self.keys.sort_unstable();
        Index::of_sorted(self.keys.iter().map(|key| (key.text, key.state)))
    }

    /// Takes out every record that stands there a second time. In which line each stood, and in which
    /// the first.
    pub(crate) fn take_out_doubles(&mut self) -> Vec<(u64, u64)> {
        self.keys.sort_unstable();
        let mut doubles = Vec::new();
        let same_plate = |a: &Key, b: &Key| (a.text, a.state) == (b.text, b.state);
        for group in self
            .keys
            .chunk_by(same_plate)
            .filter(|group| group.len() > 1)
        {
            let mut first: HashMap<[&str; 3], u32> = HashMap::new();
            for key in group {
                let Some(Fields { texts, .. }) = self.fields(key) else {
                    continue;
                };
                // File, day of entry, record: with the plate, what Entry::record_key names.
                let record = [texts[2], texts[11], texts[12]];
                let line = *first.entry(record).or_insert(key.line);
                if line != key.line {
                    doubles.push((key.line, line));
                }
            }
        }
        doubles.sort_unstable();
        let is_double = |key: &Key| doubles.binary_search_by_key(&key.line, |d| d.0).is_ok();
        self.keys.retain(|key| !is_double(key));
        let lines = doubles.into_iter();
        lines
            .map(|(line, first)| (line.into(), first.into()))
            .collect()
    }

    /// The entries as bytes, so many together.
    pub fn parts(&self, together: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.keys.chunks(together).map(|keys| self.part(keys))
    }

    /// The form, then each text that occurs, once, and for each entry which of them it says.
    fn part(&self, keys: &[Key]) -> Vec<u8> {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut words: Vec<&str> = Vec::new();
        let mut rows = Vec::with_capacity(keys.len() * 2 * FIELDS);
        for fields in keys.iter().filter_map(|key| self.fields(key)) {
            rows.push(u8::from(fields.restricted));
            for text in fields.texts {
                let word = *known.entry(text).or_insert_with(|| {
                    words.push(text);
                    words.len() - 1
                });
                write_number(word as u64, &mut rows);
            }
        }
        let mut bytes = vec![FORM];
        write_number(words.len() as u64, &mut bytes);
        for word in words {
            write_number(word.len() as u64, &mut bytes);
            bytes.extend_from_slice(word.as_bytes());
        }
        bytes.append(&mut rows);
        bytes
    }
}

impl Entry {
    fn written(&self, then: impl FnOnce(&Row<'_>)) {
        let plate = self.plate.to_string();
        let entered = self.entered.map(|day| day.to_string()).unwrap_or_default();
        let vehicle = &self.vehicle;
        then(&Row {
            plate: &self.plate,
            state: self.jurisdiction,
            fields: Fields {
                texts: [
                    &plate,
                    self.jurisdiction.map_or("", Jurisdiction::code),
                    &self.file,
                    &self.reason,
                    &self.caution,
                    &vehicle.plate_kind,
                    &vehicle.year,
                    &vehicle.make,
                    &vehicle.model,
                    &vehicle.style,
                    &vehicle.colour,
                    &entered,
                    &self.record,
                    &self.agency,
                ],
                restricted: self.restricted,
            },
        });
    }

    /// The entries of a part that [`Entries::parts`] gave.
    ///
    /// # Errors
    /// [`PackedError`] for anything else.
    pub fn unpack(part: &[u8]) -> Result<Vec<Self>, PackedError> {
        const BREAKS_OFF: PackedError = PackedError("they break off");
        let Some((&FORM, mut bytes)) = part.split_first() else {
            return Err(PackedError("they have another form"));
        };
        let mut words: Vec<&str> = Vec::new();
        for _ in 0..read_number(&mut bytes).ok_or(BREAKS_OFF)? {
            let length = read_number(&mut bytes).ok_or(BREAKS_OFF)?;
            let length = usize::try_from(length).map_err(|_| BREAKS_OFF)?;
            let (word, rest) = bytes.split_at_checked(length).ok_or(BREAKS_OFF)?;
            words.push(std::str::from_utf8(word).map_err(|_| PackedError("a text is none"))?);
            bytes = rest;
        }
        let mut entries = Vec::new();
        while let Some((&restricted, rest)) = bytes.split_first() {
            bytes = rest;
            let mut texts = [""; FIELDS];
            for text in &mut texts {
                let word = read_number(&mut bytes).ok_or(BREAKS_OFF)?;
                let word = usize::try_from(word).ok().and_then(|word| words.get(word));
                *text = word.ok_or(PackedError("a text is missing"))?;
            }
            let fields = Fields {
                texts,
                restricted: restricted != 0,
            };
            entries.push(
                fields
                    .entry()
                    .ok_or(PackedError("an entry says what none can"))?,
            );
        }
        Ok(entries)
    }
}

impl Fields<'_> {
    pub(crate) fn entry(&self) -> Option<Entry> {
        let [
            plate,
            state,
            file,
            reason,
            caution,
            plate_kind,
            year,
            make,
            model,
            style,
            colour,
            entered,
            record,
            agency,
        ] = self.texts;
        Some(Entry {
            plate: plate.parse::<PlateText>().ok()?,
            jurisdiction: match state {
                "" => None,
                code => Some(code.parse().ok()?),
            },
            file: file.to_owned(),
            reason: reason.to_owned(),
            restricted: self.restricted,
            caution: caution.to_owned(),
            vehicle: Vehicle {
                plate_kind: plate_kind.to_owned(),
                year: year.to_owned(),
                make: make.to_owned(),
                model: model.to_owned(),
                style: style.to_owned(),
                colour: colour.to_owned(),
            },
            entered: match entered {
                "" => None,
                day => Some(day.parse().ok()?),
            },
            record: record.to_owned(),
            agency: agency.to_owned(),
        })
    }
}

impl Words {
    /// The place of a word, if there is room for it.
    fn place(&mut self, word: &str) -> Option<usize> {
        if let Some(place) = self.known.get(word) {
            return Some(*place);
        }
        if self.all.len() >= WORDS {
            return None;
        }
        self.all.push(word.into());
        self.known.insert(word.into(), self.all.len() - 1);
        Some(self.all.len() - 1)
    }
}
