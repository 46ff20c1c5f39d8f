//! Logging in and out.

use crypt::{Assertion, Code, Digest, PasswordHash, RecoveryCode, SecondFactor};
use govern::{Content, MemberId, MemberStatus};
use ledger::{Event, Party, Verdict, Withdrawal};
use store::Member;

use crate::note::Note;
use crate::passkey::Door;
use crate::sign_on::{BY_SIGN_ON, NAMELESS};
use crate::throttle::{Closed, Limit};
use crate::{LoginRefused, Session, SessionKey, Station, StationError, TerminalKey, lock};

/// What somebody at the door shows.
pub struct LoginAttempt<'a> {
    /// Under which name.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the second factor, a recovery code, or a browser's answer that a passkey signed.
    pub code: &'a str,
    /// Whether the notice was acknowledged.
    pub acknowledged: bool,
    /// From where.
    pub address: &'a str,
}

/// Whom an attempt to log in meant, and whether they may come in.
pub(crate) struct Checked {
    pub(crate) meant: Option<Member>,
    pub(crate) verdict: Result<MemberId, LoginRefused>,
    /// Whether a passkey was shown.
    passkey: bool,
    /// What the attempt took away: a recovery code, or further attempts.
    withdraws: Option<Withdrawal>,
}

/// What stands for who somebody is, beside the second factor.
pub(crate) enum First {
    /// The password.
    Password,
    /// A provider's word, that it is this member.
    SignedOn(MemberId),
}

/// A second factor that was shown.
enum Shown {
    /// A code of the authenticator, which was right.
    Code(Code),
    /// A recovery code: whether it is one of the member's shows when it is used up.
    Recovery(RecoveryCode),
    /// A passkey's answer, which is not judged yet.
    Passkey(Box<Assertion>),
}

/// Stands with the entry of a login.
const WITH_A_PASSKEY: &str = "with a passkey";

/// Whether what is shown as second factor is a passkey's answer; codes have no brace.
pub(crate) fn is_passkey(shown: &str) -> bool {
    shown.starts_with('{')
}

impl Station {
    /// Lets a member in who shows password and code. Every attempt that is checked, refused or not,
    /// stands in the ledger before it is answered; of those from an address that is closed, the
    /// first one does, so that nobody fills the ledger from outside.
    ///
    /// # Errors
    /// [`StationError::Login`]; anything that keeps the attempt from being written down.
    pub fn login(&self, attempt: &LoginAttempt<'_>) -> Result<SessionKey, StationError> {
        self.login_on(attempt, None)
    }

    /// The same on a terminal: the session carries its class, and the entry names it. A key that is no
    /// terminal's, or no longer, makes no difference.
    ///
    /// # Errors
    /// As [`Station::login`].
    pub fn login_on(
        &self,
        attempt: &LoginAttempt<'_>,
        terminal: Option<&TerminalKey>,
    ) -> Result<SessionKey, StationError> {
        self.come_in(attempt, &First::Password, terminal)
    }

    /// The same for somebody of whom a provider of single sign-on has said who they are: the ticket
    /// stands in the place of login and password, once.
    ///
    /// # Errors
    /// As [`Station::login`]; [`LoginRefused::SignOnLate`].
    pub fn login_signed_on(
        &self,
        ticket: &str,
        attempt: &LoginAttempt<'_>,
        terminal: Option<&TerminalKey>,
    ) -> Result<SessionKey, StationError> {
        let Some((member, login)) = self.take_ticket(ticket) else {
            self.begin_at_address(attempt.address)?;
            let mut content = self.content_of(None, attempt.address);
            content.what = NAMELESS.to_owned();
            content.words = Some(format!(
                "{BY_SIGN_ON}: its ticket was used, or took too long"
            ));
            self.enter_login("login", None, Verdict::Refuse, content, None)?;
            return Err(LoginRefused::SignOnLate.into());
        };
        let attempt = LoginAttempt {
            login: &login,
            password: "",
            ..*attempt
        };
        self.come_in(&attempt, &First::SignedOn(member), terminal)
    }

    fn come_in(
        &self,
        attempt: &LoginAttempt<'_>,
        first: &First,
        terminal: Option<&TerminalKey>,
    ) -> Result<SessionKey, StationError> {
        let terminal = match terminal {
            Some(key) => self.terminal(key)?,
            None => None,
        };
        let address = match &terminal {
            Some(on) => format!("{} (terminal {})", attempt.address, on.name),
            None => attempt.address.to_owned(),
        };
        // Every attempt that is written down counts: nobody fills the ledger from outside.
        self.begin_at_address(attempt.address)?;
        // The notice is asked before anything is looked up: it tells nothing about who is a member.
        let checked = if attempt.acknowledged {
            self.check(attempt, first)?
        } else {
            Checked {
                meant: None,
                verdict: Err(LoginRefused::NoticeNotAcknowledged),
                passkey: false,
                withdraws: None,
            }
        };
        let content = Content {
            what: attempt.login.chars().take(64).collect(),
            words: words(first, checked.passkey),
            ..self.content_of(checked.meant.as_ref(), &address)
        };
        let id = checked.meant.map(|member| member.id);
        // The session is made before its entry, so that the entry can name it; nobody has its key
        // until the entry is durable.
        let session = checked
            .verdict
            .map(|member| self.begin_session(member, &address, terminal.as_ref()));
        let verdict = if session.is_ok() {
            Verdict::Permit
        } else {
            Verdict::Refuse
        };
        let entered = self.enter_at_the_door(
            "login",
            id,
            verdict,
            content,
            session.as_ref().ok().map(SessionKey::digest),
            checked.withdraws,
        );
        match (entered, session) {
            (Ok(()), Ok(key)) => {
                lock(&self.throttle).succeeded(attempt.address);
                Ok(key)
            }
            (Ok(()), Err(refused)) => {
                if refused == LoginRefused::PasskeyWentBack {
                    self.raise_copied_passkey()?;
                }
                Err(refused.into())
            }
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
        self.enter_login(
            "logout",
            Some(session.member.id),
            Verdict::Permit,
            self.content_of(Some(&session.member), address),
            Some(*session.key()),
        )
    }

    /// Whom the attempt meant, and whether they may come in.
    pub(crate) fn check_login(&self, attempt: &LoginAttempt<'_>) -> Result<Checked, StationError> {
        self.check(attempt, &First::Password)
    }

    fn check(&self, attempt: &LoginAttempt<'_>, first: &First) -> Result<Checked, StationError> {
        let Some(known) = self.store.credentials(attempt.login.trim())? else {
            PasswordHash::verify_for_nobody(attempt.password, self.hashing());
            return Ok(Checked {
                meant: None,
                verdict: Err(LoginRefused::Wrong),
                passkey: false,
                withdraws: None,
            });
        };
        let member = known.member;
        let status = self.status(&member);
        let refuse = |refused| {
            Ok(Checked {
                meant: Some(member.clone()),
                verdict: Err(refused),
                passkey: is_passkey(attempt.code),
                withdraws: None,
            })
        };
        let wrong = |locked: bool| {
            Ok(Checked {
                withdraws: locked.then_some(Withdrawal::Attempts(member.id)),
                ..refuse(LoginRefused::Wrong)?
            })
        };
        let now = self.clock.now();
        let security = self.policy.security();
        let most = security.login_failures();
        let since = now
            .saturating_sub(security.login_failures_within())
            .unwrap_or(now);
        let open = self.store.begin_attempt(member.id, since, most)?;
        let right_first = match first {
            First::Password => known.password.verify(attempt.password),
            First::SignedOn(proved) => *proved == member.id,
        };
        let shown = self.second_factor(&known.second_factor, attempt.code)?;
        let Some(shown) = shown.filter(|_| right_first) else {
            return wrong(self.store.attempt_failed(member.id, since, most)?);
        };
        // That the account is locked is told only to whoever has shown the rest.
        if !open {
            return refuse(LoginRefused::Locked);
        }
        if status != MemberStatus::Active {
            return refuse(LoginRefused::Closed(status));
        }
        let withdraws = match &shown {
            Shown::Code(_) | Shown::Passkey(_) => None,
            Shown::Recovery(_) => Some(Withdrawal::RecoveryCodes(member.id)),
        };
        match shown {
            Shown::Code(code) if !self.store.use_code(member.id, code)? => {
                return refuse(LoginRefused::CodeUsed);
            }
            Shown::Recovery(code) if !self.store.use_recovery_code(member.id, &code)? => {
                return wrong(self.store.attempt_failed(member.id, since, most)?);
            }
            Shown::Code(_) | Shown::Recovery(_) => {}
            Shown::Passkey(answer) => {
                if let Err(error) = self.check_passkey(member.id, Door::Login, &answer)? {
                    let locked = self.store.attempt_failed(member.id, since, most)?;
                    return Ok(Checked {
                        verdict: Err(error.into()),
                        ..wrong(locked)?
                    });
                }
            }
        }
        if matches!(first, First::Password) {
            let anew = known
                .password
                .anew(attempt.password, self.hashing(), &*self.random)?;
            if let Some(anew) = anew {
                self.store
                    .rehash_password(member.id, &known.password, &anew)?;
            }
        }
        self.store.forget_failed_logins(member.id)?;
        self.store.account_used(member.id)?;
        Ok(Checked {
            verdict: Ok(member.id),
            passkey: is_passkey(attempt.code),
            meant: Some(member),
            withdraws,
        })
    }

    /// What somebody shows as the second factor, if it can be one.
    fn second_factor(
        &self,
        factor: &SecondFactor,
        shown: &str,
    ) -> Result<Option<Shown>, StationError> {
        if let Ok(code) = RecoveryCode::typed(shown) {
            return Ok(Some(Shown::Recovery(code)));
        }
        if is_passkey(shown) {
            let answer = Assertion::read(shown);
            return Ok(answer.ok().map(|answer| Shown::Passkey(Box::new(answer))));
        }
        let now = self.clock.now().as_second().unsigned_abs();
        Ok(factor.check(shown, now).map(Shown::Code))
    }

    /// Counts an attempt from an address, unless too many failed there already.
    pub(crate) fn begin_at_address(&self, address: &str) -> Result<(), StationError> {
        let security = self.policy.security();
        let limit = Limit {
            failures: security.address_failures(),
            within: security.address_failures_within(),
        };
        let begun = lock(&self.throttle).begin(address, self.clock.monotonic(), limit);
        let Err(Closed { for_another, first }) = begun else {
            return Ok(());
        };
        if first {
            let content = self.content_of(None, address);
            self.enter_login("close-address", None, Verdict::Refuse, content, None)?;
        }
        Err(LoginRefused::AddressClosed {
            minutes: for_another.as_secs().div_ceil(60),
        }
        .into())
    }

    /// What an entry about a member at the door keeps beside the ledger.
    pub(crate) fn content_of(&self, member: Option<&Member>, address: &str) -> Content {
        let of = |part: fn(&Member) -> &String| member.map(part).cloned().unwrap_or_default();
        Content {
            name: of(|member| &member.name),
            badge: of(|member| &member.badge),
            address: address.to_owned(),
            what: of(|member| &member.login),
            case: None,
            words: None,
        }
    }

    /// Writes down what happened at the door.
    pub(crate) fn enter_login(
        &self,
        act: &'static str,
        member: Option<MemberId>,
        verdict: Verdict,
        content: Content,
        session: Option<Digest>,
    ) -> Result<(), StationError> {
        let withdraws = member
            .filter(|_| verdict == Verdict::Permit)
            .and_then(|member| taken_away_by(act, member));
        self.enter_at_the_door(act, member, verdict, content, session, withdraws)
    }

    pub(crate) fn enter_at_the_door(
        &self,
        act: &'static str,
        member: Option<MemberId>,
        verdict: Verdict,
        content: Content,
        session: Option<Digest>,
        withdraws: Option<Withdrawal>,
    ) -> Result<(), StationError> {
        let who = member.map_or(Party::Unknown, Party::Member);
        let note = Note {
            act,
            who,
            session,
            verdict,
            clauses: &["5(a)"],
            withdraws,
            content,
        };
        self.write_down(note, Event::Login)
    }
}

/// By which way somebody came, where it is not password and code.
fn words(first: &First, passkey: bool) -> Option<String> {
    match (first, passkey) {
        (First::Password, false) => None,
        (First::Password, true) => Some(WITH_A_PASSKEY.to_owned()),
        (First::SignedOn(_), false) => Some(BY_SIGN_ON.to_owned()),
        (First::SignedOn(_), true) => Some(format!("{BY_SIGN_ON}, {WITH_A_PASSKEY}")),
    }
}

/// What a member's own act takes away: what was in the place of what they set. A restore takes it
/// away again.
fn taken_away_by(act: &str, member: MemberId) -> Option<Withdrawal> {
    match act {
        "first-login" => Some(Withdrawal::EnrolmentCode(member)),
        "change-password" => Some(Withdrawal::Password(member)),
        "change-authenticator" => Some(Withdrawal::Authenticator(member)),
        "renew-recovery-codes" => Some(Withdrawal::RecoveryCodes(member)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crypt::{NewPassword, PasswordAlgorithm, SystemRandom};

    use crate::support::{LOGIN, PASSWORD, StandingClock, begin_session, found};

    use super::*;

    #[test]
    fn a_password_hashed_by_another_algorithm_is_hashed_anew_at_the_login() {
        let dir = tempfile::tempdir().unwrap();
        let station = found(dir.path(), &StandingClock::new());
        let known = || station.store.credentials(LOGIN).unwrap().unwrap();
        let member = known().member.id;
        // As a station with `cji_mode` on left it.
        let chosen = NewPassword::choose(PASSWORD, station.policy.passwords(), &[]).unwrap();
        let other = PasswordAlgorithm::Pbkdf2Sha512;
        let hash = PasswordHash::of(&chosen, other, &SystemRandom).unwrap();
        station.store.set_password(member, &hash).unwrap();
        assert_eq!(known().password.algorithm(), Some(other));
        begin_session(&station, LOGIN);
        assert_eq!(
            known().password.algorithm(),
            Some(PasswordAlgorithm::Argon2id)
        );
        assert!(known().password.verify(PASSWORD));
    }
}
