//! What the rules know of releases: who asks, what for, and the declarations of affirmation of other
//! states' agencies (6).

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use plate::Jurisdiction;
use serde::{Deserialize, Serialize};

use crate::demand::{Instrument, Issuer};

/// What kind of body asks for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgencyKind {
    /// A law enforcement agency of a state or of a part of one.
    LawEnforcement,
    /// A prosecutor's office of a state or of a part of one.
    Prosecutor,
    /// An agency of the federal government.
    Federal,
    /// Anybody else: newspapers, attorneys, insurers, citizens.
    Other,
}

impl AgencyKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::LawEnforcement,
        Self::Prosecutor,
        Self::Federal,
        Self::Other,
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LawEnforcement => "law-enforcement",
            Self::Prosecutor => "prosecutor",
            Self::Federal => "federal",
            Self::Other => "other",
        }
    }

    /// Its name for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::LawEnforcement => "Law enforcement agency",
            Self::Prosecutor => "Prosecutor",
            Self::Federal => "Federal agency",
            Self::Other => "Anybody else",
        }
    }

    /// The kind of this code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The rules of releases, of `policy/release.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRules {
    home: String,
    records_days: u32,
    declaration_months: u32,
    /// What a declaration must affirm.
    pub affirms: Vec<Affirmation>,
    /// What lawful demands there are; none is taken where there are none.
    #[serde(default, rename = "instrument")]
    pub instruments: Vec<Instrument>,
    /// Who issues them.
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<Issuer>,
}

/// Something that a declaration affirms.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affirmation {
    /// Its id.
    pub id: String,
    /// Word for word.
    pub says: String,
}

impl ReleaseRules {
    pub(crate) fn check(&self) -> Result<(), String> {
        self.home
            .parse::<Jurisdiction>()
            .map_err(|e| e.to_string())?;
        if !(1..=60).contains(&self.declaration_months) {
            return Err("declaration_months is 1 to 60".to_owned());
        }
        if !(1..=60).contains(&self.records_days) {
            return Err("records_days is 1 to 60".to_owned());
        }
        if self.affirms.is_empty() {
            return Err("a declaration affirms something (625 ILCS 5/2-130(c))".to_owned());
        }
        Ok(())
    }

    /// What a demand is, by its id.
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|one| one.id == id)
    }

    /// Who issued a demand, by its id.
    pub fn issuer(&self, id: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|one| one.id == id)
    }

    /// Whether an agency is of another state, as far as anybody knows.
    pub fn is_out_of_state(&self, state: Option<Jurisdiction>) -> bool {
        state.map(Jurisdiction::code) != Some(self.home.as_str())
    }

    /// The day by which whoever is referred to the Records policy is answered: so many days that are no
    /// Saturday and no Sunday. Holidays are not counted out: the day is never too late.
    pub fn records_answer_by(&self, filed: Date) -> Date {
        let mut day = filed;
        let mut left = self.records_days;
        while left > 0 {
            day = day.saturating_add(1.days());
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                left -= 1;
            }
        }
        day
    }

    /// The last day of a declaration that was signed on a day, unless it says less.
    pub fn declaration_ends(&self, signed: Date) -> Date {
        signed.saturating_add(i64::from(self.declaration_months).months())
    }
}

/// A declaration of affirmation, as it lies on file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The agency that declares.
    pub agency: String,
    /// Its state.
    pub state: Jurisdiction,
    /// Who signed it, with their title; empty where nobody did.
    pub signer: String,
    /// When.
    pub signed: Option<Date>,
    /// The last day it is in force.
    pub until: Date,
    /// The ids of what it affirms.
    pub affirms: Vec<String>,
    /// Why it was revoked, if it was.
    pub revoked: Option<String>,
}

/// Why a declaration does not serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// There is none on file.
    Missing,
    /// It is another agency's.
    OtherAgency,
    /// Nobody signed it, or it says no day.
    Unsigned,
    /// It is short of something that it must affirm.
    Short,
    /// Its time is over.
    Over,
    /// It was revoked.
    Revoked,
}

impl Declaration {
    /// Why it does not serve this agency on this day, if it does not.
    pub fn defect(
        &self,
        agency: &str,
        state: Option<Jurisdiction>,
        today: Date,
        rules: &ReleaseRules,
    ) -> Option<Defect> {
        let affirms = |wanted: &Affirmation| self.affirms.contains(&wanted.id);
        if !is_same(&self.agency, agency) || Some(self.state) != state {
            Some(Defect::OtherAgency)
        } else if self.signer.trim().is_empty() || self.signed.is_none_or(|day| day > today) {
            Some(Defect::Unsigned)
        } else if !rules.affirms.iter().all(affirms) {
            Some(Defect::Short)
        } else if self.revoked.is_some() {
            Some(Defect::Revoked)
        } else if self.until < today {
            Some(Defect::Over)
        } else {
            None
        }
    }
}

/// Whether two names are one agency's, whatever their capitals and spaces.
pub fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let words = name.split_whitespace().map(str::to_lowercase);
        words.collect::<Vec<_>>().join(" ")
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyFiles};

    #[test]
    fn each_defect_of_a_declaration_is_named() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let rules = policy.release();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let indiana: Jurisdiction = "US-IN".parse().unwrap();
        let good = Declaration {
            agency: "Harlan County Sheriff".into(),
            state: indiana,
            signer: "Dale Brandt, Sheriff".into(),
            signed: Some(day("2026-03-01")),
            until: day("2027-03-01"),
            affirms: rules.affirms.iter().map(|one| one.id.clone()).collect(),
            revoked: None,
        };
        let today = day("2026-11-25");
        let defect = |declaration: Declaration| {
            declaration.defect("harlan  COUNTY sheriff", Some(indiana), today, rules)
        };
        assert_eq!(defect(good.clone()), None);
        let bad = [
            (
                Defect::OtherAgency,
                Declaration {
                    agency: "Harlan Police".into(),
                    ..good.clone()
                },
            ),
            (
                Defect::OtherAgency,
                Declaration {
                    state: "US-IA".parse().unwrap(),
                    ..good.clone()
                },
            ),
            (
                Defect::Unsigned,
                Declaration {
                    signer: " ".into(),
                    ..good.clone()
                },
            ),
            (
                Defect::Unsigned,
                Declaration {
                    signed: None,
                    ..good.clone()
                },
            ),
            (
                Defect::Unsigned,
                Declaration {
                    signed: Some(day("2026-11-26")),
                    ..good.clone()
                },
            ),
            (
                Defect::Short,
                Declaration {
                    affirms: vec!["immigration".into()],
                    ..good.clone()
                },
            ),
            (
                Defect::Revoked,
                Declaration {
                    revoked: Some("Misuse".into()),
                    ..good.clone()
                },
            ),
            (
                Defect::Over,
                Declaration {
                    until: day("2026-11-24"),
                    ..good
                },
            ),
        ];
        for (expected, declaration) in bad {
            assert_eq!(defect(declaration), Some(expected));
        }
    }

    #[test]
    fn the_records_policy_answers_within_business_days() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        // Wednesday to Wednesday.
        assert_eq!(
            policy.release().records_answer_by(day("2026-11-25")),
            day("2026-12-02")
        );
    }

    #[test]
    fn whose_state_is_not_known_counts_as_of_another() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let rules = policy.release();
        assert!(!rules.is_out_of_state("US-IL".parse().ok()));
        assert!(rules.is_out_of_state("US-IN".parse().ok()));
        assert!(rules.is_out_of_state(None));
    }
}
