//! Roles and status: who holds what, by whose hand, and who may come in at all.

use std::time::Duration;

use govern::{ChangeStatus, EndRole, GiveRole, MemberId, MemberStatus, Role, StatusChange};
use jiff::Timestamp;
use jiff::civil::Date;
use store::Member;

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

impl Station {
    /// Gives a member a role, up to and including a last day if there is one.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a role that there is not, that the
    /// member holds already, or that would be over at once.
    pub fn give_role(
        &self,
        caller: &Caller,
        login: &str,
        role: Role,
        last_day: Option<Date>,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        self.check_role(&role)?;
        let named = self.named(login)?;
        let act = GiveRole {
            to: named.subject.clone(),
            role,
            until: last_day.map(|day| self.end_of(day)).transpose()?,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store.give_role(permit)?;
            Ok(Done::about(named.subject.member))
        })?;
        Ok(())
    }

    /// Ends a role that a member holds: it is gone at the next request.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when they do not hold it.
    pub fn end_role(
        &self,
        caller: &Caller,
        login: &str,
        role: Role,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        self.check_role(&role)?;
        let named = self.named(login)?;
        let act = EndRole {
            of: named.subject.clone(),
            role,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store.end_role(permit)?;
            Ok(Done::about(named.subject.member))
        })?;
        Ok(())
    }

    /// Suspends, ends or reinstates a member. Who is no longer active is out at the next request.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when it would change nothing.
    pub fn change_status(
        &self,
        caller: &Caller,
        login: &str,
        change: StatusChange,
        why: &str,
    ) -> Result<(), StationError> {
        check_words("a reason", why)?;
        let named = self.named(login)?;
        let act = ChangeStatus {
            of: named.subject.clone(),
            from: named
                .member
                .as_ref()
                .map_or(MemberStatus::Active, |member| self.status(member)),
            change,
            why: why.trim().to_owned(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            let ChangeStatus { of, from, .. } = permit.act();
            if *from == change.leads_to() {
                return Err(StationError::Input(format!(
                    "{} is {} already",
                    of.login,
                    from.as_str()
                )));
            }
            self.store.change_status(permit, &*self.random)?;
            Ok(Done::about(of.member))
        })?;
        Ok(())
    }

    /// Whether a member may come in. An account that was not used for too long has closed by itself.
    pub fn status(&self, member: &Member) -> MemberStatus {
        let unused = self.clock.now().duration_since(member.used_at);
        let unused = Duration::try_from(unused).unwrap_or(Duration::ZERO);
        match member.status {
            MemberStatus::Active
                if unused >= self.policy.security().unused_longest()
                    // A clock in doubt closes nobody's account.
                    && self.time_doubt().is_none() =>
            {
                MemberStatus::Disabled
            }
            stored => stored,
        }
    }

    pub(crate) fn check_role(&self, role: &Role) -> Result<(), StationError> {
        match self.policy.role(role) {
            Some(_) => Ok(()),
            None => Err(StationError::Input(format!("there is no role {}", role.0))),
        }
    }

    /// The midnight that ends a last day, where the agency is; the day must not be over.
    pub(crate) fn end_of(&self, last_day: Date) -> Result<Timestamp, StationError> {
        let input = |words: &str| StationError::Input(words.to_owned());
        let midnight = crate::session::end_of(last_day, &self.about.time_zone)
            .ok_or_else(|| input("the last day is none"))?;
        if midnight <= self.clock.now() {
            return Err(input("the last day is over already"));
        }
        Ok(midnight)
    }
}

impl Done<()> {
    /// Done, to one member.
    pub(crate) fn about(member: MemberId) -> Self {
        Self {
            value: (),
            ids: vec![*member.as_bytes()],
        }
    }
}
