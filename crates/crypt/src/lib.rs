//! Every cryptographic operation of the product, in one place, so that one module decides which
//! implementations are used: aws-lc-rs for hashing, AES-256-GCM, HKDF, Ed25519, second factors (TOTP,
//! RFC 6238, and passkeys, Web Authentication) and tokens of single sign-on; Argon2id or, on a
//! validated module, PBKDF2 for passwords.
//!
//! Two things stand outside, by the libraries that own their formats: the database's page
//! encryption (SQLCipher) and the hashes of the ledger's tree (tlog_tiles).

mod age;
mod certificate;
mod ed25519;
mod hash;
mod id;
mod key;
mod master;
mod one_time;
mod passkey;
mod password;
mod random;
mod shares;
mod sign_on;
mod stream;
mod stretching;
mod token;
mod totp;
mod validated;

pub use age::{AgeError, AgeIdentity, AgeReader, AgeRecipient, AgeWriter};
pub use certificate::{CertificateError, CertificateFacts, LocalAuthority, ServerCertificate};
pub use ed25519::{Ed25519Key, Ed25519Public, NoEd25519Key};
pub use hash::{Digest, sha256, sha256_of, sha512_text};
pub use id::{Id, NotAnId};
pub use key::{Key, SealError, Sealed};
pub use master::{KeyAct, MasterKey, MasterKeyError, WrappedMasterKey};
pub use one_time::{EnrolmentCode, NotACode, OneTimeCode, RecoveryCode};
pub use passkey::{
    Assertion, Challenge, Challenges, Passkey, PasskeyError, RelyingParty, UserHandle,
};
pub use password::{
    KnownBad, NewPassword, PasswordAlgorithm, PasswordError, PasswordHash, PasswordRules,
};
pub use random::{Random, SystemRandom};
pub use shares::RecoveryShare;
pub use sign_on::{Expected as ExpectedIdToken, IdClaims, IdTokenError, ProviderKeys};
pub use stream::{DigestWriter, OpenReader, SealWriter};
pub use token::{SealedByToken, TokenError};
pub use totp::{Code, SecondFactor, SecondFactorError};
pub use validated::{ARGON2ID, SQLCIPHER, UNVALIDATED};
