//! The release desk (6): a request is filed, judged against the law, decided by the Chief or designee,
//! and met with what was approved and nothing else.

mod declaration;
mod package;
mod standing;

use crypt::Id;
use govern::{
    AgencyKind, CameraFacts, ClearWords, DecideRequest, FileRequest, Principal, ReleaseReads,
    SeeRequests, Spoken, Standing,
};
use jiff::civil::Date;
use ledger::Event;
use plate::Pattern;
use store::{
    FiledDeclaration, NewProof, Proof, ReleaseRequest, RequestAbout, RequestState, RequestText,
};

use self::standing::missing;
use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// A request as it is shown: all that lies on file, and where it stands today.
pub struct RequestShown {
    /// What lies on file.
    pub request: ReleaseRequest,
    /// Where it stands.
    pub standing: Standing,
    /// What is missing of it, in words.
    pub missing: Vec<&'static str>,
    /// Words in it that speak, or may speak, of a prohibited purpose.
    pub spoken: Vec<Spoken>,
    /// What it goes out on, once it is approved: the written request, or the instrument.
    pub on: String,
    /// Of a demand that is neither produced nor refused: the day on which it is to be answered.
    pub due: Option<Due>,
}

/// When a demand is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day.
    pub on: Date,
    /// Whether that day is past.
    pub overdue: bool,
}

/// The requests and declarations on file.
pub struct Desk {
    /// Newest first.
    pub requests: Vec<RequestShown>,
    /// Newest first.
    pub declarations: Vec<FiledDeclaration>,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

/// What goes out.
pub struct Package {
    /// A ZIP file.
    pub bytes: Vec<u8>,
    /// What it is called.
    pub name: String,
}

impl Station {
    /// The requests and declarations on file.
    ///
    /// # Errors
    /// [`StationError::Refused`], and whatever keeps it from being done or written down.
    pub fn desk(&self, caller: &Caller) -> Result<Desk, StationError> {
        let ((requests, declarations), permit) = self.perform(caller, SeeRequests, |permit| {
            let requests = self.store.requests(permit)?;
            let declarations = self.store.declarations()?;
            let ids = requests.iter().map(|one| *one.id.as_bytes()).collect();
            Ok(Done {
                value: (requests, declarations),
                ids,
            })
        })?;
        let requests = requests.into_iter();
        Ok(Desk {
            requests: requests
                .map(|request| self.shown(request, &declarations))
                .collect::<Result<_, _>>()?,
            declarations,
            entry: permit.entry(),
        })
    }

    /// The written request that is attached to a request.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] where there is none.
    pub fn written_request(&self, caller: &Caller, number: i64) -> Result<Proof, StationError> {
        let (paper, _permit) = self.perform(caller, SeeRequests, |permit| {
            Ok(Done {
                value: self.store.request_paper(permit, number)?,
                ids: vec![],
            })
        })?;
        Ok(paper)
    }

    /// Files a request, or what was missing of the draft with this number. One that lacks something
    /// stays a draft; one of neither law enforcement nor a prosecutor is referred to the Records policy.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a plate, cameras or times that are none,
    /// and for a request that is no draft any more.
    pub fn file_request(
        &self,
        caller: &Caller,
        draft: Option<i64>,
        text: RequestText,
        paper: Option<Vec<u8>>,
    ) -> Result<(i64, RequestState), StationError> {
        let paper = paper.map(as_paper).transpose()?;
        if !text.plate.trim().is_empty() {
            pattern(&text.plate)?;
        }
        self.cameras_named(&text.cameras)?;
        if let Some(demand) = &text.demand {
            self.check_demand(demand)?;
        }
        let before = draft.map(|number| self.store.request(number)).transpose()?;
        let has_paper = paper.is_some() || before.as_ref().is_some_and(|one| one.has_paper);
        let (by, name) = self.signed_by(caller);
        let about = RequestAbout {
            filed_by: (by, name),
            filed_at: before
                .as_ref()
                .map_or(self.clock.now(), |one| one.about.filed_at),
            cleared: None,
            counsel: None,
            decided: None,
            released: vec![],
            text,
        };
        let demand = about.text.demand.as_ref();
        let state = if about.text.kind == AgencyKind::Other && demand.is_none() {
            RequestState::Referred
        } else if missing(&about.text, has_paper).is_empty() {
            RequestState::Submitted
        } else {
            RequestState::Draft
        };
        let act = FileRequest {
            request: before.map_or_else(|| Id::random(&*self.random), |one| one.id),
            number: draft,
            from: self.asked_by(&about.text),
            paper: paper.as_ref().map(NewProof::digest),
        };
        let (number, _permit) = self.perform(caller, act, |permit| {
            let number =
                self.store
                    .file_request(permit, &about, state, paper.as_ref(), &*self.random)?;
            Ok(Done {
                value: number,
                ids: vec![],
            })
        })?;
        Ok((number, state))
    }

    /// Finds words of a request harmless, that may speak of a prohibited purpose.
    ///
    /// # Errors
    /// [`StationError::Refused`]: by whoever filed it, and for words that speak of nothing else.
    pub fn clear_words(&self, caller: &Caller, number: i64, why: &str) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let shown = self.now_standing(number)?;
        let words: Vec<&str> = shown.spoken.iter().map(|one| one.words.as_str()).collect();
        let act = ClearWords {
            number,
            filed_by: shown.request.about.filed_by.0,
            prohibited: shown.standing.prohibited,
            words: words.join(", "),
            why: why.trim().to_owned(),
        };
        let (_, name) = self.signed_by(caller);
        self.perform(caller, act, |permit| {
            self.store.clear_words(permit, shown.request, &name)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// Approves or refuses a request.
    ///
    /// # Errors
    /// [`StationError::Refused`]: by anybody but the Chief or designee, by whoever filed it, an approval
    /// that the law does not let be, and that of a lawful demand which counsel did not look at; [`StationError::Input`] where it is decided already.
    pub fn decide_request(
        &self,
        caller: &Caller,
        number: i64,
        approve: bool,
        why: &str,
        counsel: Option<&str>,
    ) -> Result<(), StationError> {
        check_words("the reasons", why)?;
        let counsel = counsel.map(str::trim).filter(|says| !says.is_empty());
        if let Some(says) = counsel {
            check_words("what counsel said", says)?;
        }
        let shown = self.now_standing(number)?;
        let asked = match self.scope(&shown.request.about.text) {
            Ok(scope) => scope.to_string(),
            Err(_) => "what is asked is not complete".to_owned(),
        };
        let act = DecideRequest {
            number,
            kind: shown.request.about.text.kind,
            filed_by: shown.request.about.filed_by.0,
            approve,
            asked,
            why: why.trim().to_owned(),
            counsel: counsel.map(str::to_owned),
            standing: shown.standing,
        };
        let (_, name) = self.signed_by(caller);
        self.perform(caller, act, |permit| {
            self.store.decide_request(permit, shown.request, &name)?;
            Ok(Done {
                value: (),
                ids: vec![],
            })
        })?;
        Ok(())
    }

    /// Makes the package of an approved request: what was approved, and nothing else, however long that
    /// takes. Its hash is in the ledger and on file before it leaves.
    ///
    /// # Errors
    /// [`StationError::Refused`] where what it was approved on has fallen away; [`StationError::Input`]
    /// where it is not approved.
    pub fn release_reads(&self, caller: &Caller, number: i64) -> Result<Package, StationError> {
        let shown = self.now_standing(number)?;
        let request = shown.request;
        if !matches!(
            request.state,
            RequestState::Approved | RequestState::Released
        ) {
            return Err(StationError::Input(format!(
                "request {number} is {}: only what was approved goes out",
                request.state.as_str()
            )));
        }
        let act = ReleaseReads {
            number,
            to: format!(
                "{}, {}",
                request.about.text.person, request.about.text.agency
            ),
            scope: self.scope(&request.about.text)?,
            standing: shown.standing,
        };
        let scope = act.scope.to_string();
        let (_, by) = self.signed_by(caller);
        let (bytes, _permit) = self.perform(caller, act, |permit| {
            let found = self.store.reads_to_release(permit)?;
            let rules = self.policy.release();
            let binds = match &request.about.text.demand {
                Some(demand) => rules
                    .issuer(&demand.issuer)
                    .is_none_or(|one| one.statute_binds),
                None => true,
            };
            let contents = package::Contents {
                on: &shown.on,
                agency: &self.about.agency,
                request: &request,
                scope: &scope,
                affirms: if binds { &rules.affirms } else { &[] },
                entry: permit.entry(),
                found: &found,
                zone: &self.about.time_zone,
            };
            // Before each picture, and before the whole is on file, it must still be so.
            let still = || {
                let act = ReleaseReads {
                    standing: self.now_standing(number)?.standing,
                    ..permit.act().clone()
                };
                self.still(caller, permit, act)
            };
            let bytes = contents.zip(|read| {
                still()?;
                Ok(self.store.picture_to_release(permit, read)?)
            })?;
            still()?;
            let package = crypt::sha256(&bytes);
            let (count, entry) = (found.reads.len(), permit.entry());
            let says = format!("{count} reads, SHA-256 {package}, entry {entry}");
            self.store.released(permit, &request, &by, says)?;
            self.enter(Event::Packed {
                decision: permit.decision(),
                package,
            })?;
            let ids = found.reads.iter().map(|found| *found.read.id.as_bytes());
            Ok(Done {
                ids: ids.collect(),
                value: bytes,
            })
        })?;
        Ok(Package {
            bytes,
            name: format!("request-{number}.zip"),
        })
    }

    pub(crate) fn cameras_named(&self, names: &[String]) -> Result<Vec<CameraFacts>, StationError> {
        let cameras = self.store.cameras()?;
        let find = |name: &String| {
            let known = cameras.iter().find(|camera| camera.name == *name);
            let known =
                known.ok_or_else(|| StationError::Input(format!("there is no camera {name}")))?;
            Ok(CameraFacts {
                id: known.id,
                name: known.name.clone(),
            })
        };
        names.iter().map(find).collect()
    }

    pub(crate) fn signed_by(&self, caller: &Caller) -> (govern::MemberId, String) {
        match &caller.who {
            Principal::Member(member) => (
                member.id,
                format!("{} (badge {})", member.name, member.badge),
            ),
            Principal::Camera(camera) => (Id::random(&*self.random), camera.name.clone()),
            Principal::Station => (Id::random(&*self.random), "the station".to_owned()),
        }
    }
}

pub(crate) fn pattern(text: &str) -> Result<Pattern, StationError> {
    text.parse()
        .map_err(|e: plate::PatternError| StationError::Input(e.to_string()))
}

fn as_paper(bytes: Vec<u8>) -> Result<NewProof, StationError> {
    NewProof::of(bytes).ok_or_else(|| {
        StationError::Input("a paper is a PDF, a JPEG or a PNG of 5 MB at most".to_owned())
    })
}
