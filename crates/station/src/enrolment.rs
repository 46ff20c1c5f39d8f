//! The first login: with a code that is good once, a member sets a password and a second factor that
//! nobody else ever knew, and is given recovery codes.

use crypt::{EnrolmentCode, NewPassword, PasswordHash, RecoveryCode, SecondFactor};
use govern::{Content, IssueEnrolmentCode};
use jiff::{SignedDuration, Timestamp};
use ledger::Verdict;
use store::{Chosen, Enrolment, NewEnrolment};

use crate::gate::Done;
use crate::{Caller, LoginRefused, Station, StationError, lock};

/// Recovery codes that a member is given at once.
const RECOVERY_CODES: usize = 10;

/// A code that was issued, shown once to whoever hands it over.
pub struct IssuedCode {
    /// The code.
    pub code: EnrolmentCode,
    /// Until when it is good.
    pub good_until: Timestamp,
}

/// A second factor that is shown to its member alone.
pub struct OfferedFactor {
    /// What the member logs in with.
    pub login: String,
    /// The member's name.
    pub name: String,
    /// The secret, as it is typed into an authenticator.
    pub secret: String,
    /// The same as an address for the authenticator.
    pub address: String,
}

/// What a member brings and chooses at the first login.
pub struct FirstLogin<'a> {
    /// The enrolment code.
    pub code: &'a str,
    /// The password that they choose.
    pub password: &'a str,
    /// What their authenticator shows, as proof that it has the second factor.
    pub shown: &'a str,
    /// From where.
    pub address: &'a str,
}

impl Station {
    /// Shows the second factor that was made for the member who brings this code.
    ///
    /// # Errors
    /// [`LoginRefused::NoSuchCode`], which is entered; an address that is closed.
    pub fn begin_enrolment(
        &self,
        code: &str,
        address: &str,
    ) -> Result<OfferedFactor, StationError> {
        let (_, enrolment) = self.enrolment(code, address)?;
        offer(
            enrolment.member.login,
            enrolment.member.name,
            &enrolment.second_factor,
        )
    }

    /// Sets what the member chose, and gives the recovery codes. The code is used up.
    ///
    /// # Errors
    /// [`LoginRefused::NoSuchCode`] and [`LoginRefused::WrongCode`]; a password that may not be set;
    /// anything that keeps it from being written down.
    pub fn finish_enrolment(
        &self,
        first: &FirstLogin<'_>,
    ) -> Result<Vec<RecoveryCode>, StationError> {
        let (code, enrolment) = self.enrolment(first.code, first.address)?;
        let member = &enrolment.member;
        let personal = [member.login.as_str(), &member.name];
        let chosen = NewPassword::choose(first.password, self.policy.passwords(), &personal)?;
        let now = self.clock.now().as_second().unsigned_abs();
        let Some(shown) = enrolment.second_factor.check(first.shown, now) else {
            let content = self.content_of(Some(member), first.address);
            self.enter_login(
                "first-login",
                Some(member.id),
                Verdict::Refuse,
                content,
                None,
            )?;
            return Err(LoginRefused::WrongCode.into());
        };
        let password = PasswordHash::of(&chosen, self.hashing(), &*self.random)?;
        let recovery = self.new_recovery_codes();
        // Written down first, as everything is; a code that somebody used in between sets nothing.
        self.enter_login(
            "first-login",
            Some(member.id),
            Verdict::Permit,
            self.content_of(Some(member), first.address),
            None,
        )?;
        let set = Chosen {
            password: &password,
            shown,
            recovery: &recovery,
        };
        if !self.store.complete_enrolment(&code, &enrolment, &set)? {
            return Err(LoginRefused::NoSuchCode.into());
        }
        self.show_in_demonstration(&member.login, first.password, &enrolment.second_factor);
        Ok(recovery)
    }

    /// Takes from a member whatever they come in with, ends their sessions, and issues a code with
    /// which they set it anew: for a lost authenticator, or a code that expired.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a login that nobody has.
    pub fn issue_enrolment_code(
        &self,
        caller: &Caller,
        login: &str,
    ) -> Result<IssuedCode, StationError> {
        let named = self.named(login)?;
        let act = IssueEnrolmentCode {
            of: named.subject.clone(),
        };
        let (new, issued) = self.new_enrolment();
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            let member = named.subject.member;
            self.store.issue_enrolment_code(permit, &new)?;
            self.drop_sessions_of(member);
            Ok(Done {
                value: (),
                ids: vec![*member.as_bytes()],
            })
        })?;
        Ok(issued)
    }

    /// A code and a second factor for somebody who is enrolled, and what is shown of them.
    pub(crate) fn new_enrolment(&self) -> (NewEnrolment, IssuedCode) {
        let lasts = self.policy.security().enrolment_code_lasts();
        new_enrolment(&*self.random, self.clock.now(), lasts)
    }

    pub(crate) fn new_recovery_codes(&self) -> Vec<RecoveryCode> {
        std::iter::repeat_with(|| RecoveryCode::random(&*self.random))
            .take(RECOVERY_CODES)
            .collect()
    }

    /// The enrolment of a code that somebody typed. Whoever tries codes closes their address.
    fn enrolment(
        &self,
        typed: &str,
        address: &str,
    ) -> Result<(EnrolmentCode, Enrolment), StationError> {
        self.begin_at_address(address)?;
        let code = EnrolmentCode::typed(typed).ok();
        let known = match &code {
            Some(code) => self.store.enrolment(code)?,
            None => None,
        };
        let (Some(code), Some(enrolment)) = (code, known) else {
            let content = Content {
                what: "an enrolment code that is not good".to_owned(),
                ..self.content_of(None, address)
            };
            self.enter_login("first-login", None, Verdict::Refuse, content, None)?;
            return Err(LoginRefused::NoSuchCode.into());
        };
        lock(&self.throttle).succeeded(address);
        Ok((code, enrolment))
    }
}

/// A code that is good from `now` for as long as it `lasts`, and the second factor that goes with it.
pub(crate) fn new_enrolment(
    random: &dyn crypt::Random,
    now: Timestamp,
    lasts: std::time::Duration,
) -> (NewEnrolment, IssuedCode) {
    let lasts = SignedDuration::try_from(lasts).unwrap_or_default();
    let expires = now.saturating_add(lasts).unwrap_or(now);
    let code = EnrolmentCode::random(random);
    let new = NewEnrolment {
        code: code.clone(),
        second_factor: SecondFactor::random(random),
        expires,
    };
    (
        new,
        IssuedCode {
            code,
            good_until: expires,
        },
    )
}

/// What an authenticator is given.
pub(crate) fn offer(
    login: String,
    name: String,
    factor: &SecondFactor,
) -> Result<OfferedFactor, StationError> {
    Ok(OfferedFactor {
        secret: factor.base32(),
        address: factor.address(&login),
        login,
        name,
    })
}
