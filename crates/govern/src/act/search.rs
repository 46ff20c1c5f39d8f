//! Finding reads (3(b), 3(c)): by plate or part of one, or by place and time around a scene; and turning
//! the pages of what was found.

use jiff::Timestamp;
use plate::{Jurisdiction, Pattern};

use super::{Action, CaseStanding, Facts, ReadId, sealed};
use crate::area::Area;
use crate::content::{CameraFacts, Principal};
use crate::policy::Policy;

/// Why a member looks: as they stated it, not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedPurpose {
    /// A code of `policy/purposes.toml`.
    pub code: String,
    /// The case or call number.
    pub case: Option<String>,
    /// In the member's own words.
    pub words: Option<String>,
}

/// Finds the reads of one plate or of part of one, among the alternatives that reads kept too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The plate, or what is known of it.
    pub plate: Pattern,
    /// Where and when.
    pub within: Within,
    /// In this area too, where one is given.
    pub area: Option<InArea>,
    /// The state that issued it, if it is known: reads of another state are not wanted, those whose
    /// state was not read are.
    pub issuer: Option<Jurisdiction>,
    /// Why.
    pub purpose: StatedPurpose,
    /// What the agency's list says of the case that it names.
    pub case: CaseStanding,
}

impl Search {
    /// A search everywhere and at all times, whose case was not yet looked up in the agency's list.
    pub fn new(plate: Pattern, purpose: StatedPurpose) -> Self {
        Self {
            plate,
            within: Within::default(),
            area: None,
            issuer: None,
            purpose,
            case: CaseStanding::NoList,
        }
    }

    /// Every camera whose reads are wanted; all there are where there are none.
    pub fn all_cameras(&self) -> Vec<CameraFacts> {
        together(&self.within.cameras, self.area.as_ref())
    }
}

/// An area, and the cameras that stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InArea {
    /// Where.
    pub area: Area,
    /// The cameras, which the station finds; those that the member may not name are among them.
    pub cameras: Vec<CameraFacts>,
}

impl InArea {
    /// An area whose cameras have not been found yet.
    pub fn new(area: Area) -> Self {
        Self {
            area,
            cameras: vec![],
        }
    }

    /// Its cameras are counted and not named: there may be some that the member must not know of.
    fn in_words(&self) -> String {
        match self.cameras.len() {
            1 => format!("{} (1 camera)", self.area),
            n => format!("{} ({n} cameras)", self.area),
        }
    }
}

/// Both, each once.
fn together(cameras: &[CameraFacts], area: Option<&InArea>) -> Vec<CameraFacts> {
    let mut all = cameras.to_vec();
    let in_area = area.map_or(&[][..], |area| &area.cameras);
    all.extend(in_area.iter().filter(|c| !cameras.contains(c)).cloned());
    all
}

/// Where and when reads are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// By these cameras; by any where there are none.
    pub cameras: Vec<CameraFacts>,
    /// Seen at this time or later.
    pub from: Option<Timestamp>,
    /// Seen before this time.
    pub until: Option<Timestamp>,
}

impl Within {
    /// `, at Elm and 3rd, from … until …`; nothing for everywhere at all times.
    pub(super) fn in_words(&self) -> String {
        let mut words = String::new();
        if !self.cameras.is_empty() {
            words += &format!(", at {}", named(&self.cameras));
        }
        if let Some(from) = self.from {
            words += &format!(", from {from:.0}");
        }
        if let Some(until) = self.until {
            words += &format!(", until {until:.0}");
        }
        words
    }
}

/// A scene: the cameras around it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// What it is called.
    pub name: String,
    /// The cameras; one at least, where no area is given.
    pub cameras: Vec<CameraFacts>,
    /// The area around it, where one is given.
    pub area: Option<InArea>,
    /// From this time on.
    pub from: Timestamp,
    /// Before this time.
    pub until: Timestamp,
}

impl Scene {
    /// Every camera of it.
    pub fn all_cameras(&self) -> Vec<CameraFacts> {
        together(&self.cameras, self.area.as_ref())
    }

    fn in_words(&self) -> String {
        let named = Some(named(&self.cameras)).filter(|names| !names.is_empty());
        let named = named.map(|names| format!("at {names}"));
        let area = self.area.as_ref().map(InArea::in_words);
        let places: Vec<String> = named.into_iter().chain(area).collect();
        let (name, from, until) = (&self.name, self.from, self.until);
        let places = places.join(" and ");
        format!("{name}: {places}, from {from:.0} until {until:.0}")
    }
}

/// Canvasses one scene or several: which vehicles were there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvass {
    /// The scenes, one at least.
    pub scenes: Vec<Scene>,
    /// What a witness knows of the plate.
    pub plate: Option<Pattern>,
    /// Why.
    pub purpose: StatedPurpose,
    /// What the agency's list says of the case that it names.
    pub case: CaseStanding,
}

/// Turns to another page of an answer: to reads that were found when it was asked for, in the order of
/// then, whatever came in since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnPage {
    /// The answer, by the number of its decision in the ledger.
    pub answer: u64,
    /// What was asked for, in words.
    pub asked: String,
    /// The first line of the page, counted from 1.
    pub first: usize,
    /// How many lines it has.
    pub lines: usize,
    /// The reads on it.
    pub reads: Vec<ReadId>,
    /// Why, as it was stated then.
    pub purpose: StatedPurpose,
    /// What the agency's list says now of the case that it names.
    pub case: CaseStanding,
}

impl sealed::Sealed for Search {}
impl sealed::Sealed for Canvass {}
impl sealed::Sealed for TurnPage {}

impl Action for Search {
    const NAME: &'static str = "search";

    fn what(&self) -> String {
        let issuer = self
            .issuer
            .map_or_else(String::new, |issuer| format!(" of {}", issuer.name()));
        let area = self.area.as_ref();
        let area = area.map_or_else(String::new, |area| format!(", {}", area.in_words()));
        format!(
            "plate {}{issuer}{area}{}",
            self.plate,
            self.within.in_words()
        )
    }

    fn looked_for(&self) -> Option<String> {
        Some(self.plate.to_string())
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let mut facts = self.purpose.facts(self.case, policy);
        facts.push(("approved", self.purpose.is_approved(who)));
        facts
    }
}

impl Action for Canvass {
    const NAME: &'static str = "canvass";

    fn what(&self) -> String {
        let scenes = self.scenes.iter().map(Scene::in_words);
        let plate = self.plate.as_ref().map_or_else(
            || "all vehicles".to_owned(),
            |plate| format!("plate {plate}"),
        );
        format!("{plate}; {}", scenes.collect::<Vec<_>>().join("; "))
    }

    fn looked_for(&self) -> Option<String> {
        self.plate.as_ref().map(Pattern::to_string)
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let mut facts = self.purpose.facts(self.case, policy);
        facts.push(("approved", self.purpose.is_approved(who)));
        facts
    }
}

impl Action for TurnPage {
    const NAME: &'static str = "turn-page";

    fn what(&self) -> String {
        let last = self.first + self.lines.saturating_sub(1);
        format!(
            "{} to {last} of the answer in entry {}: {}",
            self.first, self.answer, self.asked
        )
    }

    fn purpose(&self) -> Option<&StatedPurpose> {
        Some(&self.purpose)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        let mut facts = self.purpose.facts(self.case, policy);
        facts.push(("approved", self.purpose.is_approved(who)));
        facts
    }
}

impl StatedPurpose {
    /// Whether a supervisor has approved searches of this case for this purpose.
    pub(super) fn is_approved(&self, who: &Principal) -> bool {
        matches!(who, Principal::Member(member)
            if member.approved.iter().any(|searches| searches.cover(self)))
    }

    pub(super) fn facts(&self, case: CaseStanding, policy: &Policy) -> Facts {
        let purpose = policy.purpose(&self.code);
        let given = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        vec![
            ("purpose_known", purpose.is_some()),
            ("case_needed", purpose.is_some_and(|p| p.needs_case)),
            ("case_given", given(&self.case)),
            (
                "case_fits",
                self.case
                    .as_ref()
                    .is_some_and(|case| policy.security().is_case_number(case.trim())),
            ),
            ("case_not_open", case == CaseStanding::NotOpen),
            ("words_needed", purpose.is_some_and(|p| p.needs_words)),
            ("words_given", given(&self.words)),
            (
                "prohibited",
                self.words
                    .as_ref()
                    .is_some_and(|words| policy.prohibited().is_spoken_in(words)),
            ),
            (
                "supervisor_needed",
                purpose.is_some_and(|p| p.needs_supervisor),
            ),
        ]
    }
}

fn named(cameras: &[CameraFacts]) -> String {
    let names: Vec<&str> = cameras.iter().map(|camera| camera.name.as_str()).collect();
    names.join(", ")
}
