//! The demonstration: a station of an invented town whose logins stand on its first page.

use crypt::SecondFactor;

use crate::{Station, StationError, lock};

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
    /// Keeps a login for the demonstration's first page; in any other station, does nothing.
    pub(crate) fn show_in_demonstration(&self, login: &str, password: &str, factor: &SecondFactor) {
        if self.about.demonstration {
            let shown = Shown {
                login: login.to_owned(),
                password: password.to_owned(),
                factor: factor.clone(),
            };
            lock(&self.demonstration).push(shown);
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
                code: shown.factor.code(now)?,
            });
        }
        Ok(logins)
    }
}
