//! May this person do this, for this purpose, now? Pure decisions
