//! What stands in the log.

use std::borrow::Cow;

use crypt::{Digest, Id, KeyAct, sha256};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Commitment;

/// Names one decision; its outcome refers to it.
pub type DecisionId = Id<Decision>;
/// Names one batch of reads.
pub type BatchId = Id<Batch>;

/// Marks the ids of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {}
/// Names a member of the department.
pub type MemberId = Id<Member>;

/// Marks the ids of cameras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {}
/// Names a camera.
pub type CameraId = Id<Camera>;

/// Marks the ids of terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {}
/// Names a terminal.
pub type TerminalId = Id<Terminal>;

/// Marks the ids of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {}
/// Names a medium, by the UUID of its encrypted volume.
pub type MediumId = Id<Medium>;

/// Names an alert.
pub type AlertId = Id<Alert>;

/// Marks the ids of hotlists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hotlist {}
/// Names a hotlist.
pub type HotlistId = Id<Hotlist>;

/// Marks the ids of reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {}
/// Names a read; random.
pub type ReadId = Id<Read>;

/// Names a hold.
pub type HoldId = Id<Hold>;

/// Marks the ids of local entries: plates that members look out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalEntry {}
/// Names a local entry.
pub type LocalEntryId = Id<LocalEntry>;

/// Marks the ids of webhooks: other systems that alerts are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Webhook {}
/// Names a webhook.
pub type WebhookId = Id<Webhook>;

/// Marks the ids of feeds: lists that come by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {}
/// Names a feed.
pub type FeedId = Id<Feed>;

/// Marks the ids of declarations of affirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declaration {}
/// Names a declaration of affirmation.
pub type DeclarationId = Id<Declaration>;

/// One line of the log: when, and what. Written as JSON, one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, UTC, to the microsecond (CJIS AU-8 asks for the hundredth of a second). Always after
    /// the entry above it; so fine that even a busy log's times stay true.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// In which turn, where stations take turns at the log ([`crate::Turn`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What may happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// The station came up with this version and these rules in force.
    Started {
        /// The program's version.
        version: String,
        /// SHA-256 over the files of `policy/`.
        policy: Digest,
    },
    /// The station went down in order: nothing was left unfinished.
    Stopped,
    /// The station was founded by these people, each of whom attested the other's training.
    Founding(Decision),
    /// Somebody came in, was turned away, or left. No permit follows from it, and no outcome.
    Login(Decision),
    /// Somebody asked to do something, and was allowed or refused.
    Decision(Decision),
    /// What came of an allowed act.
    Outcome(Outcome),
    /// Reads that came in under a standing permit.
    Batch(Batch),
    /// Something was done at the machine, by whoever showed two recovery shares; no session and no
    /// permit follows from it.
    AtTheMachine(Decision),
    /// The key file is another than at the last start.
    KeyFile {
        /// What made it so: recovery, rotation; founding, when this program did not.
        by: KeyAct,
        /// SHA-256 of the file.
        file: Digest,
    },
    /// The machine's clock is not to be believed: from here on until it is confirmed, times are
    /// doubtful.
    TimeDoubtful {
        /// What the clock said.
        #[serde(with = "micros")]
        wall: Timestamp,
        /// What it should have said.
        #[serde(with = "micros")]
        expected: Timestamp,
    },
    /// Two people confirmed the clock.
    TimeConfirmed {
        /// Who.
        by: [MemberId; 2],
    },
    /// Two witnesses' answers agreed with the machine's clock.
    TimeAgreed {
        /// Their public keys, as text.
        by: [String; 2],
    },
    /// A backup was made.
    Backup(Backup),
    /// The station goes on from a backup.
    Restored(Restored),
    /// The first entry of a log that goes on where another was found damaged, or lost its end.
    Continued {
        /// The last head of the one before that is known, as it was signed: a note.
        head: String,
        /// What was found in it, and where; nothing personal.
        finding: String,
        /// The two members who had it continued; none where the station did, by its nightly check.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by: Vec<MemberId>,
        /// What is missing of it, where its end is lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<Missing>,
    },
    /// Two members looked into what the station had found, and took note of it.
    FindingNoted {
        /// Who.
        by: Vec<MemberId>,
    },
    /// These are the witnesses that heads are sent to from now on.
    Witnesses {
        /// Their public keys, as text.
        keys: Vec<String>,
    },
    /// From here on the station shows this certificate to browsers.
    Certificate {
        /// Whose it is.
        of: CertificateOf,
        /// SHA-256 of it.
        fingerprint: Digest,
        /// When it ends.
        #[serde(with = "micros")]
        until: Timestamp,
    },
    /// A read that may be a listed car: an alert is raised, or seen once more.
    Alert(Alert),
    /// Where an alert stands is pushed to those who watch; before it is.
    Pushed(Pushed),
    /// Nobody took an alert in time: it goes to more people.
    Escalated(Escalated),
    /// What goes out is packed, and this is it; before its outcome.
    Packed {
        /// The decision that lets it out.
        decision: DecisionId,
        /// SHA-256 of the package.
        package: Digest,
    },
    /// A question to a reviewer outside the chain of command is opened.
    Question(Question),
    /// Data are held: nothing of them is purged while the hold is in force.
    Held(Hold),
    /// A step of a purge: what is past its time is destroyed.
    Purged(Purged),
    /// A purge is over, and this is its certificate; before its outcome.
    PurgeCertified {
        /// The decision that opened its standing permit.
        decision: DecisionId,
        /// SHA-256 of the certificate.
        certificate: Digest,
    },
    /// A purge that was due did not run.
    PurgeLate {
        /// When the last one ended, or when the first was due.
        #[serde(with = "micros")]
        since: Timestamp,
    },
    /// An audit that was due was not drawn, or not judged.
    AuditLate {
        /// Since when.
        #[serde(with = "micros")]
        since: Timestamp,
    },
}

/// A step of a purge: the tombstone of what it destroyed. A database that is restored from a backup
/// has it again, and the restore reads here what to destroy once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purged {
    /// The decision that opened its standing permit.
    pub decision: DecisionId,
    /// The retention class, such as `read`.
    pub class: Cow<'static, str>,
    /// What was seen or done before then is past its time.
    #[serde(with = "micros")]
    pub before: Timestamp,
    /// How many records it destroyed.
    pub records: u64,
    /// The Merkle root over their ids.
    pub root: Digest,
}

/// What a hold holds, by id: a database that is restored from a backup does not know of it, and the
/// restore reads it here. More than fit in one entry stand in several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Names it.
    pub id: HoldId,
    /// Its number, for people.
    pub number: i64,
    /// What for.
    pub held_for: HoldKind,
    /// The decision that placed it; none where reads that came in later fell under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
    /// Reads.
    pub reads: Vec<ReadId>,
    /// Alerts, each with every read that it rests on.
    pub alerts: Vec<AlertId>,
}

impl Hold {
    /// Reads and alerts that one entry has room for.
    pub const IN_ONE_ENTRY: usize = 1000;
}

/// What data are held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldKind {
    /// They are evidence in a case.
    Evidence,
    /// They are to be disclosed to a party.
    Discovery,
    /// A court's or another authority's demand.
    LawfulDemand,
}

impl HoldKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Evidence, Self::Discovery, Self::LawfulDemand];

    /// Its code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Discovery => "discovery",
            Self::LawfulDemand => "lawful-demand",
        }
    }

    /// Its name for people.
    pub fn says(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Discovery => "discovery",
            Self::LawfulDemand => "another lawful demand",
        }
    }
}

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateOf {
    /// The station's own authority issued it.
    Station,
    /// The agency brought it.
    Agency,
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// A member of the department; the name and badge are under the commitment.
    Member(MemberId),
    /// A camera.
    Camera(CameraId),
    /// The station itself, at what it does by schedule.
    Station,
    /// Nobody known: a login under a name that no member has.
    Unknown,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may be done.
    Permit,
    /// It may not be done.
    Refuse,
}

/// A name of an act, as it stands in the policies and in the log, such as `search`.
pub type Act = Cow<'static, str>;

/// An alert that is pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// Names it.
    pub alert: AlertId,
    /// Its number, for people.
    pub number: u64,
    /// Everybody who receives it.
    pub to: Vec<MemberId>,
    /// Those of them who learn that there is a hit and no more, for want of an authorisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld_from: Vec<MemberId>,
}

/// An alert that nobody took in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    /// Names it.
    pub alert: AlertId,
    /// Its number, for people.
    pub number: u64,
    /// How many times it went to more people, this one included.
    pub step: u64,
    /// The role that it goes to.
    pub to: String,
}

/// An alert, as it is raised and at each sighting after that. The plate stands in no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Names it.
    pub id: AlertId,
    /// Its number, for people.
    pub number: u64,
    /// The list that speaks of it.
    pub list: HotlistId,
    /// The camera that saw it.
    pub camera: CameraId,
    /// The decision that opened the camera's standing permit.
    pub standing: DecisionId,
    /// 1 when it is raised, then counted on.
    pub sighting: u64,
    /// Whether somebody must look at it now.
    pub priority: bool,
}

/// A question to a reviewer, opened by a tripwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Names it.
    pub id: Id<Question>,
    /// The tripwire, by its id in the rules.
    pub tripwire: String,
    /// The member whose uses of the data it is about.
    pub about: MemberId,
    /// The decision at which it tripped.
    pub tripped_by: DecisionId,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Names it.
    pub id: DecisionId,
    /// Who asked.
    pub who: Party,
    /// The session it was asked in, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<Digest>,
    /// What was asked.
    pub act: Act,
    /// The purpose's code, where the act needs one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// What was decided.
    pub verdict: Verdict,
    /// The ids of the policies that decided.
    pub policies: Vec<String>,
    /// The clauses of the department's policy that they implement.
    pub clauses: Vec<String>,
    /// What the act takes away, if it takes something away.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withdraws: Option<Withdrawal>,
    /// What reports count it as, besides its act: codes of the rules and ids of lists; nothing personal.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub counts_as: Vec<String>,
    /// The clock was in doubt then.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub in_doubt: bool,
    /// To the rest of it: name, badge, address, the query, the case, the words.
    pub content: Commitment,
}

/// What an act takes away. It stands in the log itself, by id, because a database that is restored
/// from a backup would give it back: the restore reads it here and takes it away again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// A member's account.
    Member(MemberId),
    /// One of a member's roles.
    Role(MemberId, String),
    /// One of a member's authorisations, by its class.
    Authorisation(MemberId, String),
    /// A camera's key.
    Camera(CameraId),
    /// That a camera's reads were open to members without an authorisation for this class.
    OpenReads(CameraId, String),
    /// A declaration of affirmation: nothing is released on it any more.
    Declaration(DeclarationId),
    /// A hold: what it held may be purged.
    Hold(HoldId),
    /// A local entry: reads are not compared with it any more.
    LocalEntry(LocalEntryId),
    /// A webhook: nothing is sent there any more.
    Webhook(WebhookId),
    /// A feed: nothing that comes by it is taken any more.
    Feed(FeedId),
    /// A terminal's key.
    Terminal(TerminalId),
    /// A medium: no evidence is written onto it in the clear any more.
    Medium(MediumId),
    /// Whatever a member comes in with.
    WayIn(MemberId),
    /// A member's password.
    Password(MemberId),
    /// A member's authenticator.
    Authenticator(MemberId),
    /// A member's recovery codes.
    RecoveryCodes(MemberId),
    /// A member's passkey, by the SHA-256 of its id.
    Passkey(MemberId, Digest),
    /// The code with which a member comes in first.
    EnrolmentCode(MemberId),
    /// That a member may try to log in: failed logins locked the account.
    Attempts(MemberId),
}

impl Decision {
    /// What a receipt is a receipt for.
    pub fn digest(&self) -> Digest {
        // Serialising a plain structure of texts and digests to memory does not fail; were it to,
        // the digest of nothing matches no receipt, and nothing is permitted.
        sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// How an allowed act ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done {
        /// Of which decision.
        decision: DecisionId,
        /// How many records it returned or changed.
        records: u64,
        /// SHA-256 over their ids, salted by the decision's own salt.
        result: Digest,
    },
    /// It failed; nothing left the station.
    Failed {
        /// Of which decision.
        decision: DecisionId,
        /// What went wrong, without anything personal.
        error: String,
    },
    /// The station stopped in between; entered at the next start.
    Interrupted {
        /// Of which decision.
        decision: DecisionId,
    },
}

impl Outcome {
    /// The decision that it is the outcome of.
    pub fn decision(&self) -> DecisionId {
        match self {
            Self::Done { decision, .. }
            | Self::Failed { decision, .. }
            | Self::Interrupted { decision } => *decision,
        }
    }
}

/// Reads kept under a standing permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Names it.
    pub id: BatchId,
    /// The camera they came from.
    pub camera: CameraId,
    /// The decision that opened the standing permit.
    pub standing: DecisionId,
    /// How many reads.
    pub count: u64,
    /// Whether each leaf has the SHA-256 of the read's picture in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pictures: bool,
    /// The Merkle tree hash (RFC 6962) over the reads ([`crate::read_leaf`]).
    pub root: Digest,
}

/// A backup, entered before the last of it leaves: without its end it does not open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The decision it was made under.
    pub decision: DecisionId,
    /// SHA-256 of the file with the station's data.
    pub data: Digest,
    /// SHA-256 of the file with the keys of the pictures' keys.
    pub picture_keys: Digest,
    /// Until when that file may be used: a picture purged today stays readable from this backup
    /// until then.
    #[serde(with = "micros")]
    pub pictures_until: Timestamp,
}

/// The end of a log that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The number of the first entry that is missing.
    pub from: u64,
    /// How many entries the last head speaks of that anybody kept. More may have been written.
    pub signed: u64,
}

impl Missing {
    /// In a sentence; `head` is the note of the last head that is known.
    pub fn says(&self, head: &str) -> String {
        let origin = head.lines().next().unwrap_or_default();
        let Self { from, signed } = *self;
        let what = match signed.saturating_sub(from) {
            0 => format!("Whatever the ledger {origin} had from entry {from} on is lost"),
            1 => format!("Entry {from} of the ledger {origin} is lost, and whatever came after it"),
            _ => format!(
                "Entries {from} to {} of the ledger {origin} are lost, and whatever came after them",
                signed - 1
            ),
        };
        format!("{what}: what was done then is not on record here. Two members signed that.")
    }
}

/// The first entry after a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The decision under which the backup was made; none where the database had been set back by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<DecisionId>,
    /// How many things that were taken away since were taken away again.
    pub withdrawn: u64,
    /// Whether the pictures can be opened.
    pub pictures: bool,
}

/// The shortest time between two entries.
pub(crate) const TICK: SignedDuration = SignedDuration::from_micros(1);

impl Event {
    /// As it stands in an entry, but for time and turn, which are known when it is written.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// The entry's bytes. `event` is what [`Event::to_json`] made.
pub(crate) fn entry(at: Timestamp, turn: Option<u64>, event: &[u8]) -> Vec<u8> {
    let turn = turn.map_or_else(String::new, |number| format!("\"turn\":{number},"));
    let start = format!("{{\"at\":\"{}\",{turn}", micros::text(&at));
    [start.as_bytes(), event.get(1..).unwrap_or_default()].concat()
}

/// Timestamps with exactly six decimals.
mod micros {
    use jiff::{Timestamp, Unit};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn text(at: &Timestamp) -> String {
        let at = at.round(Unit::Microsecond).unwrap_or(*at);
        format!("{at:.6}")
    }

    pub(super) fn serialize<S: Serializer>(
        at: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(at))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_as_it_is_read() {
        let at = "2026-11-24T16:00:00.123456789Z".parse().unwrap();
        for event in [
            Event::Stopped,
            Event::Outcome(Outcome::Failed {
                decision: DecisionId::from_bytes([7; 16]),
                error: "the store failed".to_owned(),
            }),
            Event::Question(Question {
                id: Id::from_bytes([7; 16]),
                tripwire: "same-plate".to_owned(),
                about: MemberId::from_bytes([7; 16]),
                tripped_by: DecisionId::from_bytes([7; 16]),
            }),
        ] {
            for turn in [None, Some(7)] {
                let bytes = entry(at, turn, &event.to_json().unwrap());
                assert!(bytes.starts_with(b"{\"at\":\"2026-11-24T16:00:00.123457Z\","));
                let event = event.clone();
                let read = Entry { at, turn, event };
                assert_eq!(bytes, serde_json::to_vec(&read).unwrap());
            }
        }
    }
}
