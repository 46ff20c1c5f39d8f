//! The tamper-evident log: append, sign, verify
