//! The permit: the only key to data.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crypt::{Digest, sha256_of};
use ledger::{DecisionId, MemberId, Receipt, Salt};
use thiserror::Error;

use crate::act::{Action, HandOut};
use crate::clock::Clock;
use crate::content::{Class, PictureId, Principal};
use crate::decide::Granted;

/// Leave to do exactly one thing: it carries the very act, with its arguments, that was decided.
///
/// It is made by joining a [`Granted`], which only the decision makes, with the [`Receipt`] of that
/// same decision, which only the ledger makes, after it is durable. It is good for a minute (a
/// standing permit until it is closed), cannot be copied or stored, and is consumed when the act
/// ends.
///
/// What is handed out may take longer than a minute: an archive of everything, a large bag. Such a
/// permit ([`HandOut`]) goes on from minute to minute, and each time only by a new [`Granted`] for the
/// same act ([`Permit::go_on`]): the rules are asked again before every step, over what is true then.
/// What was taken away meanwhile ends it at the next step.
#[derive(Debug)]
pub struct Permit<A> {
    act: A,
    who: Principal,
    session: Option<Digest>,
    decision: DecisionId,
    salt: Salted,
    entry: u64,
    /// On the monotonic clock.
    expires: Mutex<Option<Duration>>,
}

/// Keeps the salt out of debug output.
struct Salted(Salt);

impl std::fmt::Debug for Salted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Why a permit is none, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PermitError {
    /// The receipt is for another decision.
    #[error("the ledger's receipt is for another decision")]
    OtherDecision,
    /// It was good for a minute, and that is over.
    #[error("what was shown can be fetched for some minutes only, and they are over: search again")]
    Expired,
    /// It does not cover this record.
    #[error("this was not shown to you, or not in this session: search again")]
    NotCovered,
    /// What it stands on is not what it was.
    #[error(
        "what this was begun on has changed since, and nothing more is handed out: begin again"
    )]
    NotAsItWas,
}

impl<A: Action> Permit<A> {
    /// Joins the decision and the proof that it is written down.
    ///
    /// # Errors
    /// [`PermitError::OtherDecision`].
    pub fn join(
        granted: Granted<A>,
        receipt: Receipt,
        clock: &dyn Clock,
    ) -> Result<Self, PermitError> {
        if granted.decision.digest() != receipt.decision() {
            return Err(PermitError::OtherDecision);
        }
        Ok(Self {
            decision: granted.decision.id,
            session: granted.request.session,
            act: granted.request.act,
            who: granted.request.who,
            salt: Salted(granted.salt),
            entry: receipt.recorded().index,
            expires: Mutex::new(A::LIFETIME.map(|lifetime| clock.monotonic() + lifetime)),
        })
    }
}

impl<A> Permit<A> {
    /// The classes of confidential data that may be shown.
    pub fn classes(&self) -> &[Class] {
        match &self.who {
            Principal::Member(member) => &member.authorised,
            Principal::Camera(_) | Principal::Station => &[],
        }
    }

    /// What may be done, exactly.
    pub fn act(&self) -> &A {
        &self.act
    }

    /// By whom.
    pub fn who(&self) -> &Principal {
        &self.who
    }

    /// By which member, if it is a member's.
    pub fn member(&self) -> Option<MemberId> {
        match &self.who {
            Principal::Member(member) => Some(member.id),
            Principal::Camera(_) | Principal::Station => None,
        }
    }

    /// The decision it stands on.
    pub fn decision(&self) -> DecisionId {
        self.decision
    }

    /// The decision's number in the ledger.
    pub fn entry(&self) -> u64 {
        self.entry
    }

    fn expires(&self) -> MutexGuard<'_, Option<Duration>> {
        self.expires.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asked by the store before every use.
    ///
    /// # Errors
    /// [`PermitError::Expired`].
    pub fn check(&self, clock: &dyn Clock) -> Result<(), PermitError> {
        let now = clock.monotonic();
        match *self.expires() {
            Some(expires) if now >= expires => Err(PermitError::Expired),
            _ => Ok(()),
        }
    }

    /// A digest over what the act returned, salted as the decision is, for the outcome's entry.
    pub fn result_digest(&self, ids: &[&[u8]]) -> Digest {
        let mut parts: Vec<&[u8]> = vec![&self.salt.0.0];
        parts.extend(ids);
        sha256_of(&parts)
    }

    /// Ends the act and leaves what the page goes on showing: these pictures, for this session, for
    /// `lasts`. A page and the pictures on it are one disclosure.
    pub fn disclose(
        self,
        pictures: Vec<PictureId>,
        lasts: Duration,
        clock: &dyn Clock,
    ) -> Disclosure {
        Disclosure {
            session: self.session,
            pictures,
            expires: clock.monotonic() + lasts,
        }
    }
}

impl<A: HandOut> Permit<A> {
    /// Goes on for another minute: the rules have just allowed the same again, to the same member in the
    /// same session, who may still see every class that they could when it began.
    ///
    /// # Errors
    /// [`PermitError::NotAsItWas`].
    pub fn go_on(&self, again: Granted<A>, clock: &dyn Clock) -> Result<(), PermitError> {
        let asked = &again.request;
        let same = asked.who.party() == self.who.party()
            && asked.session == self.session
            && self.act.is_still(&asked.act)
            && self.classes().iter().all(|class| match &asked.who {
                Principal::Member(member) => member.authorised.contains(class),
                Principal::Camera(_) | Principal::Station => false,
            });
        if !same {
            return Err(PermitError::NotAsItWas);
        }
        let expires = A::LIFETIME.map(|lifetime| clock.monotonic() + lifetime);
        *self.expires() = expires;
        Ok(())
    }
}

/// The pictures of a page that was shown under a permit.
#[derive(Debug)]
pub struct Disclosure {
    session: Option<Digest>,
    pictures: Vec<PictureId>,
    expires: Duration,
}

impl Disclosure {
    /// Asked by the store before it opens a picture.
    ///
    /// # Errors
    /// [`PermitError::Expired`]; [`PermitError::NotCovered`] for another session or another picture.
    pub fn covers(
        &self,
        picture: PictureId,
        session: &Digest,
        clock: &dyn Clock,
    ) -> Result<(), PermitError> {
        if clock.monotonic() >= self.expires {
            return Err(PermitError::Expired);
        }
        if self.session.as_ref() != Some(session) || !self.pictures.contains(&picture) {
            return Err(PermitError::NotCovered);
        }
        Ok(())
    }

    /// Whether its time is over.
    pub fn is_over(&self, clock: &dyn Clock) -> bool {
        clock.monotonic() >= self.expires
    }
}
