//! Sealing what is too long for memory: piece by piece, each under its number.

use std::io::{self, Read, Write};

use aws_lc_rs::digest;

use crate::{Digest, Key, SealError, Sealed};

/// Bytes in a piece, before it is sealed.
const PIECE: usize = 1 << 20;
/// A sealed piece is longer by its nonce and its tag.
const SEALED_PIECE: u32 = (PIECE + 12 + 16) as u32;
/// Marks the length of the last piece.
const LAST: u32 = 1 << 31;

/// Seals what is written to it, for one place, in pieces of a MiB (AES-256-GCM). Each piece is
/// bound to its number and to whether it is the last: pieces changed, moved, left out or cut off at
/// the end do not open.
pub struct SealWriter<W> {
    to: W,
    key: Key,
    place: Vec<u8>,
    number: u64,
    piece: Vec<u8>,
}

/// Opens what a [`SealWriter`] sealed.
pub struct OpenReader<R> {
    from: R,
    key: Key,
    place: Vec<u8>,
    number: u64,
    piece: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl<W: Write> SealWriter<W> {
    /// Seals to `to`. A key seals one stream: its pieces' places differ only within it.
    pub fn new(to: W, key: Key, place: &[u8]) -> Self {
        Self {
            to,
            key,
            place: place.to_vec(),
            number: 0,
            piece: Vec::new(),
        }
    }

    /// The last piece, sealed and not yet written. Whoever holds it back keeps the whole from
    /// opening.
    ///
    /// # Errors
    /// When the cryptographic module fails.
    pub fn end(mut self) -> io::Result<(W, Vec<u8>)> {
        let last = self.seal(true)?;
        Ok((self.to, last))
    }

    fn seal(&mut self, last: bool) -> io::Result<Vec<u8>> {
        let place = place(&self.place, self.number, last);
        let sealed = self.key.seal(&place, &self.piece).map_err(failed)?;
        self.number += 1;
        self.piece.clear();
        let length = sealed.as_bytes().len() as u32 | if last { LAST } else { 0 };
        Ok([&length.to_be_bytes(), sealed.as_bytes()].concat())
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            let sealed = self.seal(false)?;
            self.to.write_all(&sealed)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read> OpenReader<R> {
    /// Opens what was sealed under this key for this place.
    pub fn new(from: R, key: Key, place: &[u8]) -> Self {
        Self {
            from,
            key,
            place: place.to_vec(),
            number: 0,
            piece: io::Cursor::new(Vec::new()),
            ended: false,
        }
    }

    /// Reads on to the end, which must be the one that was sealed.
    ///
    /// # Errors
    /// As reading.
    pub fn finish(mut self) -> io::Result<()> {
        io::copy(&mut self, &mut io::sink()).map(|_| ())
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).map_err(cut_short)?;
        let length = u32::from_be_bytes(length);
        let (last, length) = (length & LAST != 0, length & !LAST);
        if length > SEALED_PIECE {
            return Err(failed(SealError::DoesNotOpen));
        }
        let mut sealed = vec![0; length as usize];
        self.from.read_exact(&mut sealed).map_err(cut_short)?;
        let place = place(&self.place, self.number, last);
        let piece = self
            .key
            .open(&place, &Sealed::from(sealed))
            .map_err(failed)?;
        if last && self.from.read(&mut [0])? != 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something was added at its end",
            ));
        }
        self.number += 1;
        self.ended = last;
        self.piece = io::Cursor::new(piece);
        Ok(())
    }
}

impl<R: Read> Read for OpenReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let taken = self.piece.read(bytes)?;
            if taken > 0 || self.ended || bytes.is_empty() {
                return Ok(taken);
            }
            self.next_piece()?;
        }
    }
}

fn place(place: &[u8], number: u64, last: bool) -> Vec<u8> {
    [place, &number.to_be_bytes(), &[u8::from(last)]].concat()
}

fn failed(error: SealError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn cut_short(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it is cut short"),
        _ => error,
    }
}

/// Passes on what is written to it and keeps its digest (SHA-256) and its length.
pub struct DigestWriter<W> {
    to: W,
    context: digest::Context,
    length: u64,
}

impl<W: Write> DigestWriter<W> {
    /// Passes on to `to`.
    pub fn new(to: W) -> Self {
        Self {
            to,
            context: digest::Context::new(&digest::SHA256),
            length: 0,
        }
    }

    /// The digest of what was written so far, with `more` after it.
    pub fn digest_with(&self, more: &[u8]) -> Digest {
        let mut context = self.context.clone();
        context.update(more);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Digest(bytes)
    }

    /// Where it went.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// How many bytes were written.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl<W: Write> Write for DigestWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.to.write(bytes)?;
        self.context.update(&bytes[..taken]);
        self.length += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, SystemRandom, sha256};

    fn sealed(key: &Key, plain: &[u8]) -> Vec<u8> {
        let mut writer = SealWriter::new(Vec::new(), key.clone(), b"here");
        writer.write_all(plain).unwrap();
        let (mut whole, last) = writer.end().unwrap();
        whole.extend(last);
        whole
    }

    fn opened(key: &Key, place: &[u8], sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        OpenReader::new(sealed, key.clone(), place).read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_is_sealed_in_pieces_opens_at_every_length() {
        let key = Key::random(&SystemRandom);
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7] {
            let mut plain = vec![0; length];
            SystemRandom.fill(&mut plain);
            let sealed = sealed(&key, &plain);
            assert!(opened(&key, b"here", &sealed).unwrap() == plain, "{length}");
            assert!(opened(&key, b"there", &sealed).is_err());
        }
    }

    #[test]
    fn pieces_changed_moved_left_out_or_added_do_not_open() {
        let key = Key::random(&SystemRandom);
        let sealed = sealed(&key, &vec![7; 2 * PIECE + 7]);
        let piece = 4 + SEALED_PIECE as usize;
        let (one, two, three) = (
            &sealed[..piece],
            &sealed[piece..2 * piece],
            &sealed[2 * piece..],
        );
        let wrong = [
            [two, one, three].concat(),
            [one, three].concat(),
            [one, two].concat(),
            [one, two, &three[..three.len() - 1]].concat(),
            [one, two, three, &[0]].concat(),
            [one, one, two, three].concat(),
        ];
        for wrong in wrong {
            assert!(opened(&key, b"here", &wrong).is_err());
        }
        for at in [0, 3, 4, 20, piece + 30, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(opened(&key, b"here", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_digest_is_that_of_all_that_was_written() {
        let mut writer = DigestWriter::new(Vec::new());
        writer.write_all(b"one, ").unwrap();
        assert_eq!(writer.digest_with(b"two"), sha256(b"one, two"));
        assert_eq!(writer.length(), 5);
    }
}
