//! Whose turn it is to write a log, where more than one station could (D11).

/// A station's turn at a log: a lease, whose number is raised with each.
pub trait Turn: Send + Sync {
    /// Its number; it stands in every entry that is written in it.
    fn number(&self) -> u64;

    /// Whether it is this station's still. Asked before everything that is written.
    ///
    /// # Errors
    /// [`NoTurn`].
    fn check(&self) -> Result<(), NoTurn>;
}

/// Why a station may not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// Another station has the turn: this one never writes again.
    Over,
    /// It cannot be found out now; why.
    Unknown(String),
}
