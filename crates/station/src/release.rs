//! The release desk (6): a request is filed, judged against the law, decided by the Chief or designee,
//! and met with what was approved and nothing else.

mod declaration;
mod package;

use crypt::Id;
use govern::{
    AgencyKind, CameraFacts, ClearWords, DecideRequest, Defect, FileRequest, Principal,
    ReleaseReads, Scope, SeeRequests, Spoken, Standing,
};
use ledger::Event;
use plate::Pattern;
use store::{
    FiledDeclaration, NewProof, Proof, ReleaseRequest, RequestAbout, RequestState, RequestText,
};

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
        let before = draft.map(|number| self.store.request(number)).transpose()?;
        let has_paper = paper.is_some() || before.as_ref().is_some_and(|one| one.has_paper);
        let (by, name) = self.signed_by(caller);
        let about = RequestAbout {
            filed_by: (by, name),
            filed_at: before
                .as_ref()
                .map_or(self.clock.now(), |one| one.about.filed_at),
            cleared: None,
            decided: None,
            released: vec![],
            text,
        };
        let state = if about.text.kind == AgencyKind::Other {
            RequestState::Referred
        } else if missing(&about.text, has_paper).is_empty() {
            RequestState::Submitted
        } else {
            RequestState::Draft
        };
        let act = FileRequest {
            request: before.map_or_else(|| Id::random(&*self.random), |one| one.id),
            number: draft,
            from: about.text.agency.clone(),
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
    /// [`StationError::Refused`]: by anybody but the Chief or designee, by whoever filed it, and an
    /// approval that the law does not let be; [`StationError::Input`] where it is decided already.
    pub fn decide_request(
        &self,
        caller: &Caller,
        number: i64,
        approve: bool,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("the reasons", why)?;
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

    /// Makes the package of an approved request: what was approved, and nothing else. Its hash is in
    /// the ledger and on file before it leaves.
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
            let contents = package::Contents {
                agency: &self.about.agency,
                request: &request,
                scope: &scope,
                affirms: &self.policy.release().affirms,
                entry: permit.entry(),
                found: &found,
                zone: &self.about.time_zone,
            };
            let bytes = contents.zip(|read| self.store.picture_to_release(permit, read))?;
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

    fn now_standing(&self, number: i64) -> Result<RequestShown, StationError> {
        let request = self.store.request(number)?;
        self.shown(request, &self.store.declarations()?)
    }

    fn shown(
        &self,
        request: ReleaseRequest,
        declarations: &[FiledDeclaration],
    ) -> Result<RequestShown, StationError> {
        let text = &request.about.text;
        let rules = self.policy.release();
        let missing = missing(text, request.has_paper);
        let all = format!("{} {} {}", text.purpose, text.person, text.agency);
        let spoken = self.policy.prohibited().spoken_in(&all);
        let known = text.kind == AgencyKind::LawEnforcement || text.kind == AgencyKind::Prosecutor;
        let standing = Standing {
            complete: missing.is_empty(),
            federal: text.kind == AgencyKind::Federal,
            outsider: text.kind == AgencyKind::Other,
            defect: (known && rules.is_out_of_state(text.state))
                .then(|| self.defect(text, declarations))
                .transpose()?
                .flatten(),
            prohibited: spoken.iter().any(|one| one.always),
            held: !spoken.is_empty() && request.about.cleared.is_none(),
        };
        Ok(RequestShown {
            standing,
            missing,
            spoken,
            request,
        })
    }

    /// Why the declaration that a request relies on does not serve: the one it names, or the agency's
    /// newest. One whose paper is not as it was filed is none.
    fn defect(
        &self,
        text: &RequestText,
        declarations: &[FiledDeclaration],
    ) -> Result<Option<Defect>, StationError> {
        let named = |one: &&FiledDeclaration| match text.declaration {
            Some(id) => one.id == id,
            None => govern::is_same_agency(&one.declaration.agency, &text.agency),
        };
        let Some(one) = declarations.iter().find(named) else {
            return Ok(Some(Defect::Missing));
        };
        if !self.store.declaration_is_whole(one)? {
            return Ok(Some(Defect::Missing));
        }
        let (today, rules) = (self.today(), self.policy.release());
        Ok(one
            .declaration
            .defect(&text.agency, text.state, today, rules))
    }

    /// What a request asks for, where all of it was entered.
    fn scope(&self, text: &RequestText) -> Result<Scope, StationError> {
        let (Some(from), Some(until)) = (text.from, text.until) else {
            return Err(StationError::Input(
                "the request does not say from when until when".to_owned(),
            ));
        };
        Ok(Scope {
            plate: pattern(&text.plate)?,
            cameras: self.cameras_named(&text.cameras)?,
            from,
            until,
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

/// What a request lacks.
fn missing(text: &RequestText, has_paper: bool) -> Vec<&'static str> {
    let empty = |text: &str| text.trim().is_empty();
    let lacks = [
        (empty(&text.agency), "the agency"),
        (empty(&text.person), "the person who asks"),
        (empty(&text.purpose), "the purpose"),
        (empty(&text.plate), "the plate"),
        (text.from.is_none(), "from when"),
        (text.until.is_none(), "until when"),
        (!has_paper, "the written request"),
    ];
    lacks
        .into_iter()
        .filter_map(|(lacks, what)| lacks.then_some(what))
        .collect()
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
