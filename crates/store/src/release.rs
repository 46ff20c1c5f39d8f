//! Requests for data, kept on file (6).

use crypt::{Id, Random};
use govern::{
    AgencyKind, CameraFacts, ClearWords, DecideRequest, DeclarationId, Demand, FileRequest,
    MemberId, Permit, ReleaseReads, RequestId, Search, SeeAccess, SeeRequests, StatedPurpose,
    Within,
};
use jiff::Timestamp;
use plate::Jurisdiction;
use serde::{Deserialize, Serialize};

use crate::proof::{NewProof, Proof};
use crate::search::{Found, FoundRead};
use crate::sql::{Connection, Row, values};
use crate::{Store, StoreError};

/// A request, as it lies on file.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleaseRequest {
    /// Its number, from 1.
    pub number: i64,
    /// Which.
    pub id: RequestId,
    /// Where it stands.
    pub state: RequestState,
    /// All about it.
    pub about: RequestAbout,
    /// Whether the written request is attached.
    pub has_paper: bool,
    revision: i64,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Something is missing.
    Draft,
    /// It is complete, and waits to be decided.
    Submitted,
    /// It is nobody's who may have data, and goes by the Records policy.
    Referred,
    /// It was refused.
    Refused,
    /// It was approved, and waits to be met.
    Approved,
    /// What was approved has gone out.
    Released,
}

impl RequestState {
    const ALL: [Self; 6] = [
        Self::Draft,
        Self::Submitted,
        Self::Referred,
        Self::Refused,
        Self::Approved,
        Self::Released,
    ];

    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Referred => "referred",
            Self::Refused => "refused",
            Self::Approved => "approved",
            Self::Released => "released",
        }
    }
}

/// What was asked, by whom, and what was done with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestAbout {
    /// What was entered.
    pub text: RequestText,
    /// Who filed it.
    pub filed_by: (MemberId, String),
    /// When it was first filed.
    pub filed_at: Timestamp,
    /// Words found harmless: which, by whom, when, why.
    pub cleared: Option<Done>,
    /// The decision.
    pub decided: Option<Done>,
    /// Which counsel looked at it before that, and what they said.
    #[serde(default)]
    pub counsel: Option<String>,
    /// What went out: the SHA-256 of each package, by whom and when.
    pub released: Vec<Done>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What, or why.
    pub says: String,
}

/// A request as it is entered: parts may be missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestText {
    /// The agency's name.
    pub agency: String,
    /// Its kind.
    pub kind: AgencyKind,
    /// Its state, if it has one.
    pub state: Option<Jurisdiction>,
    /// Who asks, with their title.
    pub person: String,
    /// What for.
    pub purpose: String,
    /// The plate.
    pub plate: String,
    /// The cameras, by name; all where there are none.
    pub cameras: Vec<String>,
    /// From when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The declaration that it relies on; the agency's newest, where none is named.
    pub declaration: Option<DeclarationId>,
    /// The lawful demand that it is, if it is one.
    #[serde(default)]
    pub demand: Option<Demand>,
}

impl Store {
    /// Keeps the permit's request; `paper` is its written request, if the permit names one. Returns its
    /// number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it is no draft any more; when the disk fails.
    pub fn file_request(
        &self,
        permit: &Permit<FileRequest>,
        about: &RequestAbout,
        state: RequestState,
        paper: Option<&NewProof>,
        random: &dyn Random,
    ) -> Result<i64, StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let id = act.request;
        if act.paper.is_some() && act.paper != paper.map(NewProof::digest) {
            return Err(StoreError::damaged("this is not the paper of the permit"));
        }
        let sealed = self.seal_json(&place("request", id), about)?;
        let paper = paper
            .map(|paper| {
                self.put_paper(
                    place("request", id).as_bytes(),
                    *id.as_bytes(),
                    paper,
                    random,
                )
            })
            .transpose()?;
        self.change(|db| {
            let number = match act.number {
                Some(number) => {
                    let changed = db.execute(
                        "UPDATE release_request SET revision = revision + 1, state = ?3, about = ?4
                         WHERE number = ?1 AND id = ?2 AND state = 'draft'",
                        values![number, id, state.as_str(), &sealed],
                    )?;
                    if changed == 0 {
                        return Err(not_as_it_was(number));
                    }
                    number
                }
                None => {
                    db.hold("release")?;
                    let number: i64 = db.one(
                        "SELECT coalesce(max(number), 0) + 1 FROM release_request",
                        values![],
                    )?;
                    db.execute(
                        "INSERT INTO release_request (number, id, revision, state, about) VALUES (?1, ?2, 1, ?3, ?4)",
                        values![number, id, state.as_str(), &sealed],
                    )?;
                    number
                }
            };
            if let Some(paper) = &paper {
                db.execute(
                    "UPDATE release_request SET paper_kind = ?2, paper_wrapped = ?3 WHERE number = ?1",
                    values![number, paper.kind, &paper.wrapped],
                )?;
            }
            Ok(number)
        })
    }

    /// Every request, newest first.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn requests(
        &self,
        permit: &Permit<SeeRequests>,
    ) -> Result<Vec<ReleaseRequest>, StoreError> {
        permit.check(&*self.clock)?;
        self.every_request()
    }

    fn every_request(&self) -> Result<Vec<ReleaseRequest>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT number, id, state, about, paper_kind, revision FROM release_request ORDER BY number DESC",
                values![],
            )
        })?;
        rows.iter().map(|row| self.release_request(row)).collect()
    }

    /// The same, for whoever looks at who can see data.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn requests_that_see(
        &self,
        permit: &Permit<SeeAccess>,
    ) -> Result<Vec<ReleaseRequest>, StoreError> {
        permit.check(&*self.clock)?;
        self.every_request()
    }

    /// A request, for working out where it stands before anything is asked of the gate.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn request(&self, number: i64) -> Result<ReleaseRequest, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT number, id, state, about, paper_kind, revision FROM release_request WHERE number = ?1",
                values![number],
            )
        })?;
        self.release_request(&row.ok_or(StoreError::NoSuch("such request"))?)
    }

    /// The written request.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] where none is attached.
    pub fn request_paper(
        &self,
        permit: &Permit<SeeRequests>,
        number: i64,
    ) -> Result<Proof, StoreError> {
        permit.check(&*self.clock)?;
        let row = self.ask(|db| {
            db.row(
                "SELECT paper_kind, paper_wrapped, id FROM release_request
                 WHERE number = ?1 AND paper_kind IS NOT NULL",
                values![number],
            )
        })?;
        let row = row.ok_or(StoreError::NoSuch("written request with this number"))?;
        let id: RequestId = row.get(2)?;
        self.get_paper(place("request", id).as_bytes(), *id.as_bytes(), &row)
    }

    /// Notes that words of the permit's request are harmless.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where somebody else changed it meanwhile.
    pub fn clear_words(
        &self,
        permit: &Permit<ClearWords>,
        request: ReleaseRequest,
        by: &str,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let ClearWords { words, why, .. } = permit.act();
        let mut about = request.about.clone();
        about.cleared = Some(self.done(by, format!("{words}: {why}")));
        self.change_request(
            &request,
            RequestState::Submitted,
            RequestState::Submitted,
            &about,
        )
    }

    /// Notes the permit's decision.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it is decided already or was changed meanwhile.
    pub fn decide_request(
        &self,
        permit: &Permit<DecideRequest>,
        request: ReleaseRequest,
        by: &str,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let DecideRequest {
            approve,
            why,
            counsel,
            ..
        } = permit.act();
        let mut about = request.about.clone();
        about.counsel.clone_from(counsel);
        about.decided = Some(self.done(by, why.clone()));
        let state = if *approve {
            RequestState::Approved
        } else {
            RequestState::Refused
        };
        self.change_request(&request, RequestState::Submitted, state, &about)
    }

    /// The reads that the permit releases: those whose most probable text is the plate, and no others.
    ///
    /// # Errors
    /// [`StoreError::TooMany`]; when the permit has expired or the database fails.
    pub fn reads_to_release(&self, permit: &Permit<ReleaseReads>) -> Result<Found, StoreError> {
        permit.check(&*self.clock)?;
        let scope = &permit.act().scope;
        let search = Search {
            within: Within {
                cameras: scope.cameras.clone(),
                from: Some(scope.from),
                until: Some(scope.until),
            },
            ..Search::new(scope.plate.clone(), StatedPurpose::default())
        };
        let mut found = self.find(&search, permit.classes(), usize::MAX)?;
        found
            .reads
            .retain(|found| scope.plate.fits(&found.read.reading.most_likely().text));
        found
            .reads
            .sort_by_key(|found| (found.read.seen_at, found.read.id));
        found.count = found.reads.len();
        Ok(found)
    }

    /// The picture of a read that the permit releases, as captured.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] for a read that the permit does not release.
    pub fn picture_to_release(
        &self,
        permit: &Permit<ReleaseReads>,
        found: &FoundRead,
    ) -> Result<Vec<u8>, StoreError> {
        permit.check(&*self.clock)?;
        let scope = &permit.act().scope;
        let read = &found.read;
        let there = |camera: &CameraFacts| camera.name == read.camera;
        if !(scope.from..scope.until).contains(&read.seen_at)
            || !scope.plate.fits(&read.reading.most_likely().text)
            || !(scope.cameras.is_empty() || scope.cameras.iter().any(there))
        {
            return Err(StoreError::NoSuch("such read in what was approved"));
        }
        self.open_picture(read.picture)
    }

    /// Notes that the permit's package went out.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it was changed meanwhile.
    pub fn released(
        &self,
        permit: &Permit<ReleaseReads>,
        request: &ReleaseRequest,
        by: &str,
        package: String,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let mut about = request.about.clone();
        about.released.push(self.done(by, package));
        self.change_request(request, request.state, RequestState::Released, &about)
    }

    pub(crate) fn done(&self, by: &str, says: String) -> Done {
        Done {
            by: by.to_owned(),
            at: self.clock.now(),
            says,
        }
    }

    fn change_request(
        &self,
        request: &ReleaseRequest,
        from: RequestState,
        to: RequestState,
        about: &RequestAbout,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_json(&place("request", request.id), about)?;
        self.change(|db: &mut dyn Connection| {
            let changed = db.execute(
                "UPDATE release_request SET revision = revision + 1, state = ?4, about = ?5
                 WHERE number = ?1 AND revision = ?2 AND state = ?3",
                values![
                    request.number,
                    request.revision,
                    from.as_str(),
                    to.as_str(),
                    &sealed
                ],
            )?;
            if changed == 0 {
                return Err(not_as_it_was(request.number));
            }
            Ok(())
        })
    }

    fn release_request(&self, row: &Row) -> Result<ReleaseRequest, StoreError> {
        let id = row.get(1)?;
        let state: String = row.get(2)?;
        let known = RequestState::ALL
            .into_iter()
            .find(|one| one.as_str() == state);
        Ok(ReleaseRequest {
            number: row.get(0)?,
            id,
            state: known.ok_or_else(|| StoreError::damaged(format!("no request is {state}")))?,
            about: self.unseal_json(&place("request", id), &row.get(3)?)?,
            has_paper: row.get::<Option<String>>(4)?.is_some(),
            revision: row.get(5)?,
        })
    }
}

pub(crate) fn place<T>(what: &str, id: Id<T>) -> String {
    format!("{what} {id}")
}

fn not_as_it_was(number: i64) -> StoreError {
    StoreError::Conflict(format!(
        "request {number} is not, or no longer, in a state for this: open it again. What was decided is not changed; ask anew with another request"
    ))
}
