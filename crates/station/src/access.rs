//! Who can see us: everybody and everything that can see data today, on what basis, and until when (6).
//!
//! Of members the rules in force are asked, one by one; of agencies, what lies on file; of systems, what is set up.

use govern::{
    Action, AgencyKind, BookEvidence, Canvass, Confirm, ExportEverything, MemberFacts, OpenAlert,
    Principal, ReleaseReads, ReviewLedger, Search, SeeAccess, SeeEvidence, SeeLocalEntries,
    SendAlert,
};
use jiff::civil::Date;
use store::{FiledDeclaration, Member, RequestState, RoleHeld, Webhook};

use crate::gate::Done;
use crate::release::RequestShown;
use crate::session::SessionStanding;
use crate::{Caller, Files, Station, StationError};

/// The acts that show reads, or what was asked about them, each with what it shows.
const SHOW: [(&str, &str); 9] = [
    (Search::NAME, "reads found by plate"),
    (Canvass::NAME, "reads around scenes"),
    (OpenAlert::NAME, "alerts"),
    (SeeLocalEntries::NAME, "plates looked out for"),
    (BookEvidence::NAME, "reads booked into evidence"),
    (SeeEvidence::NAME, "the chain of custody"),
    (ReleaseReads::NAME, "packages of what was approved"),
    (
        Confirm::<ExportEverything>::NAME,
        "everything, proposed by another",
    ),
    (ReviewLedger::NAME, "what everybody asked for"),
];

/// What can see data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seer {
    /// A member of the department.
    Member,
    /// An agency of another state whose declaration of affirmation is in force.
    Agency,
    /// Whoever asked by a written request.
    Request,
    /// Whoever came with a court's or another lawful demand.
    Demand,
    /// A system that alerts are sent to.
    Webhook,
    /// A witness of the ledger.
    Witness,
    /// The server that holds the store.
    Server,
}

impl Seer {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Agency => "agency",
            Self::Request => "request",
            Self::Demand => "demand",
            Self::Webhook => "webhook",
            Self::Witness => "witness",
            Self::Server => "server",
        }
    }
}

/// Somebody or something that can see data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanSee {
    /// What it is.
    pub seer: Seer,
    /// Who.
    pub who: String,
    /// What they can see.
    pub sees: String,
    /// On what basis.
    pub basis: String,
    /// The last day of it; until it is taken away, where there is none.
    pub until: Option<Date>,
}

/// Everybody who can see data today.
pub struct Access {
    /// Members first.
    pub all: Vec<CanSee>,
    /// Members who can see none: without training in force, or without a role that shows any.
    pub members_without: usize,
    /// The number of the decision in the ledger.
    pub entry: u64,
}

impl Station {
    /// Who can see data today, on what basis, and until when.
    ///
    /// # Errors
    /// [`StationError::Refused`], and whatever keeps it from being done or written down.
    pub fn access(&self, caller: &Caller) -> Result<Access, StationError> {
        let ((all, members_without), permit) = self.perform(caller, SeeAccess, |permit| {
            let members = self.store.members()?;
            let (mut all, members_without) = self.members_who_see(&members)?;
            let declarations = self.store.declarations()?;
            all.extend(self.agencies_that_may_ask(&declarations)?);
            for request in self.store.requests_that_see(permit)? {
                all.extend(self.sees_by_request(&self.shown(request, &declarations)?));
            }
            for webhook in self.store.webhooks_that_see(permit)? {
                all.extend(self.sees_by_webhook(&webhook, &members));
            }
            all.extend(self.machines_that_see()?);
            Ok(Done {
                value: (all, members_without),
                ids: members.iter().map(|one| *one.id.as_bytes()).collect(),
            })
        })?;
        Ok(Access {
            all,
            members_without,
            entry: permit.entry(),
        })
    }

    fn members_who_see(&self, members: &[Member]) -> Result<(Vec<CanSee>, usize), StationError> {
        let roles = self.store.roles_held()?;
        let mut all = Vec::new();
        for member in members {
            let facts = match self.facts_of(member) {
                Ok((_, SessionStanding::Trained(last_day), facts)) => Some((last_day, facts)),
                // Without training, or suspended, or gone.
                Ok(_) | Err(StationError::NoSession) => None,
                Err(error) => return Err(error),
            };
            let Some((trained_until, facts)) = facts else {
                continue;
            };
            let shows = self.shows_to(&facts);
            if !shows.is_empty() {
                let held = roles.iter().filter(|held| held.member == member.id);
                let in_force = held.filter(|held| held.is_in_force(self.clock.now()));
                let (basis, until) = self.by_role(members, in_force, trained_until);
                all.push(CanSee {
                    seer: Seer::Member,
                    who: format!("{} (badge {})", member.name, member.badge),
                    sees: shows.join(", ") + &self.classes_of(member)?,
                    basis,
                    until: Some(until),
                });
            }
        }
        let without = members.len() - all.len();
        Ok((all, without))
    }

    fn shows_to(&self, facts: &MemberFacts) -> Vec<&'static str> {
        let who = Principal::Member(facts.clone());
        let acts = SHOW.map(|(act, _)| act);
        let now = self.clock.now();
        let open = self.policy.open_to(&who, now, &acts);
        let shows = SHOW.iter().filter(|(act, _)| open.contains(act));
        let mut shows: Vec<_> = shows.map(|(_, shows)| *shows).collect();
        // Who reviews stands in the roles' texts, not in a rule.
        if self.policy.reviews(&facts.roles) {
            shows.push("what tripwires noticed");
        }
        shows
    }

    /// The classes that a member's authorisations open, each with its last day.
    fn classes_of(&self, member: &Member) -> Result<String, StationError> {
        let now = self.clock.now();
        let granted = self.store.authorisations()?.into_iter();
        let in_force = granted.filter(|one| one.member == member.id && one.is_in_force(now));
        let told = in_force.map(|one| {
            let class = self.policy.class(&one.class);
            let says = class.map_or(&*one.class.0, |class| &class.says);
            let last = self.last_day(one.until).strftime("%-d %b %Y");
            format!("; {says}, authorised to {last} (3(e))")
        });
        Ok(told.collect())
    }

    fn by_role<'a>(
        &self,
        members: &[Member],
        held: impl Iterator<Item = &'a RoleHeld>,
        trained_until: Date,
    ) -> (String, Date) {
        let mut until = trained_until;
        let mut basis = Vec::new();
        for held in held {
            let giver = members.iter().find(|one| Some(one.id) == held.given_by);
            let by = giver.map_or_else(String::new, |one| format!(", given by {}", one.name));
            let says = self.policy.role(&held.role).unwrap_or(&held.role.0);
            basis.push(format!("{says}{by}"));
            if let Some(ends) = held.until {
                until = until.min(self.last_day(ends));
            }
        }
        let trained = trained_until.strftime("%-d %b %Y");
        basis.push(format!("trained to {trained} (3(d))"));
        (basis.join("; "), until)
    }

    /// Every request of such an agency is decided by itself: the declaration alone opens nothing.
    fn agencies_that_may_ask(
        &self,
        declarations: &[FiledDeclaration],
    ) -> Result<Vec<CanSee>, StationError> {
        let mut whole = Vec::new();
        for one in declarations {
            if self.store.declaration_is_whole(one)? {
                whole.push(one);
            }
        }
        let in_force = whole.into_iter().filter(|one| {
            let declared = &one.declaration;
            let rules = self.policy.release();
            let state = Some(declared.state);
            let defect = declared.defect(&declared.agency, state, self.today(), rules);
            defect.is_none()
        });
        Ok(in_force
            .map(|one| CanSee {
                seer: Seer::Agency,
                who: format!(
                    "{}, {}",
                    one.declaration.agency,
                    one.declaration.state.name()
                ),
                sees: "nothing by this alone: what is approved of each of its requests".to_owned(),
                basis: format!(
                    "declaration of affirmation, signed by {} (625 ILCS 5/2-130(c))",
                    one.declaration.signer
                ),
                until: Some(one.declaration.until),
            })
            .collect())
    }

    /// Whoever may still be given what was approved, and demands that wait.
    fn sees_by_request(&self, shown: &RequestShown) -> Option<CanSee> {
        let about = &shown.request.about;
        let number = shown.request.number;
        let demand = about.text.demand.as_ref();
        let sees = match shown.request.state {
            RequestState::Approved | RequestState::Released
                if shown.standing.against().is_empty() =>
            {
                format!("what was approved of request {number}")
            }
            RequestState::Draft | RequestState::Submitted if demand.is_some() => {
                format!("nothing yet: request {number} waits")
            }
            _ => return None,
        };
        let kind = match about.text.kind {
            AgencyKind::Other => String::new(),
            kind => format!(", {}", kind.says().to_lowercase()),
        };
        let decided = about.decided.as_ref();
        let decided = decided.map_or_else(String::new, |done| format!(", approved by {}", done.by));
        Some(CanSee {
            seer: demand.map_or(Seer::Request, |_| Seer::Demand),
            who: format!("{}, {}{kind}", about.text.person, about.text.agency),
            sees,
            basis: format!("{}{decided} (6)", shown.on),
            until: demand.and_then(|demand| demand.return_on),
        })
    }

    /// A webhook sends in the name of whoever set it up, and nothing once they may not.
    fn sees_by_webhook(&self, webhook: &Webhook, members: &[Member]) -> Option<CanSee> {
        if webhook.removed_at.is_some() {
            return None;
        }
        let by = members.iter().find(|one| one.id == webhook.added_by)?;
        let (_, standing, facts) = self.facts_of(by).ok()?;
        let who = Principal::Member(facts);
        let now = self.clock.now();
        if self
            .policy
            .open_to(&who, now, &[SendAlert::NAME])
            .is_empty()
        {
            return None;
        }
        Some(CanSee {
            seer: Seer::Webhook,
            who: format!("{}, {}", webhook.name, webhook.address),
            sees: "alerts as they are raised".to_owned(),
            basis: format!("set up by {}, in whose name it sends (2)", by.name),
            until: match standing {
                SessionStanding::Trained(day) => Some(day),
                SessionStanding::Untrained => None,
            },
        })
    }

    fn machines_that_see(&self) -> Result<Vec<CanSee>, StationError> {
        let witnesses = crate::witnesses(&self.folder)?;
        let witnesses = witnesses.into_iter().map(|witness| CanSee {
            seer: Seer::Witness,
            who: witness.url,
            sees: "signed heads of the ledger: no plate and no name".to_owned(),
            basis: "added at the station's machine (5(a))".to_owned(),
            until: None,
        });
        let server = Files(&self.folder).server().exists().then(|| CanSee {
            seer: Seer::Server,
            who: "whoever runs the database server".to_owned(),
            sees: "times and cameras of reads; people, notes and restricted entries are sealed"
                .to_owned(),
            basis: "set when the station was founded (2)".to_owned(),
            until: None,
        });
        Ok(witnesses.chain(server).collect())
    }

    /// The last day before a moment, where the agency is: what ends at midnight was good the day before.
    fn last_day(&self, ends: jiff::Timestamp) -> Date {
        let before = ends.saturating_sub(jiff::SignedDuration::from_nanos(1));
        let before = before.unwrap_or(ends);
        self.about.time_zone.to_datetime(before).date()
    }
}
