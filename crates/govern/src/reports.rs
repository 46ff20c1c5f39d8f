//! What reports have (5(c)), as data: `policy/reports.toml`.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What `policy/reports.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRules {
    /// Numbers that belong together; reports are made of them.
    pub field: Vec<FieldText>,
    /// The reports.
    pub report: Vec<ReportText>,
}

/// Numbers that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldText {
    /// Their id.
    pub id: String,
    /// Their heading.
    pub says: String,
    /// Whether the first is the sum of the others.
    #[serde(default)]
    pub first_is_sum: bool,
    /// The numbers, in their order.
    pub row: Vec<RowText>,
}

/// A number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowText {
    /// What is counted.
    pub counts: String,
    /// For people.
    pub says: String,
}

/// How often a report is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    /// For each month.
    Month,
    /// For each half of a year.
    HalfYear,
    /// For each year.
    Year,
    /// When it is asked for.
    Asked,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportText {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub says: String,
    /// What asks for it.
    pub source: String,
    /// How often it is due.
    pub every: Every,
    /// Whether it is for the public: small numbers are left out, and the station publishes it.
    #[serde(default)]
    pub public: bool,
    /// Whether it says for how long data are kept.
    #[serde(default)]
    pub kept: bool,
    /// The fields, by id, in their order.
    pub fields: Vec<String>,
    /// What it asks for that stands in no ledger of this station.
    #[serde(default)]
    pub not_counted: Vec<String>,
}

impl Every {
    /// In words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Month => "each month",
            Self::HalfYear => "each half year",
            Self::Year => "each year",
            Self::Asked => "when it is asked for",
        }
    }
}

impl ReportRules {
    /// The report of this id.
    pub fn report(&self, id: &str) -> Option<&ReportText> {
        self.report.iter().find(|report| report.id == id)
    }

    /// The report that the station publishes, where there is one.
    pub fn published(&self) -> Option<&ReportText> {
        self.report.iter().find(|report| report.public)
    }

    /// What is wrong with them; `acts` are those that there are.
    pub(crate) fn check(&self, acts: &[String]) -> Result<(), String> {
        let mut fields = BTreeSet::new();
        for field in &self.field {
            for row in &field.row {
                let unknown = |what: &&str| !is_counted(what, acts);
                if let Some(unknown) = row.counts.split('+').map(str::trim).find(unknown) {
                    return Err(format!("{unknown:?} is nothing that is counted"));
                }
            }
            if !fields.insert(field.id.as_str()) {
                return Err(format!("two fields have the id {:?}", field.id));
            }
        }
        let mut reports = BTreeSet::new();
        for report in &self.report {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if report.id.is_empty() || !report.id.chars().all(plain) {
                return Err(format!(
                    "{:?} is no report's id: small letters, digits and hyphens",
                    report.id
                ));
            }
            if !reports.insert(report.id.as_str()) {
                return Err(format!("two reports have the id {:?}", report.id));
            }
            let known = |id: &&String| !fields.contains(id.as_str());
            if let Some(unknown) = report.fields.iter().find(known) {
                return Err(format!(
                    "report {:?} names {unknown:?}, which is no field",
                    report.id
                ));
            }
        }
        let published = self.report.iter().filter(|report| report.public);
        match published.clone().count() {
            0 => Ok(()),
            1 if published.clone().all(|report| report.every == Every::Month) => Ok(()),
            1 => Err("what is published is published each month".to_owned()),
            // What one leaves out, another would give away.
            _ => Err("one report is for the public, and no more".to_owned()),
        }
    }
}

/// What is counted of entries that are no decisions.
const OTHERS: [&str; 16] = [
    "reads",
    "pictures",
    "cameras",
    "alerts",
    "alerts.priority",
    "escalated",
    "questions",
    "failed",
    "held.reads",
    "held.alerts",
    "purges",
    "purges.late",
    "audits.late",
    "backups",
    "logins",
    "logins.refused",
];

/// Whether this is counted: a number that nothing is counted for would always be nought.
fn is_counted(what: &str, acts: &[String]) -> bool {
    let is_act = |act: &str| acts.iter().any(|known| known == act);
    match what.split_once('.') {
        Some(("permitted" | "refused", act)) => {
            is_act(act.split_once(':').map_or(act, |(act, _)| act))
        }
        Some(("members", act)) => act == "login" || is_act(act),
        Some(("purpose" | "purged", _)) => true,
        _ => OTHERS.contains(&what) || what == "reads@{camera}" || what == "alerts@{list}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyFiles};

    const RULES: &str = include_str!("../../../policy/reports.toml");

    #[test]
    fn reports_that_do_not_hold_together_are_not_put_in_force() {
        let acts = Policy::load(&PolicyFiles::embedded()).unwrap().acts();
        let check = |text: String| -> Result<(), String> {
            let rules: ReportRules = toml::from_str(&text).map_err(|e| e.to_string())?;
            rules.check(&acts)
        };
        assert_eq!(check(RULES.to_owned()), Ok(()));
        for (from, to) in [
            ("fields = [\"reads\"", "fields = [\"raeds\""),
            ("id = \"yearly\"", "id = \"monthly\""),
            ("id = \"yearly\"", "id = \"../yearly\""),
            ("id = \"alerts\"", "id = \"reads\""),
            ("permitted.place-hold", "permitted.place-a-hold"),
            ("counts = \"reads\"", "counts = \"raeds\""),
            ("every = \"year\"\n", "every = \"year\"\npublic = true\n"),
        ] {
            let changed = RULES.replacen(from, to, 1);
            assert_ne!(changed, RULES, "{from}");
            assert!(check(changed).is_err(), "{to}");
        }
    }
}
