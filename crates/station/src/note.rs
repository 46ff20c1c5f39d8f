//! What is written down though no permit follows from it: logins, the founding, and what is turned
//! away before it comes to the gate.

use crypt::{Digest, Id};
use govern::Content;
use ledger::{Commitment, Decision, Event, Party, Salt, Verdict, Withdrawal};

use crate::{Station, StationError};

/// Something to write down.
pub(crate) struct Note {
    pub(crate) act: &'static str,
    pub(crate) who: Party,
    pub(crate) session: Option<Digest>,
    pub(crate) verdict: Verdict,
    pub(crate) clauses: &'static [&'static str],
    pub(crate) withdraws: Option<Withdrawal>,
    pub(crate) content: Content,
}

impl Station {
    /// Keeps the content and enters the note, as the gate does. On return both are durable.
    pub(crate) fn write_down(
        &self,
        note: Note,
        kind: fn(Decision) -> Event,
    ) -> Result<(), StationError> {
        let id = Id::random(&*self.random);
        let salt = Salt::random(&*self.random);
        let bytes =
            serde_json::to_vec(&note.content).map_err(|e| StationError::Damaged(e.to_string()))?;
        let event = kind(Decision {
            id,
            who: note.who,
            session: note.session,
            act: note.act.into(),
            purpose: None,
            verdict: note.verdict,
            policies: vec![],
            clauses: note
                .clauses
                .iter()
                .map(|&clause| clause.to_owned())
                .collect(),
            withdraws: note.withdraws,
            counts_as: vec![],
            in_doubt: self.time_doubt().is_some(),
            content: Commitment::to(&salt, &bytes),
        });
        self.enter_with_content(event, id, &note.content, &salt, None)
    }
}
