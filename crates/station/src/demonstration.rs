//! The demonstration: a station of an invented town whose logins stand on its first page.

use crypt::SecondFactor;

use crate::{FirstLogin, IssuedCode, LoginRefused, Station, StationError, lock};

/// A login that the demonstration shows.
#[derive(Clone, Debug)]
pub struct DemonstrationLogin {
    /// The login.
    pub login: String,
    /// The roles, for people.
    pub roles: String,
    /// Whether training is in force.
    pub trained: bool,
    /// The password.
    pub password: String,
    /// The code that an authenticator would show now.
    pub code: String,
}

pub(crate) struct Shown {
    login: String,
    password: String,
    factor: SecondFactor,
}

impl Station {
    /// A member of the demonstration comes in for the first time. The authenticator's code before this
    /// one is used, so that the one of now is good for a login.
    ///
    /// # Errors
    /// [`StationError::Input`] in any other station: there nobody else knows what a member chooses.
    pub fn first_login_in_demonstration(
        &self,
        issued: &IssuedCode,
        password: &str,
    ) -> Result<(), StationError> {
        if !self.about.demonstration {
            return Err(StationError::Input("this is no demonstration".to_owned()));
        }
        let known = self.store.enrolment(&issued.code)?;
        let factor = known.ok_or(LoginRefused::NoSuchCode)?.second_factor;
        let before = self
            .clock
            .now()
            .as_second()
            .unsigned_abs()
            .saturating_sub(30);
        self.finish_enrolment(&FirstLogin {
            code: &issued.code.text(),
            password,
            shown: &factor.code(before),
            address: "this machine",
        })?;
        Ok(())
    }

    /// Keeps a login for the demonstration's first page; in any other station, does nothing.
    pub(crate) fn show_in_demonstration(&self, login: &str, password: &str, factor: &SecondFactor) {
        if self.about.demonstration {
            let shown = Shown {
                login: login.to_owned(),
                password: password.to_owned(),
                factor: factor.clone(),
            };
            let mut all = lock(&self.demonstration);
            all.retain(|known| known.login != login);
            all.push(shown);
        }
    }

    pub(crate) fn show_password_in_demonstration(&self, login: &str, password: &str) {
        let mut all = lock(&self.demonstration);
        for shown in all.iter_mut().filter(|known| known.login == login) {
            password.clone_into(&mut shown.password);
        }
    }

    pub(crate) fn show_factor_in_demonstration(&self, login: &str, factor: &SecondFactor) {
        let mut all = lock(&self.demonstration);
        for shown in all.iter_mut().filter(|known| known.login == login) {
            shown.factor = factor.clone();
        }
    }

    /// The logins of the demonstration; none in any other station.
    ///
    /// # Errors
    /// When the store fails.
    pub fn demonstration_logins(&self) -> Result<Vec<DemonstrationLogin>, StationError> {
        let now = self.clock.now().as_second().unsigned_abs();
        let mut logins = Vec::new();
        for shown in lock(&self.demonstration).iter() {
            let member = self.member_by_login(&shown.login)?;
            let roles: Vec<String> = member
                .roles
                .iter()
                .map(|role| self.role_name(role))
                .collect();
            logins.push(DemonstrationLogin {
                login: shown.login.clone(),
                roles: roles.join(", "),
                trained: self
                    .store
                    .training(member.id)?
                    .iter()
                    .any(|t| t.expires >= self.today()),
                password: shown.password.clone(),
                code: shown.factor.code(now),
            });
        }
        Ok(logins)
    }
}
