//! The values of `policy/security.toml`.

use std::time::Duration;

use serde::Deserialize;

/// Security values; the file says which control each one comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    login_failures: u32,
    login_failures_minutes: u32,
    address_failures: u32,
    address_failures_minutes: u32,
    session_idle_minutes: u32,
    session_hours: u32,
    password_characters: usize,
    enrolment_code_hours: u32,
    picture_minutes: u32,
    answer_minutes: u32,
    frame_ahead_seconds: u32,
    frame_before_camera_days: u32,
    camera_silent_minutes: u32,
    clock_step_minutes: u32,
    clock_longest_stop_days: u32,
    backup_picture_days: u32,
    proposal_hours: u32,
    unused_days: u32,
    training_months: u32,
    cji_mode: bool,
    case_numbers: Vec<String>,
    notice: Vec<String>,
}

impl Security {
    /// Refuses what is weaker than the control allows, or cannot be meant.
    pub(crate) fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: u64, least: u64, most: u64, control: &str| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!(
                    "{name} is {value}; {control} allows {least} to {most}"
                ))
            }
        };
        let own = "this product";
        let n = u64::from;
        within("login_failures", n(self.login_failures), 1, 5, "AC-7")?;
        let failures = n(self.login_failures_minutes);
        within("login_failures_minutes", failures, 15, 1440, "AC-7")?;
        within("address_failures", n(self.address_failures), 5, 1000, own)?;
        let address = n(self.address_failures_minutes);
        within("address_failures_minutes", address, 1, 1440, own)?;
        let idle = n(self.session_idle_minutes);
        within("session_idle_minutes", idle, 1, 30, "AC-11")?;
        within("session_hours", n(self.session_hours), 1, 12, "IA-5")?;
        let shortest = self.password_characters as u64;
        within("password_characters", shortest, 8, 64, "IA-5")?;
        let code = n(self.enrolment_code_hours);
        within("enrolment_code_hours", code, 1, 720, own)?;
        within("unused_days", n(self.unused_days), 1, 90, "AC-2")?;
        within("training_months", n(self.training_months), 1, 12, "AT-2")?;
        within("proposal_hours", n(self.proposal_hours), 1, 720, own)?;
        within("picture_minutes", n(self.picture_minutes), 1, 5, own)?;
        within("answer_minutes", n(self.answer_minutes), 1, 12 * 60, own)?;
        let ahead = n(self.frame_ahead_seconds);
        within("frame_ahead_seconds", ahead, 0, 3600, own)?;
        let before = n(self.frame_before_camera_days);
        within("frame_before_camera_days", before, 0, 3660, own)?;
        let silent = n(self.camera_silent_minutes);
        within("camera_silent_minutes", silent, 1, 24 * 60, own)?;
        within(
            "clock_step_minutes",
            n(self.clock_step_minutes),
            1,
            5,
            "AU-8",
        )?;
        let stop = n(self.clock_longest_stop_days);
        within("clock_longest_stop_days", stop, 1, 366, own)?;
        let backups = n(self.backup_picture_days);
        within("backup_picture_days", backups, 1, 366, own)?;
        let said = self.notice.iter().filter(|line| !line.trim().is_empty());
        within("notice, in lines,", said.count() as u64, 4, 100, "AC-8")?;
        Ok(())
    }

    /// Failures that lock an account.
    pub fn login_failures(&self) -> u32 {
        self.login_failures
    }

    /// Within this time.
    pub fn login_failures_within(&self) -> Duration {
        minutes(self.login_failures_minutes)
    }

    /// Failures from one address that close it.
    pub fn address_failures(&self) -> u32 {
        self.address_failures
    }

    /// Within this time.
    pub fn address_failures_within(&self) -> Duration {
        minutes(self.address_failures_minutes)
    }

    /// The shortest password, in characters.
    pub fn password_characters(&self) -> usize {
        self.password_characters
    }

    /// How long an enrolment code is good.
    pub fn enrolment_code_lasts(&self) -> Duration {
        minutes(60 * self.enrolment_code_hours)
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

    /// How long an answer's pages can be turned.
    pub fn answers_last(&self) -> Duration {
        minutes(self.answer_minutes)
    }

    /// How far ahead of the station's clock a frame's time may be.
    pub fn frame_ahead(&self) -> Duration {
        Duration::from_secs(u64::from(self.frame_ahead_seconds))
    }

    /// A camera that hands in nothing for longer was silent.
    pub fn camera_silent(&self) -> Duration {
        minutes(self.camera_silent_minutes)
    }

    /// How long before its camera was added a frame may have been seen.
    pub fn frame_before_camera(&self) -> Duration {
        minutes(24 * 60 * self.frame_before_camera_days)
    }

    /// A step of the clock that is believed.
    pub fn clock_step(&self) -> Duration {
        minutes(self.clock_step_minutes)
    }

    /// The longest time a station stands still without its clock being in doubt.
    pub fn clock_longest_stop(&self) -> Duration {
        minutes(24 * 60 * self.clock_longest_stop_days)
    }

    /// Whether only validated modules may protect what is kept here.
    pub fn cji_mode(&self) -> bool {
        self.cji_mode
    }

    /// How long the pictures of a backup can be opened.
    pub fn backup_pictures_last(&self) -> Duration {
        minutes(24 * 60 * self.backup_picture_days)
    }

    /// How long a proposal can be confirmed.
    pub fn proposals_last(&self) -> Duration {
        minutes(60 * self.proposal_hours)
    }

    /// An account not used for this long is disabled.
    pub fn unused_longest(&self) -> Duration {
        minutes(24 * 60 * self.unused_days)
    }

    /// No training is in force longer than this, in calendar months.
    pub fn training_longest_months(&self) -> u32 {
        self.training_months
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
        self.case_numbers.iter().any(|form| fits(form, number))
    }
}

/// Whether a number has this form: 9 is a digit, ? a letter, the rest is itself.
pub(crate) fn fits(form: &str, number: &str) -> bool {
    form.chars().count() == number.chars().count()
        && form.chars().zip(number.chars()).all(|(f, c)| match f {
            '9' => c.is_ascii_digit(),
            '?' => c.is_ascii_alphabetic(),
            f => f.eq_ignore_ascii_case(&c),
        })
}

fn minutes(n: u32) -> Duration {
    Duration::from_secs(60 * u64::from(n))
}
