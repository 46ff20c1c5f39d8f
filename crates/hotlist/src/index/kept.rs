//! An index as bytes, in parts of about half a megabyte each, so that each can be sealed and read by
//! itself.

use plate::Jurisdiction;
use thiserror::Error;

use super::Index;

/// How the first part begins.
const FORM: &str = "lictor hotlist index 1";
/// Entries in a part.
const IN_A_PART: usize = 1 << 16;
/// Bytes of an entry: eight of the key, one of the state.
const BYTES: usize = 9;

/// Bytes that are no index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("these bytes are no compiled hotlist: {0}")]
pub struct IndexError(&'static str);

impl Index {
    /// The index as bytes. The first part says in lines of text which form it has, how many entries,
    /// and the codes of the states; every other one has the keys of so many entries, eight bytes
    /// each, the least significant first, and then their states, a byte each.
    pub fn parts(&self) -> impl Iterator<Item = Vec<u8>> {
        let mut head = format!("{FORM}\n{}\n", self.len());
        for state in &self.jurisdictions {
            head.push_str(state.map_or("-", Jurisdiction::code));
            head.push('\n');
        }
        let entries = self
            .keys
            .chunks(IN_A_PART)
            .zip(self.states.chunks(IN_A_PART));
        let parts = entries.map(|(keys, states)| {
            let keys = keys.iter().flat_map(|key| key.to_le_bytes());
            keys.chain(states.iter().copied()).collect()
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
        let mut keys: Vec<u64> = Vec::with_capacity(entries.min(1 << 24));
        let mut states: Vec<u8> = Vec::with_capacity(entries.min(1 << 24));
        for part in parts {
            let part = part?;
            let part = part.as_ref();
            if !part.len().is_multiple_of(BYTES) {
                return Err(IndexError("a part ends within an entry").into());
            }
            let (these, of_states) = part.split_at(part.len() / BYTES * 8);
            let (these, _) = these.as_chunks();
            keys.extend(these.iter().map(|key| u64::from_le_bytes(*key)));
            states.extend_from_slice(of_states);
        }
        if keys.len() != entries {
            return Err(IndexError("entries are missing, or there are too many").into());
        }
        if !keys.is_sorted() {
            return Err(IndexError("the entries are not in order").into());
        }
        if states
            .iter()
            .any(|s| usize::from(*s) >= jurisdictions.len())
        {
            return Err(IndexError("an entry's state is none of those listed").into());
        }
        Ok(Self::of(keys, states, jurisdictions))
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
