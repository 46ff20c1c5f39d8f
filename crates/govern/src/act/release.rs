//! The release desk (6): requests, declarations, decisions, and what goes out.

use crypt::{Digest, Id};
use jiff::Timestamp;
use ledger::{MemberId, Withdrawal};
use plate::Pattern;

pub use ledger::DeclarationId;

use super::{Action, Facts, HandOut, sealed};
use crate::content::{CameraFacts, Principal};
use crate::policy::Policy;
use crate::release::{AgencyKind, Defect};

/// Marks the ids of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {}
/// Names a request.
pub type RequestId = Id<Request>;

/// What is asked for, and what an approval covers: nothing beyond it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The plate.
    pub plate: Pattern,
    /// By these cameras; by any where there are none.
    pub cameras: Vec<CameraFacts>,
    /// Seen at this time or later.
    pub from: Timestamp,
    /// Seen before this time.
    pub until: Timestamp,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            plate,
            cameras,
            from,
            until,
        } = self;
        write!(f, "plate {plate}")?;
        if !cameras.is_empty() {
            let names: Vec<&str> = cameras.iter().map(|camera| &*camera.name).collect();
            write!(f, ", at {}", names.join(", "))?;
        }
        write!(f, ", from {from:.0} until {until:.0}")
    }
}

/// Where a request stands under the law, worked out anew for each act on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Agency, person, purpose, scope and the written request are all there.
    pub complete: bool,
    /// It comes from a federal agency.
    pub federal: bool,
    /// It comes from neither law enforcement nor a prosecutor.
    pub outsider: bool,
    /// It is a court's or another lawful demand.
    pub demand: bool,
    /// For an agency of another state: why its declaration does not serve.
    pub defect: Option<Defect>,
    /// It speaks of a prohibited purpose and of nothing else.
    pub prohibited: bool,
    /// It may speak of one, and nobody has read and cleared it.
    pub held: bool,
}

impl Standing {
    /// What stands against an approval, and against the release after it: the rules, by their ids in
    /// `policy/access.cedar`.
    pub fn against(&self) -> Vec<&'static str> {
        let defect = self.defect.map(|defect| match defect {
            Defect::Missing => "declaration-on-file",
            Defect::OtherAgency => "declaration-of-that-agency",
            Defect::Unsigned => "declaration-executed",
            Defect::Short => "declaration-affirms-all",
            Defect::Over => "declaration-in-force",
            Defect::Revoked => "declaration-not-revoked",
        });
        let others = [
            (!self.complete, "a-request-is-complete"),
            (self.federal, "no-release-to-federal-agencies"),
            (
                self.outsider,
                "release-to-law-enforcement-and-prosecutors-alone",
            ),
            (self.prohibited, "no-prohibited-purpose"),
            (self.held, "words-read-and-cleared"),
        ];
        let others = others
            .into_iter()
            .filter_map(|(is, rule)| is.then_some(rule));
        others.chain(defect).collect()
    }

    fn facts(&self) -> Facts {
        let defect = |wanted| self.defect == Some(wanted);
        vec![
            ("complete", self.complete),
            ("federal", self.federal),
            ("outsider", self.outsider),
            ("declaration_missing", defect(Defect::Missing)),
            ("declaration_of_another", defect(Defect::OtherAgency)),
            ("declaration_unsigned", defect(Defect::Unsigned)),
            ("declaration_short", defect(Defect::Short)),
            ("declaration_over", defect(Defect::Over)),
            ("declaration_revoked", defect(Defect::Revoked)),
            ("prohibited", self.prohibited),
            ("held", self.held),
        ]
    }
}

/// Enters a request, or what was missing of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRequest {
    /// Which.
    pub request: RequestId,
    /// Its number, where it is a draft already.
    pub number: Option<i64>,
    /// Who asks, in words.
    pub from: String,
    /// SHA-256 of the written request that is attached.
    pub paper: Option<Digest>,
}

/// Sees the requests and the declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeRequests;

/// Clears words of a request that may speak of a prohibited purpose, and do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearWords {
    /// Which.
    pub number: i64,
    /// Who filed it.
    pub filed_by: MemberId,
    /// Whether some of them speak of such a purpose and of nothing else.
    pub prohibited: bool,
    /// The words.
    pub words: String,
    /// Why they are harmless.
    pub why: String,
}

/// Approves or refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideRequest {
    /// Which.
    pub number: i64,
    /// What kind of agency asks.
    pub kind: AgencyKind,
    /// Who filed it.
    pub filed_by: MemberId,
    /// Whether it is approved.
    pub approve: bool,
    /// What is asked, in words.
    pub asked: String,
    /// The reasons.
    pub why: String,
    /// Which counsel looked at it, and what they said.
    pub counsel: Option<String>,
    /// Where it stands.
    pub standing: Standing,
}

/// Makes the package of an approved request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseReads {
    /// Which.
    pub number: i64,
    /// To whom.
    pub to: String,
    /// What was approved.
    pub scope: Scope,
    /// Where it stands now: an approval does not outlive its grounds.
    pub standing: Standing,
}

/// Files a declaration of affirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDeclaration {
    /// Which.
    pub declaration: DeclarationId,
    /// Whose.
    pub agency: String,
    /// SHA-256 of the executed declaration.
    pub paper: Digest,
}

/// Revokes a declaration: nothing is released on it any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeDeclaration {
    /// Which.
    pub declaration: DeclarationId,
    /// Whose.
    pub agency: String,
    /// Why.
    pub why: String,
}

impl sealed::Sealed for FileRequest {}
impl sealed::Sealed for SeeRequests {}
impl sealed::Sealed for ClearWords {}
impl sealed::Sealed for DecideRequest {}
impl sealed::Sealed for ReleaseReads {}
impl sealed::Sealed for FileDeclaration {}
impl sealed::Sealed for RevokeDeclaration {}

fn is(who: &Principal, member: MemberId) -> bool {
    matches!(who, Principal::Member(facts) if facts.id == member)
}

impl Action for FileRequest {
    const NAME: &'static str = "file-request";

    fn what(&self) -> String {
        let paper = self.paper.map_or_else(
            || "without the written request".to_owned(),
            |digest| format!("written request {digest}"),
        );
        format!("a request of {}, {paper}", self.from)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for SeeRequests {
    const NAME: &'static str = "see-requests";

    fn what(&self) -> String {
        "requests and declarations".to_owned()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ClearWords {
    const NAME: &'static str = "clear-words";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Self {
            number, words, why, ..
        } = self;
        format!("{words} in request {number}, because: {why}")
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![
            ("own", is(who, self.filed_by)),
            ("prohibited", self.prohibited),
        ]
    }
}

impl Action for DecideRequest {
    const NAME: &'static str = "decide-request";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Self {
            number, asked, why, ..
        } = self;
        let decided = if self.approve { "approved" } else { "refused" };
        let counsel = self.counsel.as_ref();
        let counsel = counsel.map_or_else(String::new, |says| format!("; counsel: {says}"));
        format!("request {number} to be {decided}: {asked}, because: {why}{counsel}")
    }

    fn counts_as(&self) -> Vec<String> {
        let decided = if self.approve { "approved" } else { "refused" };
        let demand = self.standing.demand.then(|| format!("{decided}:demand"));
        [
            decided.to_owned(),
            format!("{decided}:{}", self.kind.code()),
        ]
        .into_iter()
        .chain(demand)
        .collect()
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        let mut facts = self.standing.facts();
        facts.push(("own", is(who, self.filed_by)));
        facts.push(("demand", self.standing.demand));
        facts.push(("counsel_asked", self.counsel.is_some()));
        facts.push(("refuse", !self.approve));
        facts
    }
}

impl Action for ReleaseReads {
    const NAME: &'static str = "release-reads";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        format!("to {}, on request {}: {}", self.to, self.number, self.scope)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        self.standing.facts()
    }
}

impl HandOut for ReleaseReads {
    fn is_still(&self, now: &Self) -> bool {
        self.number == now.number && self.to == now.to && self.scope == now.scope
    }
}

impl Action for FileDeclaration {
    const NAME: &'static str = "file-declaration";

    fn what(&self) -> String {
        format!("of {}, SHA-256 {}", self.agency, self.paper)
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for RevokeDeclaration {
    const NAME: &'static str = "revoke-declaration";

    fn what(&self) -> String {
        format!("of {}, because: {}", self.agency, self.why)
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Declaration(self.declaration))
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}
