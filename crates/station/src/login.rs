//! Logging in and out.

use crypt::{Digest, PasswordHash, SystemRandom};
use govern::{Content, MemberId};
use ledger::{Event, Party, Verdict};

use crate::note::Note;
use crate::{LoginRefused, Session, SessionKey, Station, StationError};

/// What somebody at the door shows.
pub struct LoginAttempt<'a> {
    /// Under which name.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the second factor.
    pub code: &'a str,
    /// Whether the notice was acknowledged.
    pub acknowledged: bool,
    /// From where.
    pub address: &'a str,
}

impl Station {
    /// Lets a member in who shows password and code. Every attempt, refused or not, stands in the
    /// ledger before it is answered.
    ///
    /// # Errors
    /// [`StationError::Login`]; anything that keeps the attempt from being written down.
    pub fn login(&self, attempt: &LoginAttempt<'_>) -> Result<SessionKey, StationError> {
        let (member, checked) = self.check_login(attempt)?;
        let content = Content {
            name: member
                .as_ref()
                .map_or_else(String::new, |(_, name, _)| name.clone()),
            badge: member
                .as_ref()
                .map_or_else(String::new, |(_, _, badge)| badge.clone()),
            address: attempt.address.to_owned(),
            what: attempt.login.chars().take(64).collect(),
            case: None,
            words: None,
        };
        let id = member.map(|(id, _, _)| id);
        // The session is made before its entry, so that the entry can name it; nobody has its key
        // until the entry is durable.
        let session = match checked {
            Ok(member) => Ok(self.begin_session(member)),
            Err(refused) => Err(refused),
        };
        let entered = self.enter_login(
            "login",
            id,
            content,
            session.as_ref().ok().map(SessionKey::digest),
        );
        match (entered, session) {
            (Ok(()), Ok(key)) => Ok(key),
            (Ok(()), Err(refused)) => Err(refused.into()),
            (Err(error), session) => {
                if let Ok(key) = session {
                    self.drop_session(&key.digest());
                }
                Err(error)
            }
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When it cannot be written down; the session is over all the same.
    pub fn logout(&self, session: &Session, address: &str) -> Result<(), StationError> {
        self.drop_session(session.key());
        let content = Content {
            name: session.member.name.clone(),
            badge: session.member.badge.clone(),
            address: address.to_owned(),
            what: session.member.login.clone(),
            case: None,
            words: None,
        };
        self.enter_login(
            "logout",
            Some(session.member.id),
            content,
            Some(*session.key()),
        )
    }

    /// Who was meant, by id, name and badge, and whether they may come in.
    #[expect(clippy::type_complexity, reason = "used once, right above")]
    fn check_login(
        &self,
        attempt: &LoginAttempt<'_>,
    ) -> Result<
        (
            Option<(MemberId, String, String)>,
            Result<MemberId, LoginRefused>,
        ),
        StationError,
    > {
        // Said before anything is looked up: it tells nothing about who is a member.
        if !attempt.acknowledged {
            return Ok((None, Err(LoginRefused::NoticeNotAcknowledged)));
        }
        let Some(known) = self.store.credentials(attempt.login.trim())? else {
            // As much work as for a member, so that the time taken does not tell who is one.
            let _ = PasswordHash::of("nobody has this password", &SystemRandom);
            return Ok((None, Err(LoginRefused::Wrong)));
        };
        let member = known.member;
        let who = Some((member.id, member.name, member.badge));
        let now = self.clock.now();
        let security = self.policy.security();
        let most = security.login_failures();
        let since = now
            .saturating_sub(security.login_failures_within())
            .unwrap_or(now);
        let open = self.store.begin_attempt(member.id, since, most)?;
        let right_password = known.password.verify(attempt.password);
        let code = known
            .second_factor
            .check(attempt.code, now.as_second().unsigned_abs())?;
        let Some(code) = code.filter(|_| right_password) else {
            self.store.attempt_failed(member.id, since, most)?;
            return Ok((who, Err(LoginRefused::Wrong)));
        };
        // That the account is locked is told only to whoever has shown the rest.
        if !open {
            return Ok((who, Err(LoginRefused::Locked)));
        }
        if !self.store.use_code(member.id, code)? {
            return Ok((who, Err(LoginRefused::CodeUsed)));
        }
        self.store.forget_failed_logins(member.id)?;
        Ok((who, Ok(member.id)))
    }

    fn enter_login(
        &self,
        act: &'static str,
        member: Option<MemberId>,
        content: Content,
        session: Option<Digest>,
    ) -> Result<(), StationError> {
        let verdict = if session.is_some() {
            Verdict::Permit
        } else {
            Verdict::Refuse
        };
        let who = member.map_or(Party::Unknown, Party::Member);
        let note = Note {
            act,
            who,
            session,
            verdict,
            clauses: &["5(a)"],
            content,
        };
        self.write_down(note, Event::Login)
    }
}
