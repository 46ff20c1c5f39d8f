//! Filling a report in.

use std::collections::BTreeMap;

use crypt::Digest;
use govern::{FieldText, ReportText, RetentionClass, RowText};
use jiff::civil::Date;

use crate::{Counted, Counts, FORM, KeptFor, Report, Row, Section, few};

/// What stands for `{NAME}` in a row of `policy/reports.toml`: a row for each code, with its name for people.
pub type Variables = BTreeMap<&'static str, Vec<(String, String)>>;

/// What a report says besides its numbers.
#[derive(Clone, Debug)]
pub struct About {
    /// The agency.
    pub agency: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// The agency's time zone, by its name.
    pub time_zone: String,
    /// The ledger's name.
    pub origin: String,
    /// How many entries it had.
    pub entries: u64,
    /// Its head over them.
    pub head: Digest,
    /// What the reader must know of what was counted.
    pub notes: Vec<String>,
}

/// What is known of the ids and codes that entries speak of.
pub struct Known<'a> {
    /// What stands for `{NAME}`.
    pub variables: &'a Variables,
    /// The fields that reports are made of.
    pub fields: &'a [FieldText],
}

impl Report {
    /// Fills a report in with what was counted.
    pub fn of(text: &ReportText, about: About, known: &Known<'_>, counts: &Counts) -> Self {
        let fields = |id: &String| known.fields.iter().find(|field| field.id == *id);
        let mut sections: Vec<_> = (text.fields.iter())
            .filter_map(fields)
            .map(|field| section(field, known.variables, counts))
            .collect();
        if text.public {
            sections.iter_mut().for_each(few::leave_out);
        }
        let classes = RetentionClass::ALL.into_iter().filter_map(|class| {
            let (keep, entry) = counts.kept(class.as_str())?;
            Some(KeptFor {
                class: class.as_str().to_owned(),
                says: class.says().to_owned(),
                keep: keep.to_owned(),
                entry,
            })
        });
        Self {
            form: FORM,
            report: text.id.clone(),
            says: text.says.clone(),
            source: text.source.clone(),
            agency: about.agency,
            first: about.first,
            last: about.last,
            time_zone: about.time_zone,
            ledger: Counted {
                origin: about.origin,
                entries: about.entries,
                head: about.head,
            },
            public: text.public,
            notes: about.notes,
            sections,
            kept: if text.kept { classes.collect() } else { vec![] },
            not_counted: text.not_counted.clone(),
        }
    }
}

fn section(field: &FieldText, variables: &Variables, counts: &Counts) -> Section {
    let rows = field.row.iter().flat_map(|row| rows(row, variables));
    let mut section = Section {
        says: field.says.clone(),
        first_is_sum: field.first_is_sum,
        rows: rows.collect(),
    };
    section.recount(counts);
    section
}

/// A row for each code, where it speaks of a variable.
fn rows(text: &RowText, variables: &Variables) -> Vec<Row> {
    let row = |name: &str, code: &str, says: &str| Row {
        counts: text.counts.replace(name, code),
        says: text.says.replace(name, says),
        number: None,
    };
    let spoken_of = variables.iter().find_map(|(name, codes)| {
        let name = format!("{{{name}}}");
        text.counts.contains(&name).then_some((name, codes))
    });
    match spoken_of {
        None => vec![Row {
            counts: text.counts.clone(),
            says: text.says.clone(),
            number: None,
        }],
        Some((name, codes)) => codes
            .iter()
            .map(|(code, says)| row(&name, code, says))
            .collect(),
    }
}
