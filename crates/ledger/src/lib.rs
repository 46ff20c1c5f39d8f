//! The ledger: a Merkle log in the C2SP formats ([tlog-tiles], [checkpoints as signed notes]) in
//! which every decision stands before it is acted upon, and every outcome after.
//!
//! Nothing personal stands in an entry. What is personal (a searched plate, a case number, a
//! name) is kept beside the log; the entry holds a salted commitment to it ([`Commitment`]), so
//! that it can be purged and the log still proves itself.
//!
//! [tlog-tiles]: https://c2sp.org/tlog-tiles
//! [checkpoints as signed notes]: https://c2sp.org/tlog-checkpoint

mod commitment;
mod copy;
mod cosign;
mod entry;
mod files;
mod ledger;
mod log;
mod proof;
mod seal;
mod signing;
mod tiles;
mod turn;
mod verify;
mod witness;
mod witnessed;
mod writer;

pub use commitment::{Commitment, Salt};
pub use copy::{Head, copy, goes_on_from, is_in_use};
pub use cosign::{Cosignature, WitnessKey, WitnessPublicKey};
pub use entry::{
    Act, Alert, AlertId, Backup, Batch, BatchId, Camera, CameraId, CertificateOf, Decision,
    DecisionId, Declaration, DeclarationId, Entry, Escalated, Event, Feed, FeedId, Hold, HoldId,
    HoldKind, Hotlist, HotlistId, LocalEntry, LocalEntryId, Medium, MediumId, Member, MemberId,
    Missing, Outcome, Party, Purged, Pushed, Question, Read, ReadId, Restored, Terminal,
    TerminalId, Verdict, Webhook, WebhookId, Withdrawal,
};
pub use ledger::{Ledger, move_aside};
pub use log::{LedgerError, Pending, PendingReceipt, Receipt, Recorded};
pub use proof::{Proved, check_proof};
pub use signing::{SigningKey, SigningKeyError, VerifyingKey};
pub use tiles::{leaf_hash, merkle_root, read_leaf, root_of_leaves};
pub use turn::{NoTurn, Turn};
pub use verify::{Against, Finding, Verified, verify, verify_against, verify_on};
pub use witness::{Alarm, Seen, Witness, WitnessAnswer};
pub use witnessed::{
    SignedHead, each_entry, entries_from, export, first_entry, prove_entry, root_over, signed_head,
    witnessed_heads,
};
