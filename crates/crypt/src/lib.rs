//! Every cryptographic operation of the product, in one place, so that one module decides which
//! implementations are used: aws-lc-rs for hashing, AES-256-GCM, HKDF and Ed25519; Argon2id for
//! passwords; TOTP (RFC 6238) and passkeys (Web Authentication) for the second factor; Shamir shares for recovery.
//!
//! Two things stand outside, by the libraries that own their formats: the database's page
//! encryption (SQLCipher) and the signatures of the ledger's checkpoints (signed notes).

mod certificate;
mod hash;
mod id;
mod key;
mod master;
mod one_time;
mod passkey;
mod password;
mod random;
mod sign_on;
mod stream;
mod token;
mod totp;
mod validated;

pub use certificate::{CertificateError, CertificateFacts, LocalAuthority, ServerCertificate};
pub use hash::{Digest, sha256, sha256_of, sha512_text};
pub use id::{Id, NotAnId};
pub use key::{Key, SealError, Sealed};
pub use master::{KeyAct, MasterKey, MasterKeyError, RecoveryShare, WrappedMasterKey};
pub use one_time::{EnrolmentCode, NotACode, OneTimeCode, RecoveryCode};
pub use passkey::{
    Assertion, Challenge, Challenges, Passkey, PasskeyError, RelyingParty, UserHandle,
};
pub use password::{
    KnownBad, NewPassword, PasswordAlgorithm, PasswordError, PasswordHash, PasswordRules,
};
pub use random::{Random, SystemRandom};
pub use sign_on::{Expected as ExpectedIdToken, IdClaims, IdTokenError, ProviderKeys};
pub use stream::{DigestWriter, OpenReader, SealWriter};
pub use token::{SealedByToken, TokenError};
pub use totp::{Code, SecondFactor, SecondFactorError};
pub use validated::UNVALIDATED;
