//! The values of `policy/security.toml`.

use std::time::Duration;

use serde::Deserialize;

/// Security values; the file says which control each one comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    login_failures: u32,
    login_failures_minutes: u32,
    session_idle_minutes: u32,
    session_hours: u32,
    picture_minutes: u32,
    case_numbers: Vec<String>,
    notice: Vec<String>,
}

impl Security {
    /// Failures that lock an account.
    pub fn login_failures(&self) -> u32 {
        self.login_failures
    }

    /// Within this time.
    pub fn login_failures_within(&self) -> Duration {
        minutes(self.login_failures_minutes)
    }

    /// A session not used for this long is locked.
    pub fn session_idle(&self) -> Duration {
        minutes(self.session_idle_minutes)
    }

    /// A session ends after this long in any case.
    pub fn session_longest(&self) -> Duration {
        minutes(60 * self.session_hours)
    }

    /// How long a page's pictures can be fetched.
    pub fn picture_addresses_last(&self) -> Duration {
        minutes(self.picture_minutes)
    }

    /// The statements acknowledged before login.
    pub fn notice(&self) -> &[String] {
        &self.notice
    }

    /// The forms of the agency's case numbers, for people to see.
    pub fn case_numbers(&self) -> &[String] {
        &self.case_numbers
    }

    /// Whether a number has one of the agency's forms: in a form `9` stands for a digit, `?` for a
    /// letter, everything else for itself.
    pub fn is_case_number(&self, number: &str) -> bool {
        self.case_numbers.iter().any(|form| {
            form.chars().count() == number.chars().count()
                && form.chars().zip(number.chars()).all(|(f, c)| match f {
                    '9' => c.is_ascii_digit(),
                    '?' => c.is_ascii_alphabetic(),
                    f => f.eq_ignore_ascii_case(&c),
                })
        })
    }
}

fn minutes(n: u32) -> Duration {
    Duration::from_secs(60 * u64::from(n))
}
