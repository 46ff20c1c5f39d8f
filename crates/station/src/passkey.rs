//! Passkeys: second factors that a member's devices keep, beside the authenticator.

use crypt::{Assertion, Digest, PasskeyError, RelyingParty, UserHandle, sha256};
use govern::MemberId;
use jiff::Timestamp;
use ledger::{Verdict, Withdrawal};
use store::KeptPasskey;

use crate::administer::check_words;
use crate::{LoginRefused, Session, Station, StationError, lock};

/// Passkeys that a member may have.
const MOST: usize = 10;
const ADD: &str = "add-passkey";
const REMOVE: &str = "remove-passkey";

/// What a passkey is asked for; a challenge is good for one of them.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    Login,
    Unlock,
}

/// A member's passkey, as its page shows it.
pub struct PasskeyShown {
    /// Names it.
    pub id: Digest,
    /// What the member calls it.
    pub name: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// Whether its device copies it to others.
    pub copied: bool,
    /// Whether it counted backwards, and is not taken any more.
    pub stopped: bool,
}

impl Door {
    fn challenge(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Unlock => "unlock",
        }
    }
}

impl Station {
    /// Says at which port browsers reach the station: passkeys are made for that address alone.
    pub fn reached_at(&self, port: u16) {
        let host = &self.about.host;
        let usual = if host == "localhost" { 80 } else { 443 };
        let port = if port == usual {
            String::new()
        } else {
            format!(":{port}")
        };
        *lock(&self.origin) = Some(format!("{}://{host}{port}", self.scheme()));
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.about.host == "localhost" {
            "http"
        } else {
            "https"
        }
    }

    /// Whom passkeys are made for; nobody where the host is an address and no name.
    fn relying_party(&self) -> Option<RelyingParty> {
        let host = self.about.host.clone();
        if host.parse::<std::net::IpAddr>().is_ok() {
            return None;
        }
        let origin = lock(&self.origin).clone();
        let origin = origin.unwrap_or_else(|| format!("{}://{host}", self.scheme()));
        Some(RelyingParty { host, origin })
    }

    /// What a login page's script must know to have a passkey sign; nothing where there can be none.
    pub fn wanted_at_login(&self) -> Option<String> {
        self.wanted(Door::Login.challenge(), None)
    }

    /// The same for the page of a locked session.
    pub fn wanted_at_unlock(&self) -> Option<String> {
        self.wanted(Door::Unlock.challenge(), None)
    }

    fn wanted(&self, what: &str, user: Option<UserHandle>) -> Option<String> {
        let now = self.clock.monotonic();
        let challenge = self.challenges.give(what, now, &*self.random);
        Some(self.relying_party()?.wanted(&challenge, user))
    }

    /// Whether the answer is a passkey's of this member. One that counts backwards is not taken any more.
    pub(crate) fn check_passkey(
        &self,
        member: MemberId,
        door: Door,
        assertion: &Assertion,
    ) -> Result<Result<(), PasskeyError>, StationError> {
        let Some(party) = self.relying_party() else {
            return Ok(Err(PasskeyError::Elsewhere("a host without passkeys")));
        };
        let kept = self.store.passkeys(member)?;
        let known = kept
            .iter()
            .find(|kept| kept.passkey.id == assertion.id() && !kept.stopped);
        let Some(known) = known else {
            return Ok(Err(PasskeyError::Forged));
        };
        let challenge = match assertion.challenge() {
            Ok(challenge) => challenge,
            Err(error) => return Ok(Err(error)),
        };
        let signed = party.signed(&challenge, assertion, &known.passkey, handle(member));
        // Used up by whoever has the passkey, and by nobody else.
        let in_time = !matches!(signed, Ok(_) | Err(PasskeyError::WentBack))
            || self
                .challenges
                .take(door.challenge(), &challenge, self.clock.monotonic());
        if !in_time {
            return Ok(Err(PasskeyError::Late));
        }
        match signed {
            Ok(next) => {
                let used = self.store.use_passkey(member, &known.passkey, &next)?;
                Ok(if used {
                    Ok(())
                } else {
                    Err(PasskeyError::Late)
                })
            }
            Err(PasskeyError::WentBack) => {
                self.store.stop_passkey(member, &known.passkey.id)?;
                Ok(Err(PasskeyError::WentBack))
            }
            Err(other) => Ok(Err(other)),
        }
    }

    /// A passkey counted backwards at the door: there may be a copy of it in other hands.
    pub(crate) fn raise_copied_passkey(&self) -> Result<(), StationError> {
        let entry = self.ledger_size().saturating_sub(1);
        self.raise_alarm(
            entry,
            "A passkey counted backwards: there may be a copy of it. It is not taken any more; find \
             out with its member",
        )
    }

    pub(crate) fn passkeys_shown(
        &self,
        member: MemberId,
    ) -> Result<Vec<PasskeyShown>, StationError> {
        let shown = |kept: KeptPasskey| PasskeyShown {
            id: sha256(&kept.passkey.id),
            name: kept.name,
            added_at: kept.added_at,
            used_at: kept.used_at,
            copied: kept.passkey.copied,
            stopped: kept.stopped,
        };
        let kept = self.store.passkeys(member)?;
        Ok(kept.into_iter().map(shown).collect())
    }

    /// What a page's script must know to have a passkey made for the member.
    ///
    /// # Errors
    /// [`LoginRefused::NotThePassword`]; [`StationError::Input`] where there can be none, or are enough.
    pub fn offer_passkey(
        &self,
        session: &Session,
        name: &str,
        current: &str,
        address: &str,
    ) -> Result<String, StationError> {
        check_words("a passkey's name", name)?;
        self.prove(session, ADD, current, address)?;
        let member = session.member.id;
        if self.store.passkeys(member)?.len() >= MOST {
            return Err(StationError::Input(format!(
                "a member has {MOST} passkeys at most: remove one first"
            )));
        }
        let what = making(session);
        self.wanted(&what, Some(handle(member))).ok_or_else(|| {
            StationError::Input(
                "passkeys are bound to a host name, and this station's host is an address"
                    .to_owned(),
            )
        })
    }

    /// Adds the passkey that a device of the member made. From then on it serves as second factor.
    ///
    /// # Errors
    /// [`StationError::Input`] says what is wrong with what the browser sent; it is entered.
    pub fn add_passkey(
        &self,
        session: &Session,
        name: &str,
        answer: &str,
        address: &str,
    ) -> Result<(), StationError> {
        check_words("a passkey's name", name)?;
        let member = session.member.id;
        let refuse = |words: String| {
            self.enter_own(session, ADD, Verdict::Refuse, address)?;
            Err(StationError::Input(words))
        };
        let passkey = match self.made(session, answer) {
            Ok(passkey) => passkey,
            Err(error) => return refuse(error.to_string()),
        };
        if self.store.knows_passkey(&passkey.id)? {
            return refuse("this passkey is known here already".to_owned());
        }
        self.enter_own(session, ADD, Verdict::Permit, address)?;
        Ok(self.store.add_passkey(member, name.trim(), &passkey)?)
    }

    fn made(&self, session: &Session, answer: &str) -> Result<crypt::Passkey, PasskeyError> {
        let nowhere = PasskeyError::Elsewhere("a host without passkeys");
        let party = self.relying_party().ok_or(nowhere)?;
        let challenge = RelyingParty::challenge_of(answer)?;
        let passkey = party.made(&challenge, answer)?;
        let now = self.clock.monotonic();
        if self.challenges.take(&making(session), &challenge, now) {
            Ok(passkey)
        } else {
            Err(PasskeyError::Late)
        }
    }

    /// Takes away one of the member's passkeys.
    ///
    /// # Errors
    /// [`LoginRefused::NotThePassword`]; [`StationError::Input`] when there is no such passkey.
    pub fn remove_passkey(
        &self,
        session: &Session,
        id: Digest,
        current: &str,
        address: &str,
    ) -> Result<(), StationError> {
        self.prove(session, REMOVE, current, address)?;
        let member = session.member.id;
        let kept = self.store.passkeys(member)?;
        let known = kept.iter().find(|kept| sha256(&kept.passkey.id) == id);
        let Some(known) = known else {
            self.enter_own(session, REMOVE, Verdict::Refuse, address)?;
            return Err(StationError::Input("there is no such passkey".to_owned()));
        };
        self.enter_at_the_door(
            REMOVE,
            Some(member),
            Verdict::Permit,
            self.content_of(Some(&session.member), address),
            Some(*session.key()),
            Some(Withdrawal::Passkey(member, id)),
        )?;
        self.store.remove_passkey(member, &known.passkey.id)?;
        Ok(())
    }
}

/// What names a member to their devices: their id, which tells nothing of them.
fn handle(member: MemberId) -> UserHandle {
    UserHandle(*member.as_bytes())
}

/// A challenge for making a passkey is good for the session that asked.
fn making(session: &Session) -> String {
    format!("make {}", session.key())
}

impl From<PasskeyError> for LoginRefused {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::WentBack => Self::PasskeyWentBack,
            PasskeyError::Late => Self::PasskeyLate,
            PasskeyError::NotVerified => Self::PasskeyNotVerified,
            _ => Self::Wrong,
        }
    }
}
