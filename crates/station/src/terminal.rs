//! Terminals: machines that members log in from, known by a key of their own. A session begun on one
//! carries its class, and with it whether it locks when it is left alone.

use crypt::{Digest, EnrolmentCode, Random, sha256};
use govern::{EnrolTerminal, RemoveTerminal, SeeStation};
use ledger::Verdict;
use store::{NewTerminal, Terminal};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, IssuedCode, LoginRefused, Station, StationError, lock};

/// What a terminal shows at each login: 256 random bits. Only its digest is kept.
#[derive(Clone)]
pub struct TerminalKey(String);

impl TerminalKey {
    fn random(random: &dyn Random) -> Self {
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

    fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }
}

impl Station {
    /// Enrols a terminal, and gives the code with which the machine is set up.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a name that is taken, a class that there
    /// is not.
    pub fn enrol_terminal(
        &self,
        caller: &Caller,
        new: EnrolTerminal,
    ) -> Result<IssuedCode, StationError> {
        check_words("a terminal's name", &new.name)?;
        check_words("a terminal's place", &new.place)?;
        if self.policy.device_class(&new.class).is_none() {
            return Err(StationError::Input(format!(
                "{} is no class of policy/device-classes.toml",
                new.class
            )));
        }
        let lasts = self.policy.security().enrolment_code_lasts();
        let now = self.clock.now();
        let issued = IssuedCode {
            code: EnrolmentCode::random(&*self.random),
            good_until: now.saturating_add(lasts).unwrap_or(now),
        };
        let code = NewTerminal {
            code: issued.code.clone(),
            expires: issued.good_until,
        };
        self.perform(caller, new, |permit| {
            let terminal = self.store.enrol_terminal(permit, &code, &*self.random)?;
            Ok(Done {
                value: (),
                ids: vec![*terminal.as_bytes()],
            })
        })?;
        Ok(issued)
    }

    /// Gives the machine that brings this code the key of its terminal.
    ///
    /// # Errors
    /// [`LoginRefused::NoSuchCode`], which is entered; an address that is closed.
    pub fn set_up_terminal(
        &self,
        code: &str,
        address: &str,
    ) -> Result<(TerminalKey, Terminal), StationError> {
        self.begin_at_address(address)?;
        let key = TerminalKey::random(&*self.random);
        let mut content = self.content_of(None, address);
        let terminal = match EnrolmentCode::typed(code) {
            Ok(code) => self.store.set_up_terminal(&code, &key.digest())?,
            Err(_) => None,
        };
        let Some(terminal) = terminal else {
            content.what = "a terminal's code that is not good".to_owned();
            self.enter_login("set-up-terminal", None, Verdict::Refuse, content, None)?;
            return Err(LoginRefused::NoSuchCode.into());
        };
        content.what.clone_from(&terminal.name);
        self.enter_login("set-up-terminal", None, Verdict::Permit, content, None)?;
        lock(&self.throttle).succeeded(address);
        Ok((key, terminal))
    }

    /// The terminal of this key, if its key was not taken away.
    ///
    /// # Errors
    /// When the store fails.
    pub fn terminal(&self, key: &TerminalKey) -> Result<Option<Terminal>, StationError> {
        Ok(self.store.terminal_by_key(&key.digest())?)
    }

    /// Takes a terminal's key away; sessions that were begun there lock like any others.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such terminal.
    pub fn remove_terminal(&self, caller: &Caller, name: &str) -> Result<(), StationError> {
        let all = self.store.terminals()?;
        let known = all
            .into_iter()
            .find(|known| known.name.eq_ignore_ascii_case(name.trim()));
        let known =
            known.ok_or_else(|| StationError::Input(format!("there is no terminal {name}")))?;
        let act = RemoveTerminal {
            terminal: known.id,
            name: known.name,
        };
        self.perform(caller, act, |permit| {
            self.store.remove_terminal(permit)?;
            for held in lock(&self.sessions).values_mut() {
                held.leave_terminal(known.id);
            }
            Ok(Done {
                value: (),
                ids: vec![*known.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Every terminal that was enrolled.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn terminals(&self, caller: &Caller) -> Result<Vec<Terminal>, StationError> {
        let (terminals, _permit) = self.perform(caller, SeeStation, |_permit| {
            let terminals = self.store.terminals()?;
            Ok(Done {
                ids: terminals.iter().map(|one| *one.id.as_bytes()).collect(),
                value: terminals,
            })
        })?;
        Ok(terminals)
    }

    /// Whether a session begun on this terminal locks when it is left alone. One of a class that the
    /// rules do not know, or on no terminal, does.
    pub(crate) fn locks_on(&self, terminal: Option<&Terminal>) -> bool {
        let class = terminal.and_then(|on| self.policy.device_class(&on.class));
        class.is_none_or(|class| class.locks)
    }
}
