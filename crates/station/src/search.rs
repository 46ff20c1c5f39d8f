//! Finding a plate, or part of one, page by page.

use std::sync::Arc;

use govern::{
    Action, CameraFacts, CaseStanding, Class, Content, InArea, Permit, PermitError, PictureId,
    Principal, ReadId, Search, StatedPurpose,
};
use jiff::Timestamp;
use ledger::{Event, Party, Verdict};
use plate::Pattern;
use store::{Camera, FoundRead, LINES, Place, StoreError};

use crate::answers::{Lines, not_kept};
use crate::coverage::Coverage;
use crate::gate::Done;
use crate::note::Note;
use crate::{Caller, Session, Station, StationError, lock};

/// A read that was found, as a page shows it.
#[derive(Debug)]
pub struct Sighting {
    /// Its name, by which it can be held.
    pub read: ReadId,
    /// The most probable text.
    pub best: String,
    /// The probability that this is the plate searched for, or the plate of the entry.
    pub probability: f64,
    /// How sure the product is of the plate and its best text, 0 to 1.
    pub confidence: f64,
    /// For each character of the best length: the characters it may be, most probable first.
    pub characters: Vec<Vec<(char, f64)>>,
    /// The most probable other texts.
    pub alternatives: Vec<(String, f64)>,
    /// The states or countries it may be from, most probable first; empty where none was read.
    pub issuers: Vec<(&'static str, f64)>,
    /// The camera's name.
    pub camera: String,
    /// Where the camera stands.
    pub place: String,
    /// When.
    pub seen_at: Timestamp,
    /// The picture; it can be fetched in this session for a few minutes.
    pub picture: PictureId,
    /// Where in the picture the plate is.
    pub plate_at: Place,
}

/// The answer to a search.
pub struct SightingsOf {
    /// What was searched for.
    pub plate: Pattern,
    /// A page of what was found: most probable first, then newest first.
    pub sightings: Vec<Sighting>,
    /// The place of the page's first line, counted from 1.
    pub first: usize,
    /// How many lines the page has; fewer sightings are shown where some were purged since, or are withheld.
    pub lines: usize,
    /// How many there are in all.
    pub count: usize,
    /// How many of the page were purged since the answer was given.
    pub gone: usize,
    /// What was found and is not shown, for want of an authorisation.
    pub withheld: Vec<Withheld>,
    /// Which cameras could have seen it, and when they handed in nothing: with the first page, when it was
    /// asked for.
    pub coverage: Option<Vec<Coverage>>,
    /// The number of the decision in the ledger.
    pub entry: u64,
    /// The same of the answer's first page: what other pages are asked for by.
    pub answer: u64,
}

/// Reads that the member may not see.
#[derive(Debug)]
pub struct Withheld {
    /// The class's name.
    pub class: String,
    /// How many.
    pub count: u64,
    /// Whom to ask.
    pub ask: String,
}

/// Alternatives shown with a sighting.
const ALTERNATIVES: usize = 4;

impl Station {
    /// Finds the reads of a plate, or of part of one.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where too much fits; whatever keeps it from
    /// being done or written down.
    pub fn search(&self, caller: &Caller, mut search: Search) -> Result<SightingsOf, StationError> {
        search.case = self.case_of(&search.purpose)?;
        if let Some(area) = &mut search.area {
            self.find_cameras(area)?;
        }
        let (from, until) = (search.within.from, search.within.until);
        let (found, permit) = self.perform(caller, search, |permit: &Permit<Search>| {
            has_cameras(permit.act().area.as_ref())?;
            let value = self.store.search(permit)?;
            let ids = value
                .reads
                .iter()
                .map(|found| *found.read.id.as_bytes())
                .collect();
            Ok(Done { value, ids })
        })?;
        let entry = permit.entry();
        let withheld = self.withhold(caller, entry, found.withheld)?;
        let plate = permit.act().plate.clone();
        self.keep_answer(caller, &permit, Lines::Reads(plate.clone(), found.order));
        let pictures = found.reads.iter().map(|found| found.read.picture).collect();
        self.disclose(permit, pictures);
        Ok(SightingsOf {
            plate,
            first: 1,
            lines: found.count.min(LINES),
            sightings: found.reads.into_iter().map(sighting).collect(),
            count: found.count,
            gone: 0,
            withheld,
            coverage: Some(self.covered(found.coverage, from, until)),
            entry,
            answer: entry,
        })
    }

    /// Turns to another page of a search's answer: the one that begins with this line. What came in since
    /// the answer was given is not in it, so that pages follow each other as they did then.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where the answer is not kept, or has no such line;
    /// whatever keeps it from being done or written down.
    pub fn search_page(
        &self,
        caller: &Caller,
        answer: u64,
        first: usize,
    ) -> Result<SightingsOf, StationError> {
        let mut turned = self.turn_page(caller, answer, first, Lines::is_reads)?;
        let Lines::Reads(plate, order) = &turned.answer.lines else {
            return Err(not_kept());
        };
        let (from, to) = turned.lines;
        let sightings: Vec<Sighting> = order[from..to]
            .iter()
            .filter_map(|&(id, probability)| {
                let read = turned.page.reads.remove(&id)?;
                Some(sighting(FoundRead { read, probability }))
            })
            .collect();
        let entry = turned.permit.entry();
        let pictures = sightings.iter().map(|sighting| sighting.picture).collect();
        self.disclose(turned.permit, pictures);
        Ok(SightingsOf {
            plate: plate.clone(),
            sightings,
            first,
            lines: to - from,
            count: order.len(),
            gone: turned.page.gone,
            withheld: turned.withheld,
            coverage: None,
            entry,
            answer,
        })
    }

    /// The cameras that the caller may name in a search, by name: those whose class they are not
    /// authorised for are not among them.
    ///
    /// # Errors
    /// When the store fails.
    pub fn cameras_to_search(&self, caller: &Caller) -> Result<Vec<Camera>, StationError> {
        let authorised = match &caller.who {
            Principal::Member(member) => member.authorised.as_slice(),
            Principal::Camera(_) | Principal::Station => &[],
        };
        let cameras = self.store.cameras()?.into_iter();
        Ok(cameras
            .filter(|camera| camera.class.as_ref().is_none_or(|c| authorised.contains(c)))
            .collect())
    }

    /// Finds the cameras of an area, whether the caller may name them or not: reads of those that they
    /// are not authorised for are counted and withheld.
    pub(crate) fn find_cameras(&self, area: &mut InArea) -> Result<(), StationError> {
        let cameras = self.store.cameras()?.into_iter();
        area.cameras = cameras
            .filter(|camera| area.area.has(camera.position, &camera.place))
            .map(|camera| CameraFacts {
                id: camera.id,
                name: camera.name,
            })
            .collect();
        Ok(())
    }

    /// What the agency's list says of the case that a purpose names.
    pub(crate) fn case_of(&self, purpose: &StatedPurpose) -> Result<CaseStanding, StationError> {
        match &purpose.case {
            Some(number) => Ok(self.store.case_standing(number)?),
            None => Ok(CaseStanding::NoList),
        }
    }

    /// The answer and the pictures on its page are one disclosure.
    pub(crate) fn disclose<A: Action>(&self, permit: Permit<A>, pictures: Vec<PictureId>) {
        let lasts = self.policy.security().picture_addresses_last();
        let disclosure = permit.disclose(pictures, lasts, &*self.clock);
        let mut disclosures = lock(&self.disclosures);
        disclosures.retain(|old| !old.is_over(&*self.clock));
        disclosures.push(Arc::new(disclosure));
    }

    /// That somebody came upon data they are not authorised for is written down; for the page, whom
    /// they can ask.
    pub(crate) fn withhold(
        &self,
        caller: &Caller,
        entry: u64,
        withheld: Vec<(Class, u64)>,
    ) -> Result<Vec<Withheld>, StationError> {
        if !withheld.is_empty() {
            self.write_down_withheld(caller, entry, &withheld)?;
        }
        let withheld = withheld.into_iter();
        Ok(withheld
            .map(|(class, count)| self.withheld(&class, count))
            .collect())
    }

    pub(crate) fn withheld(&self, class: &Class, count: u64) -> Withheld {
        let known = self.policy.class(class);
        Withheld {
            class: known.map_or_else(|| class.0.clone(), |known| known.says.clone()),
            count,
            // A class that is no longer in the rules stays closed.
            ask: known.map_or_else(String::new, |known| known.ask.clone()),
        }
    }

    /// That somebody came upon data they are not authorised for stands in the ledger as a refusal.
    fn write_down_withheld(
        &self,
        caller: &Caller,
        answer: u64,
        withheld: &[(Class, u64)],
    ) -> Result<(), StationError> {
        let Principal::Member(member) = &caller.who else {
            return Ok(());
        };
        let counts: Vec<String> = withheld
            .iter()
            .map(|(class, count)| format!("{count} of {}", class.0))
            .collect();
        let content = Content {
            name: member.name.clone(),
            badge: member.badge.clone(),
            address: caller.address.clone(),
            what: format!("{}, in the answer of entry {answer}", counts.join(", ")),
            case: None,
            words: None,
        };
        let note = Note {
            act: "see-restricted",
            who: Party::Member(member.id),
            session: caller.session,
            verdict: Verdict::Refuse,
            clauses: &["3(e)"],
            withdraws: None,
            content,
        };
        self.write_down(note, Event::Decision)
    }

    /// A picture of a page that this session was shown in the last few minutes. Anything else is
    /// refused, and the refusal is written down.
    ///
    /// # Errors
    /// [`govern::PermitError`] when it was not, or not to this session, or too long ago.
    pub fn picture(
        &self,
        session: &Session,
        picture: PictureId,
        address: &str,
    ) -> Result<Vec<u8>, StationError> {
        let mut refused = PermitError::NotCovered;
        let disclosures = lock(&self.disclosures).clone();
        for disclosure in disclosures {
            match self.store.picture(&disclosure, picture, session.key()) {
                Err(StoreError::Permit(PermitError::NotCovered)) => {}
                Err(StoreError::Permit(other)) => refused = other,
                answer => return Ok(answer?),
            }
        }
        let content = Content {
            name: session.member.name.clone(),
            badge: session.member.badge.clone(),
            address: address.to_owned(),
            what: picture.to_string(),
            case: None,
            words: None,
        };
        let note = Note {
            act: "picture",
            who: Party::Member(session.member.id),
            session: Some(*session.key()),
            verdict: Verdict::Refuse,
            clauses: &["5(a)"],
            withdraws: None,
            content,
        };
        self.write_down(note, Event::Decision)?;
        Err(refused.into())
    }
}

/// Asked behind the gate: where cameras stand, and where none do, is told to nobody without an entry.
pub(crate) fn has_cameras(area: Option<&InArea>) -> Result<(), StationError> {
    match area {
        Some(area) if area.cameras.is_empty() => Err(StationError::Input(format!(
            "no camera stands {}: take a larger area, or choose cameras by name",
            area.area
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn sighting(found: FoundRead) -> Sighting {
    let read = found.read;
    let candidates = read.reading.best(1 + ALTERNATIVES);
    Sighting {
        read: read.id,
        best: read.reading.most_likely().text.to_string(),
        probability: found.probability,
        confidence: read.confidence,
        characters: read
            .reading
            .positions()
            .iter()
            .map(|position| {
                position
                    .characters()
                    .map(|(c, p)| (c.as_char(), p))
                    .collect()
            })
            .collect(),
        alternatives: candidates
            .into_iter()
            .skip(1)
            .map(|c| (c.text.to_string(), c.probability))
            .collect(),
        issuers: read
            .reading
            .jurisdictions()
            .iter()
            .map(|(issuer, p)| (issuer.name(), p))
            .collect(),
        camera: read.camera,
        place: read.camera_place,
        seen_at: read.seen_at,
        picture: read.picture,
        plate_at: read.place,
    }
}
