//! Who the members are: enrolling them, giving and ending roles, opening and closing accounts.

use jiff::Timestamp;
use ledger::{MemberId, Withdrawal};
use serde::{Deserialize, Serialize};

use super::{Action, Facts, sealed};
use crate::content::{Principal, Role};
use crate::policy::Policy;

/// A member whom an act is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Who.
    pub member: MemberId,
    /// Their login, for the words.
    pub login: String,
    /// Whether they hold an office.
    pub office: bool,
}

impl Subject {
    pub(crate) fn is(&self, who: &Principal) -> bool {
        matches!(who, Principal::Member(member) if member.id == self.member)
    }
}

/// Enrols a member, without training, and without anything to come in with but a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolMember {
    /// The login: never reused, never shared.
    pub login: String,
    /// The name.
    pub name: String,
    /// The badge.
    pub badge: String,
    /// The roles.
    pub roles: Vec<Role>,
}

/// Gives a member a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveRole {
    /// To whom.
    pub to: Subject,
    /// Which.
    pub role: Role,
    /// The moment it ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: String,
}

/// Ends a role that a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRole {
    /// Whose.
    pub of: Subject,
    /// Which.
    pub role: Role,
    /// Why.
    pub why: String,
}

/// Whether a member may use the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberStatus {
    /// Yes.
    Active,
    /// Not until somebody reinstates them.
    Suspended,
    /// They have left the department. The login is never given to anybody else (CJIS IA-4).
    Ended,
    /// Not used for so long that it closed by itself (CJIS AC-2).
    Disabled,
}

impl MemberStatus {
    /// Its name, as it is stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
            Self::Disabled => "disabled",
        }
    }
}

/// What an administrator does with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusChange {
    /// Closes it for a time.
    Suspend,
    /// Closes it for good; roles and authorisations end with it.
    End,
    /// Opens it again.
    Reinstate,
}

impl StatusChange {
    /// What the member is afterwards.
    pub fn leads_to(self) -> MemberStatus {
        match self {
            Self::Suspend => MemberStatus::Suspended,
            Self::End => MemberStatus::Ended,
            Self::Reinstate => MemberStatus::Active,
        }
    }
}

/// Suspends, ends or reinstates a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeStatus {
    /// Whose.
    pub of: Subject,
    /// What they are now.
    pub from: MemberStatus,
    /// What is done.
    pub change: StatusChange,
    /// Why.
    pub why: String,
}

/// Releases a member whom failed logins locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseMember {
    /// Who.
    pub member: MemberId,
    /// Their login, for the words.
    pub login: String,
}

/// Takes from a member whatever they come in with, and issues a code with which they set it anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueEnrolmentCode {
    /// For whom.
    pub of: Subject,
}

/// Ends every session of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndSessions {
    /// Whose.
    pub of: Subject,
}

impl sealed::Sealed for IssueEnrolmentCode {}
impl sealed::Sealed for EndSessions {}
impl sealed::Sealed for EnrolMember {}
impl sealed::Sealed for GiveRole {}
impl sealed::Sealed for EndRole {}
impl sealed::Sealed for ChangeStatus {}
impl sealed::Sealed for ReleaseMember {}

impl Action for EnrolMember {
    const NAME: &'static str = "enrol-member";

    fn what(&self) -> String {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.0.as_str()).collect();
        let Self {
            login, name, badge, ..
        } = self;
        format!("{login} ({name}, badge {badge}) as {}", roles.join(", "))
    }

    fn facts(&self, _who: &Principal, policy: &Policy) -> Facts {
        let any = |is: fn(&Policy, &Role) -> bool| self.roles.iter().any(|role| is(policy, role));
        vec![
            ("office", any(Policy::is_office)),
            ("two_people", any(Policy::takes_two_people)),
        ]
    }
}

impl Action for GiveRole {
    const NAME: &'static str = "give-role";
    const NEEDS_TIME: bool = true;

    fn what(&self) -> String {
        let Self {
            to, role, until, ..
        } = self;
        let until = until.map_or_else(String::new, |until| format!(", until {until:.0}"));
        format!("{} to {}{until}, because: {}", role.0, to.login, self.why)
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        vec![
            ("own", self.to.is(who)),
            ("office", policy.is_office(&self.role)),
            ("two_people", policy.takes_two_people(&self.role)),
            (
                "lapses",
                self.until.is_some() && policy.is_always_held(&self.role),
            ),
        ]
    }
}

impl Action for EndRole {
    const NAME: &'static str = "end-role";

    fn what(&self) -> String {
        format!(
            "{} of {}, because: {}",
            self.role.0, self.of.login, self.why
        )
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::Role(self.of.member, self.role.0.clone()))
    }

    fn facts(&self, who: &Principal, policy: &Policy) -> Facts {
        vec![
            ("own", self.of.is(who)),
            ("office", policy.is_office(&self.role)),
        ]
    }
}

impl Action for IssueEnrolmentCode {
    const NAME: &'static str = "issue-enrolment-code";

    fn what(&self) -> String {
        self.of.login.clone()
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        Some(Withdrawal::WayIn(self.of.member))
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![("own", self.of.is(who)), ("office", self.of.office)]
    }
}

impl Action for EndSessions {
    const NAME: &'static str = "end-sessions";

    fn what(&self) -> String {
        self.of.login.clone()
    }

    fn facts(&self, _who: &Principal, _policy: &Policy) -> Facts {
        vec![]
    }
}

impl Action for ChangeStatus {
    const NAME: &'static str = "change-status";

    fn what(&self) -> String {
        format!(
            "{} from {} to {}, because: {}",
            self.of.login,
            self.from.as_str(),
            self.change.leads_to().as_str(),
            self.why
        )
    }

    fn withdraws(&self) -> Option<Withdrawal> {
        (self.change != StatusChange::Reinstate).then_some(Withdrawal::Member(self.of.member))
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        vec![
            ("own", self.of.is(who)),
            // An account that closed by disuse is opened by any administrator: else a station whose
            // one Deputy Chief was away for long would stay without.
            (
                "office",
                self.of.office && self.from != MemberStatus::Disabled,
            ),
        ]
    }
}

impl Action for ReleaseMember {
    const NAME: &'static str = "release-member";

    fn what(&self) -> String {
        self.login.clone()
    }

    fn facts(&self, who: &Principal, _policy: &Policy) -> Facts {
        let own = matches!(who, Principal::Member(member) if member.id == self.member);
        vec![("own", own)]
    }
}
