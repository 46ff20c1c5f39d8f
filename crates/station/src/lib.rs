//! The use cases: every one takes a permit
