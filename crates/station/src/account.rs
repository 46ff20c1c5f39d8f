//! What a member does about their own way in: another password, another authenticator, new recovery
//! codes, an end to sessions elsewhere. Each asks for the password again, and stands in the ledger.

use std::time::Duration;

use crypt::{Digest, NewPassword, PasswordHash, RecoveryCode, SecondFactor};
use govern::EndSessions;
use ledger::Verdict;

use crate::enrolment::{OfferedFactor, offer};
use crate::gate::Done;
use crate::unlock::FAILURES;
use crate::{Caller, LoginRefused, PasskeyShown, Session, Station, StationError, lock};

/// A member's own way in.
pub struct Account {
    /// Recovery codes left.
    pub recovery_codes: u64,
    /// Passkeys, in the order they were added.
    pub passkeys: Vec<PasskeyShown>,
    /// The member's sessions, the newest first.
    pub sessions: Vec<OpenSession>,
}

/// One of a member's sessions.
pub struct OpenSession {
    /// Names it.
    pub id: Digest,
    /// From where the member logged in.
    pub address: String,
    /// How long ago that was.
    pub age: Duration,
    /// How long ago it was last used.
    pub idle: Duration,
    /// Whether it is the one that asks.
    pub this: bool,
}

impl Station {
    /// The member's own way in.
    ///
    /// # Errors
    /// When the store fails.
    pub fn account(&self, session: &Session) -> Result<Account, StationError> {
        let now = self.clock.monotonic();
        let mut sessions: Vec<_> = lock(&self.sessions)
            .iter()
            .filter(|(_, held)| held.member == session.member.id)
            .map(|(id, held)| OpenSession {
                id: *id,
                address: held.address.clone(),
                age: now.saturating_sub(held.began),
                idle: now.saturating_sub(held.used),
                this: id == session.key(),
            })
            .collect();
        sessions.sort_by_key(|open| open.age);
        Ok(Account {
            passkeys: self.passkeys_shown(session.member.id)?,
            recovery_codes: self.store.recovery_codes_left(session.member.id)?,
            sessions,
        })
    }

    /// Sets another password; the member's other sessions end.
    ///
    /// # Errors
    /// [`LoginRefused::NotThePassword`]; a password that may not be set.
    pub fn change_password(
        &self,
        session: &Session,
        current: &str,
        new: &str,
        address: &str,
    ) -> Result<(), StationError> {
        let member = &session.member;
        self.prove(session, "change-password", current, address)?;
        let personal = [member.login.as_str(), &member.name];
        let chosen = NewPassword::choose(new, self.policy.passwords(), &personal)?;
        let hash = PasswordHash::of(&chosen, self.hashing(), &*self.random)?;
        self.enter_own(session, "change-password", Verdict::Permit, address)?;
        self.store.set_password(member.id, &hash)?;
        self.drop_other_sessions(session);
        self.show_password_in_demonstration(&member.login, new);
        Ok(())
    }

    /// Shows a new second factor, which is not in force before a code of it is shown.
    ///
    /// # Errors
    /// [`LoginRefused::NotThePassword`].
    pub fn offer_authenticator(
        &self,
        session: &Session,
        current: &str,
        address: &str,
    ) -> Result<OfferedFactor, StationError> {
        self.prove(session, "change-authenticator", current, address)?;
        let factor = SecondFactor::random(&*self.random);
        if let Some(held) = lock(&self.sessions).get_mut(session.key()) {
            held.offered = Some(factor.clone());
        }
        let member = &session.member;
        offer(member.login.clone(), member.name.clone(), &factor)
    }

    /// Puts the second factor in force that this session was shown last; the member's other sessions
    /// end.
    ///
    /// # Errors
    /// [`LoginRefused::WrongCode`].
    pub fn change_authenticator(
        &self,
        session: &Session,
        code: &str,
        address: &str,
    ) -> Result<(), StationError> {
        let offered = lock(&self.sessions)
            .get(session.key())
            .and_then(|held| held.offered.clone())
            .ok_or(LoginRefused::WrongCode)?;
        let now = self.clock.now().as_second().unsigned_abs();
        let Some(shown) = offered.check(code, now) else {
            self.enter_own(session, "change-authenticator", Verdict::Refuse, address)?;
            return Err(LoginRefused::WrongCode.into());
        };
        self.enter_own(session, "change-authenticator", Verdict::Permit, address)?;
        let member = &session.member;
        self.store.set_second_factor(member.id, &offered, shown)?;
        if let Some(held) = lock(&self.sessions).get_mut(session.key()) {
            held.offered = None;
        }
        self.drop_other_sessions(session);
        self.show_factor_in_demonstration(&member.login, &offered);
        Ok(())
    }

    /// Gives new recovery codes; the ones before are no longer good.
    ///
    /// # Errors
    /// [`LoginRefused::NotThePassword`].
    pub fn renew_recovery_codes(
        &self,
        session: &Session,
        current: &str,
        address: &str,
    ) -> Result<Vec<RecoveryCode>, StationError> {
        self.prove(session, "renew-recovery-codes", current, address)?;
        let codes = self.new_recovery_codes();
        self.enter_own(session, "renew-recovery-codes", Verdict::Permit, address)?;
        self.store.set_recovery_codes(session.member.id, &codes)?;
        Ok(codes)
    }

    /// Ends one of the member's own sessions, or all but this one.
    ///
    /// # Errors
    /// When it cannot be written down; they are over all the same.
    pub fn end_own_sessions(
        &self,
        session: &Session,
        which: Option<Digest>,
        address: &str,
    ) -> Result<(), StationError> {
        match which {
            Some(id) => lock(&self.sessions)
                .retain(|key, held| *key != id || held.member != session.member.id),
            None => self.drop_other_sessions(session),
        }
        self.enter_own(session, "end-own-sessions", Verdict::Permit, address)
    }

    /// Ends every session of a member, at once.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a login that nobody has.
    pub fn end_sessions(&self, caller: &Caller, login: &str) -> Result<(), StationError> {
        let named = self.named(login)?;
        let act = EndSessions {
            of: named.subject.clone(),
        };
        self.perform(caller, act, |_permit| {
            named.must_be_known()?;
            let member = named.subject.member;
            self.drop_sessions_of(member);
            Ok(Done {
                value: (),
                ids: vec![*member.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// The member's password is asked for again. Whoever does not know it loses the session after a
    /// few failures.
    pub(crate) fn prove(
        &self,
        session: &Session,
        act: &'static str,
        current: &str,
        address: &str,
    ) -> Result<(), StationError> {
        // Counted before it is checked, so that attempts made at once are counted too.
        if !lock(&self.sessions)
            .get_mut(session.key())
            .is_some_and(|held| held.may_try(FAILURES))
        {
            self.drop_session(session.key());
            return Err(StationError::NoSession);
        }
        let known = self
            .store
            .credentials(&session.member.login)?
            .ok_or(StationError::NoSession)?;
        if !known.password.verify(current) {
            self.enter_own(session, act, Verdict::Refuse, address)?;
            return Err(LoginRefused::NotThePassword.into());
        }
        if let Some(held) = lock(&self.sessions).get_mut(session.key()) {
            held.forget_tries();
        }
        Ok(())
    }

    pub(crate) fn enter_own(
        &self,
        session: &Session,
        act: &'static str,
        verdict: Verdict,
        address: &str,
    ) -> Result<(), StationError> {
        self.enter_login(
            act,
            Some(session.member.id),
            verdict,
            self.content_of(Some(&session.member), address),
            Some(*session.key()),
        )
    }

    fn drop_other_sessions(&self, session: &Session) {
        lock(&self.sessions)
            .retain(|key, held| held.member != session.member.id || key == session.key());
    }
}
