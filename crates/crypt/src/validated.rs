//! Which uses of cryptography go through a module validated under FIPS 140-3.

/// What this build does with modules that are not validated: each use, and what does it. Criminal
/// justice information may be protected by none of them (CJIS SC-13; certificates of FIPS 140-2 ended
/// on 2026-09-21).
#[cfg(not(feature = "fips"))]
pub const UNVALIDATED: &[&str] = &[
    "hashing, AES-256-GCM, key derivation and random numbers: aws-lc-rs, not its FIPS module",
    "TLS, and passkeys' signatures: rustls and aws-lc-rs, not the FIPS module",
    "the database's pages: SQLCipher on OpenSSL",
    "the station's passphrase: Argon2id",
    "second factors: HMAC-SHA-1 by totp-rs",
    "recovery shares: Shamir's scheme by blahaj",
    "the ledger's signatures: Ed25519 by ed25519-dalek",
];

/// What is left of it in a build whose aws-lc-rs is the FIPS module.
#[cfg(feature = "fips")]
pub const UNVALIDATED: &[&str] = &[
    "the database's pages: SQLCipher on OpenSSL",
    "the station's passphrase: Argon2id",
    "second factors: HMAC-SHA-1 by totp-rs",
    "recovery shares: Shamir's scheme by blahaj",
    "the ledger's signatures: Ed25519 by ed25519-dalek",
];
