//! May this person do this, for this purpose, now?
//!
//! [`decide`] is a pure function over the rules in `policy/` ([`Policy`]). Its answer becomes a
//! [`Permit`] only when the same decision stands in the ledger, durably: [`Permit::join`] takes
//! both tokens, and neither can be made outside its crate.

mod act;
mod area;
mod audit;
mod by_act;
mod clause;
mod clock;
mod content;
mod decide;
mod demand;
mod permit;
mod policy;
mod prohibited;
mod reach;
mod release;
mod reports;
mod retention;
mod rule;
mod security;
mod tripwire;
mod watch;

pub use act::{
    AcknowledgeAlert, Action, AddCamera, AddWebhook, AlertName, AlertStep, AnswerQuestion,
    ApprovalAsked, ApprovalId, ApproveCourse, ApproveSearches, AskApproval, BackUp, BookEvidence,
    BringsList, Canvass, Case, CaseStanding, ChangeRetention, ChangeStatus, ClassifyCamera,
    ClearWords, CloseAlert, Confirm, ConfirmList, ConfirmLocalEntry, ConfirmPicture, ConfirmTime,
    CourseVersion, Covers, CustodyStep, DecideRequest, DeclarationId, DrawSample, EndAuthorisation,
    EndFeed, EndRole, EndSessions, EnrolMember, EnrolTerminal, EnterLocalEntry, Evidence,
    EvidenceId, ExportCorrections, ExportEverything, ExtendHold, FeedFrom, FileDeclaration,
    FileRequest, FindListUnchanged, Finding, GiveRole, GrantAuthorisation, HandOut, HoldId,
    HoldKind, ImportCases, ImportId, ImportList, InArea, IssueEnrolmentCode, JudgeAccess,
    JudgeException, KeepReads, LeavesAs, LedgerOnly, LedgerScope, ListImport, LocalEntry,
    LocalEntryId, LocalEntryName, Matter, MemberStatus, NoteCustody, OpenAlert, OpenQuestion,
    OpenSample, PlaceCamera, PlaceHold, Proposal, ProposalId, Propose, Proposed, PublishReport,
    Purge, QuestionId, QuestionName, ReadId, ReadsLedger, Recipient, RecordCheck, RecordTraining,
    RegisterMedium, ReleaseHold, ReleaseMember, ReleaseReads, RemoveCamera, RemoveTerminal,
    RemoveWebhook, RenewLocalEntry, ReportException, RequestId, RetireMedium, ReviewLedger,
    ReviewPolicy, RevokeDeclaration, Sample, SampleId, SampleName, Sampled, Scene, Scope, Search,
    SeeAccess, SeeAlerts, SeeApprovals, SeeCases, SeeCorrections, SeeEvidence, SeeFeeds,
    SeeFigures, SeeHolds, SeeLists, SeeLocalEntries, SeeProof, SeeProposals, SeeQuestions,
    SeeReport, SeeRequests, SeeRetention, SeeSamples, SeeStation, SeeToAlarm, SeeWebhooks,
    SendAlert, SetFeed, SetListTerms, Standing, StartPurge, StatedPurpose, StatusChange, Subject,
    TakeList, TrainingId, TrainingRecord, TurnPage, VerifyReport, Wanted, WatchAlerts,
    WithdrawLocalEntry, Within,
};
pub use area::{Area, AreaError, Position};
pub use audit::{Access, AuditRules, draw_accesses};
pub use clause::{Clause, ClauseState};
pub use clock::{Clock, SystemClock};
pub use content::{
    ApprovedSearches, CameraFacts, Class, Content, MemberFacts, Picture, PictureId, Principal, Role,
};
pub use decide::{Decided, Granted, Moment, Refusal, Refused, Request, decide};
pub use demand::{Demand, Instrument, Issuer};
pub use ledger::{AlertId, CameraId, FeedId, HotlistId, MediumId, MemberId, TerminalId, WebhookId};
pub use permit::{Disclosure, Permit, PermitError};
pub use policy::{ClassText, DeviceClass, Policy, PolicyError, PolicyFiles, Purpose};
pub use prohibited::{Prohibited, ProhibitedPurpose, Spoken};
pub use release::{
    Affirmation, AgencyKind, Declaration, Defect, ReleaseRules, is_same as is_same_agency,
};
pub use reports::{Every, FieldText, ReportRules, ReportText, RowText};
pub use retention::{KeepingRules, Period, Preset, PresetStatus, RetentionClass, Unit};
pub use rule::Rule;
pub use security::Security;
pub use tripwire::{Trips, Tripwire, Use};
pub use watch::{Doubt, WatchedClock};
