//! Which uses of cryptography go through a module validated under FIPS 140-3.

/// What this build does with modules that are not validated: each use, and what does it. Criminal
/// justice information may be protected by none of them (CJIS SC-13; certificates of FIPS 140-2 ended
/// on 2026-09-21). What depends on the station is named by [`SQLCIPHER`] and [`ARGON2ID`].
#[cfg(not(feature = "fips"))]
pub const UNVALIDATED: &[&str] = &[
    "hashing, AES-256-GCM, key derivation, second factors, signatures and random numbers: aws-lc-rs, \
     not its FIPS module",
    "TLS, passkeys and tokens of single sign-on: rustls and aws-lc-rs, not the FIPS module",
];

/// Nothing, in a build whose aws-lc-rs is the FIPS module.
#[cfg(feature = "fips")]
pub const UNVALIDATED: &[&str] = &[];

/// A station whose database is a file.
pub const SQLCIPHER: &str =
    "the database's pages: SQLCipher on OpenSSL; a station with PostgreSQL has none";
/// A station whose passphrase was set with a build that is not validated.
pub const ARGON2ID: &str =
    "the station's passphrase: Argon2id; set anew with a validated build, by `lictor key recover`";
