//! What can go wrong, for people.

use std::path::{Path, PathBuf};

use govern::{MemberStatus, Refusal};
use thiserror::Error;

/// Why the station did not do what was asked.
#[derive(Debug, Error)]
pub enum StationError {
    /// The rules refuse it; the refusal stands in the ledger.
    #[error("refused: {}", .0.iter().map(|r| format!("{} ({})", r.says, r.clause)).collect::<Vec<_>>().join(" "))]
    Refused(Vec<Refusal>),
    /// The login was refused.
    #[error(transparent)]
    Login(#[from] LoginRefused),
    /// There is no such session, or it is over.
    #[error("you are not logged in, or your session is over: log in")]
    NoSession,
    /// The session was left alone, and is locked.
    #[error("your session is locked: unlock it with your password or a code")]
    SessionLocked,
    /// A camera showed a key that no camera has.
    #[error(
        "this key is not the key of such a camera: add the camera, and give the key that the station shows"
    )]
    UnknownCamera,
    /// What was entered is not usable.
    #[error("{0}")]
    Input(String),
    /// There is already something where a station was to be founded.
    #[error("{}: there is something here already; a station is founded in a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// A file of the data directory.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory is not as a station leaves it.
    #[error("the data directory is damaged: {0}")]
    Damaged(String),
    /// A backup could not be made or handed over.
    #[error("the backup is not made: {0}")]
    Backup(std::io::Error),
    /// Evidence could not be handed over.
    #[error("the evidence is not handed over: {0}")]
    Evidence(std::io::Error),
    /// What goes out could not be made or handed over.
    #[error("the export is not made: {0}")]
    Export(std::io::Error),
    /// A file that is no backup.
    #[error("{} is no backup of a station", .0.display())]
    NoBackup(PathBuf),
    /// A backup that is not as it was made.
    #[error("the backup is damaged: {0}")]
    BackupDamaged(String),
    /// The database was set back, and the ledger was not.
    #[error(
        "the database of {} is older than the ledger: it was set back, and what was taken away since would work again. Stop, and put the newest database back; if there is none, run `lictor catch-up {}`",
        .0.display(), .0.display()
    )]
    SetBack(PathBuf),
    /// What keeps a backup from being restored.
    #[error("nothing is restored: {0}")]
    Restore(String),
    /// The rules ask for validated cryptography, and this build has none.
    #[error(
        "cji_mode is on in policy/security.toml, and not all of this station's cryptography is validated under FIPS 140-3:\n  {}\nSee docs/operate/keys.md, or set cji_mode to false and keep no criminal justice information here",
        .0.join("\n  ")
    )]
    Unvalidated(Vec<&'static str>),
    /// A picture.
    #[error("the picture {0}")]
    Picture(#[from] capture::PictureError),
    /// The networks.
    #[error(transparent)]
    Vision(#[from] vision::NetworkError),
    /// The rules.
    #[error(transparent)]
    Policy(#[from] govern::PolicyError),
    /// The store.
    #[error(transparent)]
    Store(store::StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The permit.
    #[error(transparent)]
    Permit(#[from] govern::PermitError),
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] crypt::MasterKeyError),
    /// The ledger's key.
    #[error(transparent)]
    LedgerKey(#[from] ledger::SigningKeyError),
}

impl From<store::StoreError> for StationError {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::Ledger(error) => Self::Ledger(error),
            store::StoreError::Permit(error) => Self::Permit(error),
            said @ (store::StoreError::Taken(_)
            | store::StoreError::Conflict(_)
            | store::StoreError::NotNow(_)
            | store::StoreError::TooMany { .. }
            | store::StoreError::NoSuch(_)) => Self::Input(said.to_string()),
            other => Self::Store(other),
        }
    }
}

impl From<crypt::PasswordError> for StationError {
    fn from(error: crypt::PasswordError) -> Self {
        Self::Input(error.to_string())
    }
}

impl StationError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

/// Why a login was refused: no more than the person at the door needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LoginRefused {
    /// The notice was not acknowledged.
    #[error("acknowledge the notice first")]
    NoticeNotAcknowledged,
    /// Login, password or code is wrong; which, is not said.
    #[error("login, password and code do not belong together")]
    Wrong,
    /// The code was right, and was used before.
    #[error("this code was used already: wait for the next one")]
    CodeUsed,
    /// A passkey's challenge is too old, or was used.
    #[error("the passkey took too long, or was used twice: try again")]
    PasskeyLate,
    /// The device did not check that it is the person.
    #[error("the device did not verify that it is you: set a PIN, a fingerprint or a face on it")]
    PasskeyNotVerified,
    /// A passkey counted backwards.
    #[error(
        "this passkey counts backwards, and is not taken any more: come in with a code, and tell the administrator"
    )]
    PasskeyWentBack,
    /// The account is suspended, ended or disabled.
    #[error("this account is {}: an administrator can reinstate it", .0.as_str())]
    Closed(MemberStatus),
    /// Too many failures.
    #[error("this account is locked after too many failed logins: an administrator can release it")]
    Locked,
    /// A locked session was not unlocked.
    #[error("this does not unlock the session")]
    NotUnlocked,
    /// An enrolment code that is not good.
    #[error("this code is not known, was used, or has expired: ask an administrator for a new one")]
    NoSuchCode,
    /// The authenticator does not show the code of the second factor that was offered.
    #[error(
        "this is not the code that belongs to the secret: check that the device's clock is right"
    )]
    WrongCode,
    /// The member was asked for the password again.
    #[error("this is not your password")]
    NotThePassword,
    /// A sign-on that began elsewhere, took too long, or was used.
    #[error(
        "this sign-on took too long, was used already, or began in another browser. Begin again"
    )]
    SignOnLate,
    /// What came is not the provider's word.
    #[error(
        "the sign-on could not be verified: begin again, and tell the administrator if it stays so"
    )]
    SignOnNotGenuine,
    /// The provider speaks of nobody here.
    #[error("whom the sign-on speaks of is no member here: an administrator enrols members")]
    SignOnUnknown,
    /// Too many failures from one address.
    #[error(
        "too many logins from this address have failed: nobody can log in from here for another {minutes} min"
    )]
    AddressClosed {
        /// Until it opens, rounded up.
        minutes: u64,
    },
}
