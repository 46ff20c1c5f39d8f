//! Parcels of an answer that is handed on as it is made: each one letter, the length in four bytes
//! (big-endian), and the bytes.

/// The largest parcel.
pub(crate) const LARGEST: usize = 1 << 20;

/// A parcel's bytes.
pub(crate) fn parcel(letter: u8, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u32;
    [&[letter], length.to_be_bytes().as_slice(), bytes].concat()
}
