//! The purposes for which nothing may be used, known by their words (625 ILCS 5/2-130(b)). Words do not
//! find a lie in plain words; docs/why/threats.md says what does.

use serde::Deserialize;

/// Which purposes are prohibited, of `policy/prohibited/`.
#[derive(Clone, Debug, Default)]
pub struct Prohibited(Vec<ProhibitedPurpose>);

/// A prohibited purpose, and its words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProhibitedPurpose {
    /// Its id.
    pub id: String,
    /// Its name for people: `to …`.
    pub says: String,
    /// The law.
    pub source: String,
    /// Words that speak of it and of nothing else.
    always: Vec<String>,
    /// Words that may be harmless.
    maybe: Vec<String>,
}

/// Words of a prohibited purpose that stand in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The words, as the rules write them.
    pub words: String,
    /// The purpose's id.
    pub purpose: String,
    /// Whether they speak of it and of nothing else.
    pub always: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    purpose: Vec<ProhibitedPurpose>,
}

impl Prohibited {
    /// Adds the purposes of a file.
    ///
    /// # Errors
    /// In words, for a text that is none, and for words that nothing could match.
    pub(crate) fn add(&mut self, toml: &str) -> Result<(), String> {
        let file: File = toml::from_str(toml).map_err(|e| e.to_string())?;
        for purpose in &file.purpose {
            let mut words = purpose.always.iter().chain(&purpose.maybe);
            if let Some(empty) = words.find(|words| split(words).is_empty()) {
                return Err(format!("{empty:?} of {} matches nothing", purpose.id));
            }
        }
        self.0.extend(file.purpose);
        Ok(())
    }

    /// Every purpose.
    pub fn purposes(&self) -> &[ProhibitedPurpose] {
        &self.0
    }

    /// What in a text speaks, or may speak, of a prohibited purpose.
    pub fn spoken_in(&self, text: &str) -> Vec<Spoken> {
        let text = split(text);
        let mut spoken = Vec::new();
        for purpose in &self.0 {
            for (list, always) in [(&purpose.always, true), (&purpose.maybe, false)] {
                for words in list.iter().filter(|words| stands_in(words, &text)) {
                    spoken.push(Spoken {
                        words: words.clone(),
                        purpose: purpose.id.clone(),
                        always,
                    });
                }
            }
        }
        spoken
    }

    /// Whether a text speaks of a prohibited purpose and of nothing else.
    pub fn is_spoken_in(&self, text: &str) -> bool {
        self.spoken_in(text).iter().any(|spoken| spoken.always)
    }
}

/// Words in small letters, whatever stands between them; a `*` stays at its word.
fn split(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '*' && c != '\'')
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

fn stands_in(words: &str, text: &[String]) -> bool {
    let wanted = split(words);
    text.windows(wanted.len()).any(|some| {
        some.iter()
            .zip(&wanted)
            .all(|(word, wanted)| is(word, wanted))
    })
}

fn is(word: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begins) => word.starts_with(begins),
        None => word == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyFiles};

    /// Fifty invented reasons a line, of each kind.
    const PROHIBITED: &str = include_str!("../tests/reasons/prohibited.txt");
    const HARMLESS: &str = include_str!("../tests/reasons/harmless.txt");

    fn rules() -> Prohibited {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        policy.prohibited().clone()
    }

    #[test]
    fn of_fifty_prohibited_reasons_none_goes_by_unheld_and_of_fifty_harmless_five_at_most_are_held()
    {
        let rules = rules();
        let held = |text: &&str| !rules.spoken_in(text).is_empty();
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        assert_eq!((lines(PROHIBITED).len(), lines(HARMLESS).len()), (50, 50));
        let missed: Vec<_> = PROHIBITED.lines().filter(|line| !held(line)).collect();
        assert!(missed.is_empty(), "{missed:#?}");
        let held: Vec<_> = HARMLESS.lines().filter(held).collect();
        assert!(held.len() <= 5, "{held:#?}");
    }

    #[test]
    fn nobody_clears_what_speaks_of_nothing_else() {
        let rules = rules();
        assert!(rules.is_spoken_in("Wanted for Deportation."));
        assert!(!rules.is_spoken_in("Crash in the ice storm"));
        assert!(!rules.spoken_in("Crash in the ice storm").is_empty());
        assert!(
            rules
                .spoken_in("Police notice, device, icehouse")
                .is_empty()
        );
    }

    #[test]
    fn words_are_found_whatever_stands_between_them() {
        let rules = rules();
        for text in [
            "PLANNED\tParenthood",
            "planned-parenthood",
            "(Planned) parenthood!",
        ] {
            assert!(rules.is_spoken_in(text), "{text}");
        }
    }
}
