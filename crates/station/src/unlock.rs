//! A session that was left alone locks; it goes on when its member shows who they are.

use crypt::Assertion;
use govern::MemberId;
use ledger::Verdict;

use crate::login::is_passkey;
use crate::passkey::Door;
use crate::{LoginRefused, SessionKey, Station, StationError, lock};

/// Failures that end a locked session. They count here and not against the account: a lock refuses
/// logins, never running sessions (D12), and whoever tries holds the session's key already.
pub(crate) const FAILURES: u32 = 5;

impl Station {
    /// The login of the session's member if the session is locked; `None` if it is in use. Asking is
    /// no use.
    ///
    /// # Errors
    /// [`StationError::NoSession`].
    pub fn locked_session(&self, key: &SessionKey) -> Result<Option<String>, StationError> {
        let Some(member) = self.locked_member(key)? else {
            return Ok(None);
        };
        let member = self.store.member(member)?.ok_or(StationError::NoSession)?;
        Ok(Some(member.login))
    }

    /// Lets a locked session go on for whoever shows its member's password or, without one, a code of
    /// the second factor or a passkey's answer: with the session's own secret that makes two (IA-5). The
    /// session ends 12 hours after the login all the same.
    ///
    /// # Errors
    /// [`StationError::Login`]; [`StationError::NoSession`], also after five failures; anything that
    /// keeps the attempt from being written down.
    pub fn unlock(
        &self,
        key: &SessionKey,
        password: &str,
        code: &str,
        address: &str,
    ) -> Result<(), StationError> {
        let Some(id) = self.locked_member(key)? else {
            return Ok(());
        };
        self.begin_at_address(address)?;
        let digest = key.digest();
        // Counted before it is checked, so that attempts made at once are counted too.
        if !lock(&self.sessions)
            .get_mut(&digest)
            .is_some_and(|held| held.may_try(FAILURES))
        {
            self.drop_session(&digest);
            return Err(StationError::NoSession);
        }
        let member = self.store.member(id)?.ok_or(StationError::NoSession)?;
        let known = self
            .store
            .credentials(&member.login)?
            .ok_or(StationError::NoSession)?;
        let content = self.content_of(Some(&member), address);
        let refused = Err(LoginRefused::NotUnlocked);
        let shown = if password.is_empty() && is_passkey(code) {
            match Assertion::read(code) {
                Ok(answer) => self.check_passkey(id, Door::Unlock, &answer)?,
                Err(error) => Err(error),
            }
            .map_err(|error| match error.into() {
                LoginRefused::Wrong => LoginRefused::NotUnlocked,
                other => other,
            })
        } else if password.is_empty() {
            let now = self.clock.now().as_second().unsigned_abs();
            match known.second_factor.check(code, now) {
                Some(code) if self.store.use_code(id, code)? => Ok(()),
                _ => refused,
            }
        } else if known.password.verify(password) {
            Ok(())
        } else {
            refused
        };
        if let Err(refused) = shown {
            self.enter_login("unlock", Some(id), Verdict::Refuse, content, None)?;
            if refused == LoginRefused::PasskeyWentBack {
                self.raise_copied_passkey()?;
            }
            return Err(refused.into());
        }
        self.enter_login("unlock", Some(id), Verdict::Permit, content, Some(digest))?;
        lock(&self.throttle).succeeded(address);
        let now = self.clock.monotonic();
        let mut sessions = lock(&self.sessions);
        let held = sessions.get_mut(&digest).ok_or(StationError::NoSession)?;
        held.unlock(now);
        Ok(())
    }

    /// The member of a session that is locked.
    fn locked_member(&self, key: &SessionKey) -> Result<Option<MemberId>, StationError> {
        let now = self.clock.monotonic();
        let security = self.policy.security();
        let sessions = lock(&self.sessions);
        let held = sessions
            .get(&key.digest())
            .filter(|held| !held.is_over(now, security))
            .ok_or(StationError::NoSession)?;
        Ok(held.is_locked(now, security).then_some(held.member))
    }
}
