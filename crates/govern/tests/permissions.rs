//! Who may do what, in which circumstances, and by which rules: the golden matrix.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "support/golden.rs"]
mod golden;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crypt::{Id, SystemRandom, sha256};
use govern::{
    AcknowledgeAlert, Action, AddCamera, AddWebhook, AgencyKind, AlertName, AnswerQuestion,
    ApprovalAsked, ApproveCourse, ApproveSearches, ApprovedSearches, AskApproval, BackUp,
    BookEvidence, CameraFacts, CameraId, Canvass, CaseStanding, ChangeRetention, ChangeStatus,
    Class, ClassifyCamera, ClearWords, CloseAlert, Confirm, ConfirmList, ConfirmLocalEntry,
    ConfirmPicture, ConfirmTime, CourseVersion, Covers, CustodyStep, DecideRequest, Decided,
    Defect, DrawSample, EndAuthorisation, EndFeed, EndRole, EndSessions, EnrolMember,
    EnrolTerminal, EnterLocalEntry, ExportCorrections, ExportEverything, ExtendHold, FeedFrom,
    FileDeclaration, FileRequest, FindListUnchanged, Finding, GiveRole, GrantAuthorisation,
    HoldKind, ImportCases, ImportList, IssueEnrolmentCode, JudgeAccess, JudgeException, KeepReads,
    LeavesAs, LedgerOnly, LedgerScope, LocalEntry, LocalEntryName, Matter, MemberFacts, MemberId,
    MemberStatus, Moment, NoteCustody, OpenAlert, OpenQuestion, OpenSample, Period, PlaceCamera,
    PlaceHold, Policy, PolicyFiles, Position, Principal, Proposal, Propose, PublishReport, Purge,
    QuestionName, Recipient, RecordCheck, RecordTraining, RegisterMedium, ReleaseHold,
    ReleaseMember, ReleaseReads, RemoveCamera, RemoveTerminal, RemoveWebhook, RenewLocalEntry,
    ReportException, Request, RetentionClass, RetireMedium, ReviewLedger, ReviewPolicy,
    RevokeDeclaration, Role, SampleName, Sampled, Scope, Search, SeeAccess, SeeAlerts,
    SeeApprovals, SeeCases, SeeCorrections, SeeEvidence, SeeFeeds, SeeFigures, SeeHolds, SeeLists,
    SeeLocalEntries, SeeProof, SeeProposals, SeeQuestions, SeeReport, SeeRequests, SeeRetention,
    SeeSamples, SeeStation, SeeToAlarm, SeeWebhooks, SendAlert, SetFeed, SetListTerms, Standing,
    StartPurge, StatedPurpose, StatusChange, Subject, TakeList, TurnPage, Unit, VerifyReport,
    Wanted, WatchAlerts, WithdrawLocalEntry, Within, decide,
};
use hotlist::{
    About, Action as Deed, Check, CheckResult, Class as ListClass, Disposition, Exception,
    PictureCheck, State, Terms, Vehicle,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use ledger::Salt;

const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/permissions.txt");
const HOW: &str = "cargo nextest run -p govern --test permissions";
const HEAD: &str = "\
# Who may do what, and by which rules of policy/access.cedar. For each act and what is asked: the facts
# that hold, then, by training, what is decided, under which clause, by which rules, for which roles.
# (none) is no rule: the role does not include the act.
# Written by `LICTOR_REWRITE=1 cargo nextest run -p govern --test permissions`.
";

/// One thing that can be asked.
struct Case {
    act: &'static str,
    what: &'static str,
    ask: Box<Ask>,
}

type Ask = dyn Fn(&Policy, &Principal) -> Judged;

/// What was decided: facts, verdict with clauses, rules.
struct Judged {
    facts: Vec<(&'static str, bool)>,
    verdict: String,
    rules: Vec<String>,
}

fn case<A: Action + 'static>(what: &'static str, act: impl Fn(&Principal) -> A + 'static) -> Case {
    case_when(false, what, act)
}

fn case_in_doubtful_time<A: Action + 'static>(
    what: &'static str,
    act: impl Fn(&Principal) -> A + 'static,
) -> Case {
    case_when(true, what, act)
}

fn case_when<A: Action + 'static>(
    time_doubtful: bool,
    what: &'static str,
    act: impl Fn(&Principal) -> A + 'static,
) -> Case {
    let ask = move |policy: &Policy, who: &Principal| {
        let act = act(who);
        let facts = act.facts(who, policy);
        let moment = Moment {
            time_doubtful,
            now: now(),
            id: Id::random(&SystemRandom),
            salt: Salt::random(&SystemRandom),
        };
        let request = Request {
            act,
            who: who.clone(),
            session: None,
            address: "this machine".into(),
        };
        let (verdict, decision) = match decide(policy, request, moment) {
            Decided::Granted(granted) => ("permit", granted.decision().clone()),
            Decided::Refused(refused) => ("refuse", refused.decision().clone()),
        };
        Judged {
            facts,
            verdict: format!("{verdict} {}", decision.clauses.join(" ")),
            rules: decision.policies,
        }
    };
    Case {
        act: A::NAME,
        what,
        ask: Box::new(ask),
    }
}

fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn member(roles: &[Role], trained: bool) -> Principal {
    Principal::Member(MemberFacts {
        id: Id::random(&SystemRandom),
        name: "Rowan Marsh".into(),
        badge: "417".into(),
        roles: roles.to_vec(),
        trained_until: trained.then(|| now() + 24.hours()),
        authorised: vec![Class("department-confidential".into())],
        approved: vec![ApprovedSearches {
            purpose: "ordinance".into(),
            case: Some("26-01877".into()),
        }],
    })
}

fn search(code: &str, case: Option<&str>, words: Option<&str>) -> Search {
    Search::new(
        "7KX4821".parse().unwrap(),
        StatedPurpose {
            code: code.into(),
            case: case.map(Into::into),
            words: words.map(Into::into),
        },
    )
}

fn review(scope: LedgerScope) -> ReviewLedger {
    ReviewLedger {
        scope,
        most: 1,
        before: None,
        only: LedgerOnly::default(),
    }
}

fn training(of: MemberId) -> RecordTraining {
    RecordTraining {
        of: subject(of, false),
        enrolled_by: Some(another()),
        course: initial_course(),
        approved: Some(12),
        completed: "2026-11-20".parse().unwrap(),
        expires: "2027-11-20".parse().unwrap(),
        proof: None,
    }
}

fn classify(from: Option<&str>) -> ClassifyCamera {
    ClassifyCamera {
        camera: CameraId::from_bytes([7; 16]),
        name: "depot-road".into(),
        from: from.map(|class| Class(class.into())),
        to: Some(Class("federal".into())),
        why: "it stands at a federal building".into(),
    }
}

fn initial_course() -> CourseVersion {
    CourseVersion {
        course: "Initial course".into(),
        version: "1".into(),
    }
}

fn proof(of: MemberId) -> SeeProof {
    SeeProof {
        record: Id::random(&SystemRandom),
        of: subject(of, false),
    }
}

fn enrol(role: &str) -> EnrolMember {
    EnrolMember {
        login: "lee.quill".into(),
        name: "Lee Quill".into(),
        badge: "440".into(),
        roles: vec![Role(role.into())],
    }
}

fn confirm_list(imported_by: MemberId) -> ConfirmList {
    ConfirmList {
        import: Id::random(&SystemRandom),
        name: "State extract".into(),
        imported_by,
    }
}

fn alert(state: State, restricted: bool) -> AlertName {
    AlertName {
        id: Id::random(&SystemRandom),
        number: 17,
        state,
        restricted,
        class: ListClass::State,
        list: Id::random(&SystemRandom),
    }
}

fn open(alert: AlertName) -> OpenAlert {
    OpenAlert {
        alert,
        seen_by: vec![],
    }
}

fn of_class(class: ListClass) -> OpenAlert {
    open(AlertName {
        class,
        ..alert(State::Raised, false)
    })
}

/// Seen by cameras of this class alone.
fn seen_by(class: &str) -> OpenAlert {
    OpenAlert {
        alert: alert(State::Raised, false),
        seen_by: vec![Class(class.into())],
    }
}

fn ordinance(case: &str) -> Search {
    search("ordinance", Some(case), Some("Overnight parking"))
}

fn question(about: MemberId) -> QuestionName {
    QuestionName {
        id: Id::random(&SystemRandom),
        about,
        uses: vec![],
    }
}

fn publish() -> PublishReport {
    PublishReport {
        report: "transparency".into(),
        month: "2026-10-01".parse().unwrap(),
    }
}

fn draw() -> DrawSample {
    DrawSample {
        sample: Id::random(&SystemRandom),
        first: "2026-10-01".parse().unwrap(),
        last: "2026-10-31".parse().unwrap(),
        entries: 4711,
        seed: sha256(b"the head"),
        most: 25,
    }
}

fn sample() -> SampleName {
    SampleName {
        id: Id::random(&SystemRandom),
        serial: 1,
        accesses: vec![],
    }
}

fn judge_access(by: MemberId) -> JudgeAccess {
    let access = Sampled {
        entry: 77,
        decision: Id::random(&SystemRandom),
        by,
    };
    JudgeAccess {
        sample: sample(),
        access,
        finding: Finding::InOrder,
        words: "The burglary".into(),
    }
}

fn answer(about: MemberId) -> AnswerQuestion {
    AnswerQuestion {
        question: question(about),
        finding: Finding::InOrder,
        words: "The same burglary".into(),
    }
}

fn ask(search: Search) -> AskApproval {
    AskApproval {
        id: Id::random(&SystemRandom),
        purpose: search.purpose,
        case: search.case,
    }
}

fn approve(by: MemberId, hours: u32) -> ApproveSearches {
    ApproveSearches {
        asked: ApprovalAsked {
            id: Id::random(&SystemRandom),
            by,
            login: "lee.quill".into(),
            purpose: ordinance("26-01877").purpose,
            entry: 7,
        },
        hours,
    }
}

fn close(state: State, action: Deed) -> CloseAlert {
    CloseAlert {
        alert: alert(state, false),
        disposition: Disposition {
            action,
            words: "Depot Road".into(),
        },
    }
}

fn another() -> MemberId {
    Id::random(&SystemRandom)
}

fn oneself(who: &Principal) -> MemberId {
    match who {
        Principal::Member(member) => member.id,
        Principal::Camera(_) | Principal::Station => another(),
    }
}

fn subject(member: MemberId, office: bool) -> Subject {
    Subject {
        member,
        login: "lee.quill".into(),
        office,
    }
}

fn give(to: MemberId, role: &str) -> GiveRole {
    GiveRole {
        to: subject(to, false),
        role: Role(role.into()),
        until: None,
        why: "Nights".into(),
    }
}

fn end(of: MemberId, role: &str) -> EndRole {
    EndRole {
        of: subject(of, false),
        role: Role(role.into()),
        why: "Nights".into(),
    }
}

fn suspend(of: Subject) -> ChangeStatus {
    ChangeStatus {
        of,
        from: MemberStatus::Active,
        change: StatusChange::Suspend,
        why: "On leave".into(),
    }
}

fn grant(to: MemberId) -> GrantAuthorisation {
    GrantAuthorisation {
        to: subject(to, false),
        class: Class("state".into()),
        until: now(),
        why: "Task force".into(),
    }
}

fn canvass(code: &str, case: Option<&str>, words: Option<&str>) -> Canvass {
    Canvass {
        scenes: vec![],
        plate: None,
        purpose: search(code, case, words).purpose,
        case: CaseStanding::NoList,
    }
}

fn turn_page(code: &str, case: Option<&str>, words: Option<&str>) -> TurnPage {
    TurnPage {
        answer: 12,
        asked: "plate 7KX4821".into(),
        first: 101,
        lines: 100,
        reads: vec![],
        purpose: search(code, case, words).purpose,
        case: CaseStanding::NoList,
    }
}

fn standing() -> Standing {
    Standing {
        complete: true,
        ..Standing::default()
    }
}

fn clear(filed_by: MemberId, prohibited: bool) -> ClearWords {
    ClearWords {
        number: 3,
        filed_by,
        prohibited,
        words: "ice".into(),
        why: "An ice storm".into(),
    }
}

fn decide_request(filed_by: MemberId, standing: Standing) -> DecideRequest {
    DecideRequest {
        counsel: None,
        number: 3,
        kind: AgencyKind::LawEnforcement,
        filed_by,
        approve: true,
        asked: "plate DK48213".into(),
        why: "A homicide".into(),
        standing,
    }
}

fn release(standing: Standing) -> ReleaseReads {
    ReleaseReads {
        number: 3,
        to: "Harlan County Sheriff".into(),
        scope: Scope {
            plate: "DK48213".parse().unwrap(),
            cameras: vec![],
            from: now(),
            until: now(),
        },
        standing,
    }
}

fn book(number: &str, case: Option<&str>) -> BookEvidence {
    book_for(number, search("crime", case, None))
}

fn book_for(number: &str, search: Search) -> BookEvidence {
    BookEvidence {
        evidence: Id::random(&SystemRandom),
        number: number.into(),
        reads: vec![Id::random(&SystemRandom)],
        purpose: search.purpose,
        case: search.case,
        hold: Id::random(&SystemRandom),
        review_on: "2027-02-22".parse().unwrap(),
        leaves: sealed_for(&[
            "age1kzfkkdp2h0k2sxjx5yxqly67996etmazg24zdrzql9unmtjw9usqamrc8r Lena Voss",
        ]),
    }
}

fn sealed_for(recipients: &[&str]) -> LeavesAs {
    LeavesAs::SealedFor(Recipient::all_of(&recipients.join(" ")).unwrap())
}

fn folder_on(registered: bool) -> LeavesAs {
    LeavesAs::FolderOn {
        medium: Id::random(&SystemRandom),
        label: "Evidence 7".into(),
        registered,
    }
}

fn custody(booked_by: MemberId, step: CustodyStep) -> NoteCustody {
    NoteCustody {
        evidence: Id::random(&SystemRandom),
        number: "26-E-0412".into(),
        booked_by,
        step,
    }
}

fn handed_over() -> CustodyStep {
    CustodyStep::HandedOver {
        to: "Lena Voss".into(),
        why: "Trial".into(),
    }
}

fn medium_failed() -> CustodyStep {
    CustodyStep::Failed {
        medium: "/media/stick".into(),
        why: "no space left".into(),
    }
}

fn place_hold(case: &str, covers: Covers, days_off: i64) -> PlaceHold {
    PlaceHold {
        hold: Id::random(&SystemRandom),
        kind: HoldKind::Discovery,
        case: case.into(),
        why: "Asked for by the defence".into(),
        review_on: "2027-02-01".parse().unwrap(),
        days_off,
        covers,
    }
}

fn some_plate() -> Covers {
    Covers::Matching {
        plate: Some(Box::new("DK48213".parse().unwrap())),
        within: Within::default(),
    }
}

fn everything() -> Covers {
    Covers::Matching {
        plate: None,
        within: Within::default(),
    }
}

fn keep_hold(days_off: i64) -> ExtendHold {
    ExtendHold {
        hold: Id::random(&SystemRandom),
        number: 3,
        why: "The trial goes on".into(),
        review_on: "2027-02-01".parse().unwrap(),
        days_off,
    }
}

fn judge(reported_by: MemberId) -> JudgeException {
    JudgeException {
        alert: alert(State::ClosedByException, false),
        reported_by,
        signs: true,
        why: "A pursuit was on".into(),
    }
}

fn webhook(address: &str) -> AddWebhook {
    AddWebhook {
        id: Id::random(&SystemRandom),
        name: "dispatch".into(),
        address: address.into(),
    }
}

fn list() -> About {
    About {
        name: "State extract".into(),
        source: "State police".into(),
        class: ListClass::State,
        purposes: vec!["stolen".into()],
        refresh_hours: 12,
        mapping: "illinois-extract".into(),
    }
}

fn feed(address: &str) -> SetFeed {
    SetFeed {
        id: Id::random(&SystemRandom),
        name: "nightly".into(),
        about: list(),
        from: FeedFrom::Address {
            address: address.into(),
            authority: None,
        },
        every_minutes: 60,
    }
}

fn whole() -> Wanted {
    Wanted::Plate("DK48213".parse().unwrap())
}

fn part(known: &str, somewhere: bool) -> Wanted {
    let camera = CameraFacts {
        id: Id::random(&SystemRandom),
        name: "elm-and-3rd".into(),
    };
    Wanted::Part {
        pattern: Box::new(known.parse().unwrap()),
        within: Within {
            cameras: somewhere.then_some(camera).into_iter().collect(),
            from: Some(now()),
            until: Some(now()),
        },
    }
}

fn look_out(case: &str, wanted: Wanted, hours: i64) -> EnterLocalEntry {
    EnterLocalEntry {
        id: Id::random(&SystemRandom),
        entry: LocalEntry {
            wanted,
            jurisdiction: None,
            vehicle: Vehicle::default(),
            reason: "Burglary".into(),
            caution: String::new(),
            case: case.into(),
            document: "Report 26-01877".into(),
        },
        until: now(),
        lasts: SignedDuration::from_hours(hours),
    }
}

fn local_entry(entered_by: MemberId, partial: bool) -> LocalEntryName {
    LocalEntryName {
        id: Id::random(&SystemRandom),
        number: 3,
        entered_by,
        partial,
    }
}

fn renew(hours: i64, partial: bool) -> RenewLocalEntry {
    RenewLocalEntry {
        name: local_entry(another(), partial),
        until: now(),
        lasts: SignedDuration::from_hours(hours),
    }
}

fn designee(to: MemberId) -> GiveRole {
    give(to, "chiefs-designee")
}

fn keep(days: u32, schedule: &str) -> ChangeRetention {
    ChangeRetention {
        class: RetentionClass::Read,
        keep: Period {
            amount: days,
            unit: Unit::Days,
        },
        schedule: schedule.into(),
        preset: Some("IL-MUNI".into()),
        disposal: None,
    }
}

/// The record, for less than the floor.
fn record_for_a_year() -> ChangeRetention {
    ChangeRetention {
        class: RetentionClass::Audit,
        keep: Period {
            amount: 12,
            unit: Unit::Months,
        },
        preset: None,
        ..keep(30, "item 7")
    }
}

fn start_purge(armed: bool) -> StartPurge {
    StartPurge {
        classes: "reads without a hit".into(),
        armed,
    }
}

fn purge() -> Purge {
    Purge {
        before: vec![(RetentionClass::Read, now())],
    }
}

fn take_out() -> ExportEverything {
    ExportEverything {
        why: "The records system changes".into(),
    }
}

fn propose<M: Matter>(matter: M) -> Propose<M> {
    Propose {
        id: Id::random(&SystemRandom),
        matter,
    }
}

fn confirm<M: Matter>(matter: M, by: MemberId, late: bool) -> Confirm<M> {
    let proposal = Proposal {
        id: Id::random(&SystemRandom),
        matter,
        by,
        by_deputy_chief: false,
        entry: 7,
        until: now(),
    };
    Confirm { proposal, late }
}

/// Everything that can be asked, in every circumstance that the rules tell apart.
fn cases() -> Vec<Case> {
    vec![
        case("for a crime, with its case number", |_| {
            search("crime", Some("26-01877"), None)
        }),
        case("for a crime, without a case number", |_| {
            search("crime", None, None)
        }),
        case(
            "for a crime, with a number that is none of the agency's",
            |_| search("crime", Some("a friend asked"), None),
        ),
        case(
            "for a crime, with a case that is not open on the list",
            |_| Search {
                case: CaseStanding::NotOpen,
                ..search("crime", Some("26-01877"), None)
            },
        ),
        case("for a civil action, with number and words", |_| {
            search("civil", Some("26-01877"), Some("Tow notice"))
        }),
        case("for a civil action, without words", |_| {
            search("civil", Some("26-01877"), None)
        }),
        case("for oneself", |_| search("personal", None, None)),
        case("for an ordinance, in a case that is approved", |_| {
            ordinance("26-01877")
        }),
        case("for an ordinance, in another case", |_| {
            ordinance("26-01878")
        }),
        case("for a crime, with its case number", |_| {
            canvass("crime", Some("26-01877"), None)
        }),
        case("for a crime, without a case number", |_| {
            canvass("crime", None, None)
        }),
        case(
            "for a crime, with a number that is none of the agency's",
            |_| canvass("crime", Some("a friend asked"), None),
        ),
        case(
            "for a crime, with a case that is not open on the list",
            |_| Canvass {
                case: CaseStanding::NotOpen,
                ..canvass("crime", Some("26-01877"), None)
            },
        ),
        case("for a civil action, with number and words", |_| {
            canvass("civil", Some("26-01877"), Some("Tow notice"))
        }),
        case("for a civil action, without words", |_| {
            canvass("civil", Some("26-01877"), None)
        }),
        case("for oneself", |_| canvass("personal", None, None)),
        case(
            "for a civil action, in words of a prohibited purpose",
            |_| search("civil", Some("26-01877"), Some("Immigration status")),
        ),
        case(
            "for a civil action, in words of a prohibited purpose",
            |_| canvass("civil", Some("26-01877"), Some("Immigration status")),
        ),
        case("for an ordinance, in a case that is approved", |_| {
            canvass("ordinance", Some("26-01877"), Some("Overnight parking"))
        }),
        case("for an ordinance, in another case", |_| {
            canvass("ordinance", Some("26-01878"), Some("Overnight parking"))
        }),
        case("for a crime, with a case number", |_| {
            turn_page("crime", Some("26-01877"), None)
        }),
        case("for a crime, without one", |_| {
            turn_page("crime", None, None)
        }),
        case("for a crime, with a number of another form", |_| {
            turn_page("crime", Some("a friend asked"), None)
        }),
        case(
            "for a crime, with a case that is not open on the list",
            |_| TurnPage {
                case: CaseStanding::NotOpen,
                ..turn_page("crime", Some("26-01877"), None)
            },
        ),
        case("for a civil action, without words", |_| {
            turn_page("civil", Some("26-01877"), None)
        }),
        case(
            "for a civil action, in words of a prohibited purpose",
            |_| turn_page("civil", Some("26-01877"), Some("Immigration status")),
        ),
        case("for oneself", |_| turn_page("personal", None, None)),
        case("for an ordinance, in a case that is approved", |_| {
            turn_page("ordinance", Some("26-01877"), Some("Overnight parking"))
        }),
        case("for an ordinance, in another case", |_| {
            turn_page("ordinance", Some("26-01878"), Some("Overnight parking"))
        }),
        case("of another agency", |_| FileRequest {
            request: Id::random(&SystemRandom),
            number: None,
            from: "Harlan County Sheriff".into(),
            paper: None,
        }),
        case("all of them", |_| SeeRequests),
        case("of another agency", |_| FileDeclaration {
            declaration: Id::random(&SystemRandom),
            agency: "Harlan County Sheriff".into(),
            paper: sha256(b""),
        }),
        case("of another agency", |_| RevokeDeclaration {
            declaration: Id::random(&SystemRandom),
            agency: "Harlan County Sheriff".into(),
            why: "Misuse".into(),
        }),
        case("that are harmless", |_| clear(another(), false)),
        case("of a request that they filed", |who| {
            clear(oneself(who), false)
        }),
        case("that are not harmless", |_| clear(another(), true)),
        case("to be approved", |_| decide_request(another(), standing())),
        case("to be refused, whatever stands against it", |_| {
            DecideRequest {
                approve: false,
                ..decide_request(
                    another(),
                    Standing {
                        federal: true,
                        prohibited: true,
                        ..standing()
                    },
                )
            }
        }),
        case("that they filed", |who| {
            decide_request(oneself(who), standing())
        }),
        case_in_doubtful_time("to be approved, while the time is in doubt", |_| {
            decide_request(another(), standing())
        }),
        case("that was approved", |_| release(standing())),
        case("that is a draft", |_| {
            decide_request(
                another(),
                Standing {
                    complete: false,
                    ..standing()
                },
            )
        }),
        case("that is a draft", |_| {
            release(Standing {
                complete: false,
                ..standing()
            })
        }),
        case("of a court, that counsel did not look at", |_| {
            decide_request(
                another(),
                Standing {
                    demand: true,
                    ..standing()
                },
            )
        }),
        case("of a court, that counsel looked at", |_| DecideRequest {
            counsel: Some("Maren Okoye: valid".into()),
            ..decide_request(
                another(),
                Standing {
                    demand: true,
                    ..standing()
                },
            )
        }),
        case("of a federal agency", |_| {
            decide_request(
                another(),
                Standing {
                    federal: true,
                    ..standing()
                },
            )
        }),
        case("of a federal agency", |_| {
            release(Standing {
                federal: true,
                ..standing()
            })
        }),
        case("of anybody else", |_| {
            decide_request(
                another(),
                Standing {
                    outsider: true,
                    ..standing()
                },
            )
        }),
        case("of anybody else", |_| {
            release(Standing {
                outsider: true,
                ..standing()
            })
        }),
        case("of another state, without a declaration", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::Missing),
                    ..standing()
                },
            )
        }),
        case("of another state, without a declaration", |_| {
            release(Standing {
                defect: Some(Defect::Missing),
                ..standing()
            })
        }),
        case("with another agency's declaration", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::OtherAgency),
                    ..standing()
                },
            )
        }),
        case("with another agency's declaration", |_| {
            release(Standing {
                defect: Some(Defect::OtherAgency),
                ..standing()
            })
        }),
        case("with a declaration that nobody signed", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::Unsigned),
                    ..standing()
                },
            )
        }),
        case("with a declaration that nobody signed", |_| {
            release(Standing {
                defect: Some(Defect::Unsigned),
                ..standing()
            })
        }),
        case("with a declaration short of a clause", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::Short),
                    ..standing()
                },
            )
        }),
        case("with a declaration short of a clause", |_| {
            release(Standing {
                defect: Some(Defect::Short),
                ..standing()
            })
        }),
        case("with a declaration that is over", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::Over),
                    ..standing()
                },
            )
        }),
        case("with a declaration that is over", |_| {
            release(Standing {
                defect: Some(Defect::Over),
                ..standing()
            })
        }),
        case("with a declaration that was revoked", |_| {
            decide_request(
                another(),
                Standing {
                    defect: Some(Defect::Revoked),
                    ..standing()
                },
            )
        }),
        case("with a declaration that was revoked", |_| {
            release(Standing {
                defect: Some(Defect::Revoked),
                ..standing()
            })
        }),
        case("for a prohibited purpose", |_| {
            decide_request(
                another(),
                Standing {
                    prohibited: true,
                    ..standing()
                },
            )
        }),
        case("for a prohibited purpose", |_| {
            release(Standing {
                prohibited: true,
                ..standing()
            })
        }),
        case("with words that nobody cleared", |_| {
            decide_request(
                another(),
                Standing {
                    held: true,
                    ..standing()
                },
            )
        }),
        case("with words that nobody cleared", |_| {
            release(Standing {
                held: true,
                ..standing()
            })
        }),
        case_in_doubtful_time("that was approved, while the time is in doubt", |_| {
            release(standing())
        }),
        case("for an ordinance", |_| ask(ordinance("26-01877"))),
        case("for an ordinance, without a case", |_| {
            ask(search("ordinance", None, Some("Overnight parking")))
        }),
        case("for an ordinance, with a number that is none", |_| {
            ask(ordinance("a friend asked"))
        }),
        case("for an ordinance, with a case that is not open", |_| {
            ask(Search {
                case: CaseStanding::NotOpen,
                ..ordinance("26-01877")
            })
        }),
        case("for an ordinance, without words", |_| {
            ask(search("ordinance", Some("26-01877"), None))
        }),
        case("for a purpose that needs no supervisor", |_| {
            ask(search("crime", Some("26-01877"), None))
        }),
        case("for an ordinance, in words of a prohibited purpose", |_| {
            ask(search(
                "ordinance",
                Some("26-01877"),
                Some("Immigration status"),
            ))
        }),
        case("for none of the department's purposes", |_| {
            ask(search("personal", None, None))
        }),
        case("of another, for a shift", |_| approve(another(), 8)),
        case("of another, for too long", |_| approve(another(), 73)),
        case("their own", |who| approve(oneself(who), 8)),
        case_in_doubtful_time("of another, while the time is in doubt", |_| {
            approve(another(), 8)
        }),
        case("as they come", |_| WatchAlerts),
        case("that another reported", |_| judge(another())),
        case("that they reported themselves", |who| judge(oneself(who))),
        case("all of them", |_| SeeCorrections),
        case("all of them", |_| ExportCorrections),
        case("of every camera and list", |_| SeeFigures),
        case("over https", |_| {
            webhook("https://cad.ashford-falls.example/alerts")
        }),
        case("in the clear", |_| {
            webhook("http://cad.ashford-falls.example/alerts")
        }),
        case("that there is", |_| RemoveWebhook {
            id: Id::random(&SystemRandom),
            name: "dispatch".into(),
        }),
        case("all of them", |_| SeeWebhooks),
        case("all of it", |_| SeeAccess),
        case("to a webhook of theirs", |_| SendAlert {
            webhook: Id::random(&SystemRandom),
            name: "dispatch".into(),
            alert: alert(State::Raised, false),
        }),
        case("over https", |_| {
            feed("https://lists.state.example/extract.csv")
        }),
        case("in the clear", |_| {
            feed("http://lists.state.example/extract.csv")
        }),
        case("that there is", |_| EndFeed {
            id: Id::random(&SystemRandom),
            name: "nightly".into(),
        }),
        case("all of them", |_| SeeFeeds),
        case("that came by itself", |_| TakeList {
            feed: Id::random(&SystemRandom),
            name: "nightly".into(),
            set_by: another(),
            about: list(),
            sha256: sha256(b"a file"),
        }),
        case("at its source", |_| FindListUnchanged {
            feed: Id::random(&SystemRandom),
            name: "nightly".into(),
            list: "State extract".into(),
            sha256: sha256(b"a file"),
        }),
        case("of a whole plate", |_| look_out("26-01877", whole(), 24)),
        case("of a whole plate, for another case's number", |_| {
            look_out("a friend asked", whole(), 24)
        }),
        case("of a whole plate, without a document", |_| {
            let mut act = look_out("26-01877", whole(), 24);
            act.entry.document.clear();
            act
        }),
        case("of a whole plate, for half a year", |_| {
            look_out("26-01877", whole(), 24 * 180)
        }),
        case("of a whole plate, for a prohibited purpose", |_| {
            let mut act = look_out("26-01877", whole(), 24);
            act.entry.reason = "Immigration status".into();
            act
        }),
        case("of part of a plate, at a camera for a time", |_| {
            look_out("26-01877", part("7K?48*", true), 24)
        }),
        case("of part of a plate, everywhere", |_| {
            look_out("26-01877", part("7K?48*", false), 24)
        }),
        case("of too little of a plate", |_| {
            look_out("26-01877", part("7K*", true), 24)
        }),
        case("of part of a plate, for two days", |_| {
            look_out("26-01877", part("7K?48*", true), 48)
        }),
        case("that another made", |_| {
            ConfirmLocalEntry(local_entry(another(), false))
        }),
        case_in_doubtful_time("that another made", |_| {
            ConfirmLocalEntry(local_entry(another(), false))
        }),
        case("that they made themselves", |who| {
            ConfirmLocalEntry(local_entry(oneself(who), false))
        }),
        case("for a day", |_| renew(24, false)),
        case("with part of a plate, for two days", |_| renew(48, true)),
        case("that is over", |who| WithdrawLocalEntry {
            name: local_entry(oneself(who), false),
            why: "Found".into(),
        }),
        case("all of them", |_| SeeLocalEntries),
        case("for how long", |_| SeeRetention),
        case("of what is armed", |_| start_purge(true)),
        case("of what is not armed", |_| start_purge(false)),
        case_in_doubtful_time("of what is armed, while the time is in doubt", |_| {
            start_purge(true)
        }),
        case("what is past its time", |_| purge()),
        case_in_doubtful_time("what is past its time, while the time is in doubt", |_| {
            purge()
        }),
        case("with its number, for a case", |_| {
            book("26-E-0412", Some("26-01877"))
        }),
        case("without a number", |_| book("", Some("26-01877"))),
        case("for no case", |_| book("26-E-0412", None)),
        case("sealed for nobody", |_| BookEvidence {
            leaves: sealed_for(&[]),
            ..book("26-E-0412", Some("26-01877"))
        }),
        case("onto a registered medium", |_| BookEvidence {
            leaves: folder_on(true),
            ..book("26-E-0412", Some("26-01877"))
        }),
        case("onto a medium that is not registered", |_| BookEvidence {
            leaves: folder_on(false),
            ..book("26-E-0412", Some("26-01877"))
        }),
        case("of no read", |_| BookEvidence {
            reads: vec![],
            ..book("26-E-0412", Some("26-01877"))
        }),
        case("in a case that is not open on the list", |_| BookEvidence {
            case: CaseStanding::NotOpen,
            ..book("26-E-0412", Some("26-01877"))
        }),
        case("for oneself", |_| {
            book_for("26-E-0412", search("personal", None, None))
        }),
        case("for a civil action, without words", |_| {
            book_for("26-E-0412", search("civil", Some("26-01877"), None))
        }),
        case(
            "for a civil action, in words of a prohibited purpose",
            |_| {
                let words = Some("Immigration status");
                book_for("26-E-0412", search("civil", Some("26-01877"), words))
            },
        ),
        case("for an ordinance, in a case that is approved", |_| {
            book_for("26-E-0412", ordinance("26-01877"))
        }),
        case("for an ordinance, in another case", |_| {
            book_for("26-E-0412", ordinance("26-01878"))
        }),
        case("with a number that is no case's", |_| {
            book("26-E-0412", Some("a friend asked"))
        }),
        case_in_doubtful_time("in doubtful time", |_| book("26-E-0412", Some("26-01877"))),
        case("all of it", |_| SeeEvidence),
        case("handed over", |_| custody(another(), handed_over())),
        case("a medium of one's own", |who| {
            custody(oneself(who), medium_failed())
        }),
        case("a medium of another's", |_| {
            custody(another(), medium_failed())
        }),
        case("of a plate", |_| place_hold("26-01877", some_plate(), 90)),
        case("of a plate, for what is no case", |_| {
            place_hold("a friend asked", some_plate(), 90)
        }),
        case("of a plate, to be looked at in a year", |_| {
            place_hold("26-01877", some_plate(), 365)
        }),
        case("of everything", |_| {
            place_hold("26-01877", everything(), 90)
        }),
        case("that is still needed", |_| keep_hold(90)),
        case("that is still needed for a year", |_| keep_hold(365)),
        case("that is over", |_| ReleaseHold {
            hold: Id::random(&SystemRandom),
            number: 3,
            why: "The case is closed".into(),
        }),
        case("all of them", |_| SeeHolds),
        case("their own", |_| SeeApprovals {
            scope: LedgerScope::Own,
        }),
        case("everybody's", |_| SeeApprovals {
            scope: LedgerScope::Everyone,
        }),
        case("their own entries", |_| review(LedgerScope::Own)),
        case("everybody's entries", |_| review(LedgerScope::Everyone)),
        case("the questions", |_| SeeQuestions),
        case("one about another", |_| OpenQuestion(question(another()))),
        case("one about themselves", |who| {
            OpenQuestion(question(oneself(who)))
        }),
        case("of a month", |_| SeeReport {
            report: "monthly".into(),
            first: "2026-10-01".parse().unwrap(),
            last: "2026-10-31".parse().unwrap(),
            form: "page".into(),
        }),
        case("of a month", |_| VerifyReport {
            report: "monthly".into(),
            first: "2026-10-01".parse().unwrap(),
            last: "2026-10-31".parse().unwrap(),
        }),
        case("of a month", |_| publish()),
        case_in_doubtful_time("of a month", |_| publish()),
        case("of a month", |_| draw()),
        case_in_doubtful_time("of a month", |_| draw()),
        case("all of them", |_| SeeSamples),
        case("with its accesses", |_| OpenSample(sample())),
        case("another's", |_| judge_access(another())),
        case("one's own", |who| judge_access(oneself(who))),
        case("one about another", |_| answer(another())),
        case("one about themselves", |who| answer(oneself(who))),
        case("with the evidence of a month", |_| ReviewPolicy {
            days: 30,
        }),
        case("members and cameras", |_| SeeStation),
        case("of another", |_| training(another())),
        case_in_doubtful_time("of another, while the time is in doubt", |_| {
            training(another())
        }),
        case("their own", |who| training(oneself(who))),
        case("of somebody whom they enrolled", |who| RecordTraining {
            enrolled_by: Some(oneself(who)),
            ..training(another())
        }),
        case("of another, in a version that was not approved", |_| {
            RecordTraining {
                approved: None,
                ..training(another())
            }
        }),
        case("of another, for longer than the course allows", |_| {
            RecordTraining {
                expires: "2027-11-21".parse().unwrap(),
                ..training(another())
            }
        }),
        case("of another", |_| proof(another())),
        case("of their own", |who| proof(oneself(who))),
        case("to another", |_| grant(another())),
        case_in_doubtful_time("to another, while the time is in doubt", |_| {
            grant(another())
        }),
        case("to oneself", |who| grant(oneself(who))),
        case("of another", |_| EndAuthorisation {
            of: subject(another(), false),
            class: Class("state".into()),
            why: "Over".into(),
        }),
        case("the office of another", |_| propose(designee(another()))),
        case("their own office", |who| propose(designee(oneself(who)))),
        case("a role that one person gives", |_| {
            propose(give(another(), "officer"))
        }),
        case("for another", |_| {
            confirm(designee(another()), another(), false)
        }),
        case("for themselves", |who| {
            confirm(designee(oneself(who)), another(), false)
        }),
        case("what they proposed", |who| {
            confirm(designee(another()), oneself(who), false)
        }),
        case("too late", |_| {
            confirm(designee(another()), another(), true)
        }),
        case_in_doubtful_time("for another, while the time is in doubt", |_| {
            confirm(designee(another()), another(), false)
        }),
        case("what the Deputy Chief proposed", |_| Confirm {
            proposal: Proposal {
                by_deputy_chief: true,
                ..confirm(designee(another()), another(), false).proposal
            },
            late: false,
        }),
        case("a role that one person gives", |_| {
            confirm(give(another(), "officer"), another(), false)
        }),
        case("30 days, by the schedule", |_| propose(keep(30, "item 7"))),
        case("30 days, by nothing", |_| propose(keep(30, ""))),
        case("the record for too short a time", |_| {
            propose(record_for_a_year())
        }),
        case("31 days, where the preset says 30", |_| {
            propose(keep(31, "item 7"))
        }),
        case("what another proposed", |_| {
            confirm(keep(30, "item 7"), another(), false)
        }),
        case("what the Deputy Chief proposed", |_| Confirm {
            proposal: Proposal {
                by_deputy_chief: true,
                ..confirm(keep(30, "item 7"), another(), false).proposal
            },
            late: false,
        }),
        case("what they proposed", |who| {
            confirm(keep(30, "item 7"), oneself(who), false)
        }),
        case("too late", |_| confirm(keep(30, "item 7"), another(), true)),
        case("the record for too short a time", |_| {
            confirm(record_for_a_year(), another(), false)
        }),
        case_in_doubtful_time("what another proposed, while the time is in doubt", |_| {
            confirm(keep(30, "item 7"), another(), false)
        }),
        case("by nothing", |_| confirm(keep(30, ""), another(), false)),
        case("beyond the preset", |_| {
            confirm(keep(31, "item 7"), another(), false)
        }),
        case("everything", |_| propose(take_out())),
        case("what another proposed", |_| {
            confirm(take_out(), another(), false)
        }),
        case("what the Deputy Chief proposed", |_| Confirm {
            proposal: Proposal {
                by_deputy_chief: true,
                ..confirm(take_out(), another(), false).proposal
            },
            late: false,
        }),
        case("what they proposed", |who| {
            confirm(take_out(), oneself(who), false)
        }),
        case("too late", |_| confirm(take_out(), another(), true)),
        case_in_doubtful_time("what another proposed, while the time is in doubt", |_| {
            confirm(take_out(), another(), false)
        }),
        case("what is proposed", |_| SeeProposals),
        case("the list", |_| SeeCases),
        case("a list", |_| ImportCases {
            cases: vec![],
            file: sha256(b"number"),
        }),
        case("a course", |_| ApproveCourse {
            course: initial_course(),
            months: 12,
        }),
        case("an officer", |_| enrol("officer")),
        case("somebody with an office", |_| enrol("auditor")),
        case("somebody with an office that two people give", |_| {
            enrol("chiefs-designee")
        }),
        case("a role to another", |_| give(another(), "officer")),
        case_in_doubtful_time("a role to another, while the time is in doubt", |_| {
            give(another(), "officer")
        }),
        case("a role to oneself", |who| give(oneself(who), "officer")),
        case("an office to another", |_| give(another(), "auditor")),
        case("an office that two people give", |_| {
            give(another(), "chiefs-designee")
        }),
        case("the office of Deputy Chief, with a last day", |_| {
            GiveRole {
                until: Some(now()),
                ..give(another(), "deputy-chief")
            }
        }),
        case("a role of another", |_| end(another(), "officer")),
        case("their own role", |who| end(oneself(who), "officer")),
        case("an office of another", |_| end(another(), "auditor")),
        case("their own office", |who| end(oneself(who), "auditor")),
        case("another", |_| suspend(subject(another(), false))),
        case("another, who holds an office", |_| {
            suspend(subject(another(), true))
        }),
        case("themselves", |who| suspend(subject(oneself(who), false))),
        case("another", |_| IssueEnrolmentCode {
            of: subject(another(), false),
        }),
        case("another, who holds an office", |_| IssueEnrolmentCode {
            of: subject(another(), true),
        }),
        case("themselves", |who| IssueEnrolmentCode {
            of: subject(oneself(who), false),
        }),
        case("another", |_| EndSessions {
            of: subject(another(), false),
        }),
        case("themselves", |who| ReleaseMember {
            member: oneself(who),
            login: "lee.quill".into(),
        }),
        case("another", |_| ReleaseMember {
            member: another(),
            login: "lee.quill".into(),
        }),
        case("a camera", |_| AddCamera {
            name: "depot-road".into(),
            place: "Depot Road".into(),
            class: None,
        }),
        case("a terminal", |_| EnrolTerminal {
            name: "car-12".into(),
            place: "Car 12".into(),
            class: "conveyance".into(),
        }),
        case("a terminal's key", |_| RemoveTerminal {
            terminal: Id::random(&SystemRandom),
            name: "car-12".into(),
        }),
        case("a medium", |_| RegisterMedium {
            medium: Id::random(&SystemRandom),
            label: "Evidence 7".into(),
        }),
        case("a medium", |_| RetireMedium {
            medium: Id::random(&SystemRandom),
            label: "Evidence 7".into(),
            why: "Lost".into(),
        }),
        case("a camera's key", |_| RemoveCamera {
            camera: CameraId::from_bytes([7; 16]),
            name: "depot-road".into(),
        }),
        case("a camera", |_| PlaceCamera {
            camera: Id::random(&SystemRandom),
            name: "elm-and-3rd".into(),
            position: Position::new(40.0982, -88.9047).ok(),
        }),
        case("a camera without a class", |_| classify(None)),
        case("a camera that has one", |_| classify(Some("state"))),
        case("the whole station", |_| BackUp),
        case("the machine's clock", |_| ConfirmTime { wall: now() }),
        case("an alarm", |_| SeeToAlarm { entry: 7 }),
        case("a state's list", |_| ImportList {
            about: list(),
            sha256: sha256(b"a file"),
        }),
        case("another's import", |_| confirm_list(another())),
        case("their own import", |who| confirm_list(oneself(who))),
        case("of a list", |_| SetListTerms {
            list: Id::random(&SystemRandom),
            name: "State extract".into(),
            terms: Terms {
                false_cost: 9,
                may_be_done: "Stop once it is verified.".into(),
            },
        }),
        case("the lists", |_| SeeLists),
        case("the alerts", |_| SeeAlerts),
        case("one of a list", |_| open(alert(State::Raised, false))),
        case("one of a restricted file", |_| {
            open(alert(State::Raised, true))
        }),
        case("one of a federal list", |_| of_class(ListClass::Federal)),
        case("one of a list that they are authorised for", |_| {
            of_class(ListClass::Department)
        }),
        case(
            "one of a restricted file that they are authorised for",
            |_| {
                open(AlertName {
                    restricted: true,
                    ..of_class(ListClass::Department).alert
                })
            },
        ),
        case("one that only a state's camera saw", |_| seen_by("state")),
        case(
            "one that only a camera saw that they are authorised for",
            |_| seen_by("department-confidential"),
        ),
        case("one that nobody has", |_| {
            AcknowledgeAlert(alert(State::Raised, false))
        }),
        case("what fits", |_| ConfirmPicture {
            alert: alert(State::Acknowledged, false),
            check: PictureCheck {
                plate: true,
                state: true,
                vehicle: true,
            },
        }),
        case("what the database said", |_| RecordCheck {
            alert: alert(State::PictureConfirmed, false),
            check: Check {
                result: CheckResult::Verified,
                database: "LEADS".into(),
                reference: "L-204417".into(),
                asked_at: now(),
                returned: "the record stands".into(),
            },
        }),
        case("with a stop, verified", |_| {
            close(State::Verified, Deed::Stop)
        }),
        case("with a stop, not verified", |_| {
            close(State::PictureConfirmed, Deed::Stop)
        }),
        case("without an action, not verified", |_| {
            close(State::Acknowledged, Deed::NotFound)
        }),
        case("a stop before it was verified", |_| ReportException {
            alert: alert(State::Acknowledged, false),
            exception: Exception {
                action: Deed::Stop,
                why: "the driver fled".into(),
            },
        }),
        case("what a camera saw", |_| KeepReads),
    ]
}

#[test]
fn the_matrix_of_permissions_is_the_one_in_the_repository() {
    let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
    let roles: Vec<Role> = policy.roles().map(|(role, _)| role).collect();
    let camera = Principal::Camera(CameraFacts {
        id: Id::random(&SystemRandom),
        name: "depot-road".into(),
    });
    let mut matrix = String::from(HEAD);
    let mut acts = BTreeSet::new();
    let mut rules = BTreeSet::new();
    let mut facts: BTreeMap<(&str, &str), BTreeSet<bool>> = BTreeMap::new();
    let mut last_act = "";
    for case in cases() {
        acts.insert(case.act.to_owned());
        if case.act != last_act {
            let _ = write!(matrix, "\n{}\n", case.act);
            last_act = case.act;
        }
        let _ = writeln!(matrix, "  {}", case.what);
        let mut holds = BTreeSet::new();
        let mut ask = |who: &Principal| {
            let judged = (case.ask)(&policy, who);
            for (fact, value) in judged.facts {
                facts.entry((case.act, fact)).or_default().insert(value);
                if value {
                    holds.insert(fact);
                }
            }
            let by = match judged.rules.as_slice() {
                [] => "(none)".to_owned(),
                rules => rules.join(" "),
            };
            rules.extend(judged.rules);
            format!("{:<17}{by}", judged.verdict)
        };
        let mut of_roles = |trained| -> Vec<String> {
            let mut decided: Vec<(String, Vec<&str>)> = Vec::new();
            for role in &roles {
                let judged = ask(&member(std::slice::from_ref(role), trained));
                match decided.iter_mut().find(|(known, _)| *known == judged) {
                    Some((_, roles)) => roles.push(&role.0),
                    None => decided.push((judged, vec![&role.0])),
                }
            }
            let line = |(judged, by): (String, Vec<&str>)| match by.len() {
                n if n == roles.len() => format!("{judged}: everybody"),
                _ => format!("{judged}: {}", by.join(" ")),
            };
            decided.into_iter().map(line).collect()
        };
        let (trained, untrained) = (of_roles(true), of_roles(false));
        let standings = if trained == untrained {
            vec![("any", trained)]
        } else {
            vec![("trained", trained), ("untrained", untrained)]
        };
        let camera = ask(&camera);
        let station = ask(&Principal::Station);
        if !holds.is_empty() {
            let holds: Vec<&str> = holds.into_iter().collect();
            let _ = writeln!(matrix, "    facts     {}", holds.join(" "));
        }
        for (standing, lines) in standings {
            for line in lines {
                let _ = writeln!(matrix, "    {standing:<10}{line}");
            }
        }
        let _ = writeln!(matrix, "    camera    {camera}");
        // What the station does by itself is little: only that is told.
        let by_itself = [
            Purge::NAME,
            DrawSample::NAME,
            PublishReport::NAME,
            TakeList::NAME,
            FindListUnchanged::NAME,
        ];
        if by_itself.contains(&case.act) {
            let _ = writeln!(matrix, "    station   {station}");
        }
    }
    let known: BTreeSet<String> = policy.acts().into_iter().collect();
    let missing: Vec<_> = known.difference(&acts).collect();
    assert!(
        missing.is_empty(),
        "add to `cases` in crates/govern/tests/permissions.rs: {missing:?}"
    );
    for rule in policy.rules() {
        assert!(
            rules.contains(&rule.id),
            "no case of crates/govern/tests/permissions.rs is decided by rule {}: add one to `cases`",
            rule.id
        );
    }
    for ((act, fact), values) in facts {
        assert_eq!(
            values.len(),
            2,
            "{act}: no case where {fact} is {}; add one to `cases` in crates/govern/tests/permissions.rs",
            !values.contains(&true)
        );
    }
    golden::compare(MATRIX, &matrix, HOW);
}
