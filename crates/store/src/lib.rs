//! What is kept: members, cameras, reads and their pictures, and the content beside the ledger.
//!
//! Reads and pictures are reached only with a [`govern::Permit`] or a [`govern::Disclosure`], and a
//! method takes what it looks for from the permit, never from an argument beside it.
//!
//! Everything lies encrypted: an SQLite database as a whole (SQLCipher), what is personal in any
//! database column by column, each picture under a key of its own, that key under the key of its
//! camera, class and day, that one under the station's.

mod alert;
mod approval;
mod audit;
mod authorisation;
mod backup;
mod camera;
mod canvass;
mod case;
mod classify;
mod content;
mod content_check;
mod correction;
mod credential;
mod database;
mod declaration;
mod dictionary;
mod enrolment;
mod escalation;
mod evidence;
mod export;
mod feed;
mod heard;
mod hit;
mod hold;
mod hotlist;
mod learnt;
mod local;
mod medium;
mod member;
mod page;
mod passkey;
#[cfg(test)]
mod plans;
mod proof;
mod proposal;
mod purge;
mod question;
mod read;
mod release;
mod report;
mod role;
mod schema;
mod search;
mod shelf;
mod sql;
mod status;
mod tables;
mod terminal;
mod training;
mod vault;
mod webhook;

// The tests inside this crate use the same help as those outside.
#[cfg(test)]
extern crate self as store;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "those outside use more of it")]
mod support;

use std::path::PathBuf;

use govern::PermitError;
use thiserror::Error;

pub use alert::{AlertSighting, AlertView, Earlier, StepTaken};
pub use approval::SearchApproval;
pub use audit::{AuditFinding, KeptSample, SampleAbout, SampledAccess};
pub use authorisation::Authorisation;
pub use backup::{PictureKey, Snapshot};
pub use camera::{Camera, NewCamera};
pub use canvass::{Canvassed, Vehicle, VehicleRead};
pub use content::KeptContent;
pub use correction::{AlertCameTo, KeptCorrection};
pub use credential::Credentials;
pub use database::{Store, StoreKeys, StorePlace};
pub use declaration::FiledDeclaration;
pub use enrolment::{Chosen, Enrolment, NewEnrolment};
pub use escalation::{Judged, NotTaken};
pub use evidence::{BookedRead, CameIn, EvidenceAbout, KeptEvidence};
pub use export::{ReadOut, SomeReads};
pub use feed::{DueFeed, Feed, FeedNoted, Seen};
pub use govern::ReadId;
pub use heard::Coverage;
pub use hit::{Listed, Matched, NewHit, Raised};
pub use hold::{Held, KeptHold};
pub use hotlist::{AlertOutcome, Brought, ImportReport, ListInForce, ListStanding, PastImport};
pub use learnt::Passed;
pub use local::{KeptLocalEntry, LOCAL_LIST, LocalInForce, NewPossible};
pub use medium::Medium;
pub use member::{Member, NewMember};
pub use page::Page;
pub use passkey::KeptPasskey;
pub use proof::{NewProof, Proof, ProofKind};
pub use proposal::{Kept as KeptProposal, Retention};
pub use purge::{Destroyed, PurgeLine, PurgePlan, PurgeRun, PurgeShown, Spared};
pub use question::{Answer, KeptQuestion, NewQuestion};
pub use read::{Frame, Kept, NewRead, Place, Read};
pub use release::{Done, ReleaseRequest, RequestAbout, RequestState, RequestText};
pub use report::PublishedReport;
pub use role::RoleHeld;
pub use search::{Found, FoundRead, LINES};
pub use tables::{TABLES, Table, Until};
pub use terminal::{NewTerminal, Terminal};
pub use training::{Course, Founding as FoundingTraining, Training};

pub use webhook::{DueDelivery, Webhook};

/// Why something could not be kept or found.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// A sync failed: what is on the disk is unknown.
    #[error("the database has stopped: {0}; restart the station once the cause is mended")]
    Stopped(String),
    /// The database server's address does not serve.
    #[error("the database's address: {0}")]
    Address(String),
    /// The bucket that keeps the pictures.
    #[error("the pictures' bucket: {0}")]
    Bucket(String),
    /// Another station works on this database.
    #[error("the database is in use: another station works on it; one station at a time may")]
    InUse,
    /// Another station took this database while this one was cut off from it.
    #[error("another station has taken this database over: this one may not go on; stop it")]
    LeaseLost,
    /// A database that is not in this folder.
    #[error(
        "the database lies on a server: back it up there, by the server's own means (pg_basebackup)"
    )]
    Elsewhere,
    /// A file failed.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database was made by a newer version.
    #[error(
        "these data were written by a newer version of Lictor (schema {found}, this one knows {known}): use that version"
    )]
    Newer {
        /// The data's schema.
        found: i64,
        /// This version's.
        known: i64,
    },
    /// The wrong key, or no database.
    #[error("the database does not open with this station's key")]
    WrongKey,
    /// What is stored breaks the rules of what may be stored.
    #[error("what is stored is damaged: {0}")]
    Damaged(String),
    /// The content of a decision could not be kept; nothing is permitted then.
    #[error("the content of a decision could not be kept: {0}")]
    ContentNotKept(std::sync::Arc<StoreError>),
    /// There is one of that name already.
    #[error("{0} is taken: names are never used twice")]
    Taken(String),
    /// It is not, or no longer, as it was taken to be.
    #[error("{0}")]
    Conflict(String),
    /// More fits than an answer holds.
    #[error("more than {most} {what} fit: {cure}")]
    TooMany {
        /// How many an answer holds.
        most: usize,
        /// Of what.
        what: &'static str,
        /// What would make it fewer.
        cure: &'static str,
    },
    /// There is no such record.
    #[error("there is no {0}")]
    NoSuch(&'static str),
    /// The alert is not where the step leads on from.
    #[error(transparent)]
    NotNow(#[from] ::hotlist::NotNow),
    /// The ledger refused the entry.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The permit does not serve.
    #[error(transparent)]
    Permit(#[from] PermitError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<postgres::Error> for StoreError {
    /// Without what the server adds of the row's own values: they may be personal.
    fn from(error: postgres::Error) -> Self {
        Self::Database(match error.as_db_error() {
            Some(said) => format!("{} ({})", said.message(), said.code().code()),
            None => error.to_string(),
        })
    }
}

impl StoreError {
    /// Whether another station has the database now.
    pub fn is_lease_lost(&self) -> bool {
        match self {
            Self::LeaseLost => true,
            Self::ContentNotKept(reason) => reason.is_lease_lost(),
            _ => false,
        }
    }

    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }
}
