//! Sessions: in memory, revocable, measured by the monotonic clock.

use std::time::Duration;

use crypt::{Digest, Random, SecondFactor, sha256};
use govern::{MemberFacts, MemberId, MemberStatus, Principal, Security, TerminalId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{Member, Terminal, Training};

use crate::{Caller, Station, StationError, lock};

/// What a browser shows to go on with its session: 256 random bits. Only its digest is kept.
#[derive(Clone)]
pub struct SessionKey(String);

impl SessionKey {
    pub(crate) fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(Digest(bytes).to_string())
    }

    /// The key as a browser sent it.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The key as a browser keeps it.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }
}

/// A session as the station keeps it. Its times are the monotonic clock's.
pub(crate) struct Held {
    pub(crate) member: MemberId,
    pub(crate) began: Duration,
    /// When it was last used. Only what its member does is use.
    pub(crate) used: Duration,
    /// From where its member logged in.
    pub(crate) address: String,
    /// The terminal that it was begun on.
    terminal: Option<TerminalId>,
    /// Whether it locks when it is left alone.
    locks: bool,
    /// A second factor that its member was shown, and that is not in force yet.
    pub(crate) offered: Option<SecondFactor>,
    /// Times that its member was asked for the password, and did not know it.
    tries: u32,
}

impl Held {
    /// Whether it is over, used or not.
    pub(crate) fn is_over(&self, now: Duration, security: &Security) -> bool {
        now.saturating_sub(self.began) >= security.session_longest()
    }

    /// Whether it was left alone for so long that it is locked.
    pub(crate) fn is_locked(&self, now: Duration, security: &Security) -> bool {
        self.locks && now.saturating_sub(self.used) >= security.session_idle()
    }

    /// Counts an attempt at the password; false when there were `most` already.
    pub(crate) fn may_try(&mut self, most: u32) -> bool {
        self.tries += 1;
        self.tries <= most
    }

    /// The terminal's key was taken away: it locks like any other.
    pub(crate) fn leave_terminal(&mut self, terminal: TerminalId) {
        if self.terminal == Some(terminal) {
            self.terminal = None;
            self.locks = true;
        }
    }

    /// Goes on.
    pub(crate) fn unlock(&mut self, now: Duration) {
        self.used = now;
        self.tries = 0;
    }

    /// The password was known after all.
    pub(crate) fn forget_tries(&mut self) {
        self.tries = 0;
    }
}

/// What a session is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// What its member does: a use of it.
    Used,
    /// What ends when it locks, and is no use of it: an open stream.
    LeftAlone,
    /// What its member began, and is still being handed: its lock does not end it.
    HandedOut,
}

/// Whether the member may go on to the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionStanding {
    /// Training is in force until this day.
    Trained(Date),
    /// There is none in force: the training page and nothing else.
    Untrained,
}

/// A session in force, with what is known of its member now.
pub struct Session {
    /// Who.
    pub member: Member,
    /// The member's training records, newest first.
    pub training: Vec<Training>,
    /// Whether the member may go on to the data.
    pub standing: SessionStanding,
    facts: MemberFacts,
    key: Digest,
    /// From the session's secret; its digest, which stands in the ledger, does not give it away.
    form_token: String,
}

impl Session {
    /// For asking the station something in this session.
    pub fn caller(&self, address: &str) -> Caller {
        Caller {
            who: Principal::Member(self.facts.clone()),
            session: Some(self.key),
            address: address.to_owned(),
        }
    }

    /// A token for this session's forms: known to its pages, not to other sites.
    pub fn form_token(&self) -> String {
        self.form_token.clone()
    }

    pub(crate) fn key(&self) -> &Digest {
        &self.key
    }
}

impl Station {
    /// The session of this key, marked as used now. Whatever the member may do is read afresh: what
    /// lapsed or was taken away since the last request is gone.
    ///
    /// # Errors
    /// [`StationError::NoSession`] when there is none, or it is older than allowed;
    /// [`StationError::SessionLocked`] when it was left alone for too long.
    pub fn session(&self, key: &SessionKey) -> Result<Session, StationError> {
        self.session_of(key, Asking::Used)
    }

    /// The session of this key, for what is no use of it: an open stream.
    ///
    /// # Errors
    /// As [`Station::session`].
    pub fn session_left_alone(&self, key: &SessionKey) -> Result<Session, StationError> {
        self.session_of(key, Asking::LeftAlone)
    }

    fn session_of(&self, key: &SessionKey, asking: Asking) -> Result<Session, StationError> {
        let digest = key.digest();
        let standing = self.member_in_session(&digest, asking)?;
        let (member, training, standing, facts) = standing;
        Ok(Session {
            member,
            training,
            standing,
            facts,
            key: digest,
            form_token: crypt::sha256_of(&[b"form", key.as_text().as_bytes()]).to_string(),
        })
    }

    /// What the rules may know of a session's member now; looking is no use of the session.
    pub(crate) fn facts_of_session(&self, key: &Digest) -> Result<MemberFacts, StationError> {
        let (_, _, _, facts) = self.member_in_session(key, Asking::LeftAlone)?;
        Ok(facts)
    }

    /// The same for what its member is being handed.
    pub(crate) fn facts_of_hand_out(&self, key: &Digest) -> Result<MemberFacts, StationError> {
        let (_, _, _, facts) = self.member_in_session(key, Asking::HandedOut)?;
        Ok(facts)
    }

    fn member_in_session(
        &self,
        digest: &Digest,
        asking: Asking,
    ) -> Result<(Member, Vec<Training>, SessionStanding, MemberFacts), StationError> {
        let now = self.clock.monotonic();
        let member = {
            let security = self.policy.security();
            let mut sessions = lock(&self.sessions);
            sessions.retain(|_, held| !held.is_over(now, security));
            let held = sessions.get_mut(digest).ok_or(StationError::NoSession)?;
            if asking != Asking::HandedOut && held.is_locked(now, security) {
                return Err(StationError::SessionLocked);
            }
            if asking == Asking::Used {
                held.used = now;
            }
            held.member
        };
        let member = self.store.member(member)?.ok_or(StationError::NoSession)?;
        let (training, standing, facts) = self.facts_of(&member).inspect_err(|error| {
            if matches!(error, StationError::NoSession) {
                self.drop_session(digest);
            }
        })?;
        Ok((member, training, standing, facts))
    }

    /// What the rules may know of a member now.
    ///
    /// # Errors
    /// [`StationError::NoSession`] for one whose account is not active.
    pub(crate) fn facts_of(
        &self,
        member: &Member,
    ) -> Result<(Vec<Training>, SessionStanding, MemberFacts), StationError> {
        // Suspended, or gone from the department: out, whatever the session says.
        if self.status(member) != MemberStatus::Active {
            return Err(StationError::NoSession);
        }
        let training = self.store.training(member.id)?;
        let (standing, trained_until) = self.standing(&training);
        let facts = MemberFacts {
            id: member.id,
            name: member.name.clone(),
            badge: member.badge.clone(),
            roles: member.roles.clone(),
            trained_until,
            authorised: self.store.authorised(member.id)?,
            approved: self.store.approved(member.id)?,
        };
        Ok((training, standing, facts))
    }

    /// How a member stands with these training records, and when they end or ended.
    pub(crate) fn standing(&self, training: &[Training]) -> (SessionStanding, Option<Timestamp>) {
        let last_day = training.iter().map(|t| t.expires).max();
        let until = last_day.and_then(|day| end_of(day, &self.about.time_zone));
        match (last_day, until) {
            (Some(day), Some(end)) if end > self.clock.now() => {
                (SessionStanding::Trained(day), until)
            }
            _ => (SessionStanding::Untrained, until),
        }
    }

    /// Whether this session locks when it is left alone; one that there is not does.
    pub fn locks_when_left(&self, key: &SessionKey) -> bool {
        let sessions = lock(&self.sessions);
        sessions.get(&key.digest()).is_none_or(|held| held.locks)
    }

    pub(crate) fn begin_session(
        &self,
        member: MemberId,
        address: &str,
        terminal: Option<&Terminal>,
    ) -> SessionKey {
        let key = SessionKey::random(&*self.random);
        let now = self.clock.monotonic();
        lock(&self.sessions).insert(
            key.digest(),
            Held {
                member,
                began: now,
                used: now,
                address: address.to_owned(),
                terminal: terminal.map(|on| on.id),
                locks: self.locks_on(terminal),
                offered: None,
                tries: 0,
            },
        );
        key
    }

    pub(crate) fn drop_sessions_of(&self, member: MemberId) {
        lock(&self.sessions).retain(|_, held| held.member != member);
    }

    pub(crate) fn drop_session(&self, key: &Digest) {
        lock(&self.sessions).remove(key);
    }
}

/// The midnight after `day`, in the agency's time zone.
pub(crate) fn end_of(day: Date, time_zone: &TimeZone) -> Option<Timestamp> {
    let midnight = day
        .tomorrow()
        .ok()?
        .to_datetime(jiff::civil::Time::midnight());
    time_zone.to_timestamp(midnight).ok()
}
