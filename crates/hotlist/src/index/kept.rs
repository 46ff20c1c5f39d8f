//! An index as bytes, in parts of about half a megabyte each, so that each can be sealed and read by
//! itself.

use plate::Jurisdiction;
use thiserror::Error;

use super::Index;
use crate::numbers::{read_number, write_number};

/// How the first part begins.
const FORM: &str = "lictor hotlist index 1";
/// Entries in a part.
const IN_A_PART: usize = 1 << 17;

/// Entries for which room is made before they have been seen.
const MOST_AHEAD: usize = 1 << 24;

/// Bytes that are no index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("these bytes are no compiled hotlist: {0}")]
pub struct IndexError(&'static str);

impl Index {
    /// The index as bytes. The first part says in lines of text which form it has, how many entries,
    /// and the codes of the states. Every other one has the states of so many entries, a byte each,
    /// and then, for each of them, how much more its text is than the one before, in LEB128: most
    /// take three bytes.
    pub fn parts(&self) -> impl Iterator<Item = Vec<u8>> {
        let mut head = format!("{FORM}\n{}\n", self.len());
        for state in &self.jurisdictions {
            head.push_str(state.map_or("-", Jurisdiction::code));
            head.push('\n');
        }
        let entries = (self.texts.chunks(IN_A_PART)).zip(self.states.chunks(IN_A_PART));
        let mut last = 0;
        let parts = entries.map(move |(texts, states)| {
            let mut part = states.to_vec();
            for &text in texts {
                write_number(text - last, &mut part);
                last = text;
            }
            part
        });
        std::iter::once(head.into_bytes()).chain(parts)
    }

    /// The index that [`Index::parts`] gave.
    ///
    /// # Errors
    /// [`IndexError`] for anything else, and the error of the first part that cannot be had.
    pub fn from_parts<P: AsRef<[u8]>, E: From<IndexError>>(
        parts: impl IntoIterator<Item = Result<P, E>>,
    ) -> Result<Self, E> {
        let mut parts = parts.into_iter();
        let head = parts.next().ok_or(IndexError("there is nothing"))??;
        let (entries, jurisdictions) = read_head(head.as_ref())?;
        let mut texts: Vec<u64> = Vec::with_capacity(entries.min(MOST_AHEAD));
        let mut states: Vec<u8> = Vec::with_capacity(entries.min(MOST_AHEAD));
        let mut last: u64 = 0;
        for part in parts {
            let part = part?;
            let here = IN_A_PART.min(entries - texts.len());
            let (of_states, mut differences) =
                (part.as_ref().split_at_checked(here)).ok_or(IndexError("a part breaks off"))?;
            states.extend_from_slice(of_states);
            for _ in 0..here {
                let more = read_number(&mut differences).ok_or(IndexError("a part breaks off"))?;
                last = last
                    .checked_add(more)
                    .ok_or(IndexError("a text is too long"))?;
                texts.push(last);
            }
            if !differences.is_empty() {
                return Err(IndexError("a part goes on behind its end").into());
            }
        }
        if texts.len() != entries {
            return Err(IndexError("entries are missing").into());
        }
        if states
            .iter()
            .any(|s| usize::from(*s) >= jurisdictions.len())
        {
            return Err(IndexError("an entry's state is none of those listed").into());
        }
        Ok(Self::of(texts, states, jurisdictions))
    }
}

fn read_head(head: &[u8]) -> Result<(usize, Vec<Option<Jurisdiction>>), IndexError> {
    let head = std::str::from_utf8(head).map_err(|_| IndexError("its first part is no text"))?;
    let mut lines = head.lines();
    if lines.next() != Some(FORM) {
        return Err(IndexError("it has another form"));
    }
    let entries = (lines.next().and_then(|line| line.parse::<u32>().ok()))
        .ok_or(IndexError("it does not say how many entries it has"))?;
    let state = |line: &str| match line {
        "-" => Ok(None),
        code => (code.parse().map(Some)).map_err(|_| IndexError("it names a state that is none")),
    };
    Ok((
        entries as usize,
        lines.map(state).collect::<Result<_, _>>()?,
    ))
}
