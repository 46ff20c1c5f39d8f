//! Sessions: in memory, revocable, measured by the monotonic clock.

use std::time::Duration;

use crypt::{Digest, Random, sha256};
use govern::{MemberFacts, MemberId, Principal};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{Member, Training};

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

/// A session as the station keeps it.
pub(crate) struct Held {
    member: MemberId,
    began: Duration,
    used: Duration,
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
    /// [`StationError::NoSession`] when there is none, or it was idle or is older than allowed.
    pub fn session(&self, key: &SessionKey) -> Result<Session, StationError> {
        let digest = key.digest();
        let now = self.clock.monotonic();
        let member = {
            let security = self.policy.security();
            let mut sessions = lock(&self.sessions);
            sessions.retain(|_, held| {
                now.saturating_sub(held.used) < security.session_idle()
                    && now.saturating_sub(held.began) < security.session_longest()
            });
            let held = sessions.get_mut(&digest).ok_or(StationError::NoSession)?;
            held.used = now;
            held.member
        };
        let member = self.store.member(member)?.ok_or(StationError::NoSession)?;
        let training = self.store.training(member.id)?;
        let (standing, trained_until) = self.standing(&training);
        let facts = MemberFacts {
            id: member.id,
            name: member.name.clone(),
            badge: member.badge.clone(),
            roles: member.roles.clone(),
            trained_until,
        };
        Ok(Session {
            member,
            training,
            standing,
            facts,
            key: digest,
            form_token: crypt::sha256_of(&[b"form", key.as_text().as_bytes()]).to_string(),
        })
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

    pub(crate) fn begin_session(&self, member: MemberId) -> SessionKey {
        let key = SessionKey::random(&*self.random);
        let now = self.clock.monotonic();
        lock(&self.sessions).insert(
            key.digest(),
            Held {
                member,
                began: now,
                used: now,
            },
        );
        key
    }

    pub(crate) fn drop_session(&self, key: &Digest) {
        lock(&self.sessions).remove(key);
    }
}

/// The midnight after `day`, in the agency's time zone.
fn end_of(day: Date, time_zone: &TimeZone) -> Option<Timestamp> {
    let midnight = day
        .tomorrow()
        .ok()?
        .to_datetime(jiff::civil::Time::midnight());
    time_zone.to_timestamp(midnight).ok()
}
