//! Which uses of cryptography go through a module validated under FIPS 140-3.

/// What this build does with modules that are not validated: each use, and what does it. Criminal
/// justice information may be protected by none of them (CJIS SC-13; certificates of FIPS 140-2 ended
/// on 2026-09-21).
pub const UNVALIDATED: [&str; 7] = [
    "hashing, AES-256-GCM, key derivation and random numbers: aws-lc-rs, not its FIPS module",
    "TLS: rustls on the same",
    "the database's pages: SQLCipher on OpenSSL",
    "passwords and the station's passphrase: Argon2id",
    "second factors: HMAC-SHA-1 by totp-rs",
    "recovery shares: Shamir's scheme by blahaj",
    "the ledger's signatures: Ed25519 by ed25519-dalek",
];
