//! What follows the head: pieces of 64 KiB, each under its number and whether it is the last.

use std::io::{self, BufRead, BufReader, Read, Write};

use aws_lc_rs::aead;
use zeroize::Zeroizing;

use super::{AgeError, AgeIdentity, AgeRecipient, FileKey, cipher, derive, header};
use crate::Random;

const PIECE: usize = 64 << 10;
const TAG: usize = 16;

/// The key of the pieces, and which is next.
struct Pieces {
    key: aead::LessSafeKey,
    number: u64,
}

impl Pieces {
    fn of(key: &FileKey, nonce: &[u8; 16]) -> Result<Self, AgeError> {
        Ok(Self {
            key: cipher(&*derive(&**key, nonce, b"payload")?)?,
            number: 0,
        })
    }

    fn nonce(&mut self, last: bool) -> aead::Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.number.to_be_bytes());
        nonce[11] = u8::from(last);
        self.number += 1;
        aead::Nonce::assume_unique_for_key(nonce)
    }
}

/// Seals what is written to it; without [`AgeWriter::finish`] it does not open.
pub struct AgeWriter<W> {
    to: W,
    pieces: Pieces,
    piece: Vec<u8>,
    /// A piece was lost: what follows it would be sealed in vain.
    failed: bool,
}

impl<W: Write> AgeWriter<W> {
    /// Seals to `to`, for all of these.
    ///
    /// # Errors
    /// When `to` or the cryptographic module fails, or there is nobody to seal for.
    pub fn new(mut to: W, recipients: &[AgeRecipient], random: &dyn Random) -> io::Result<Self> {
        if recipients.is_empty() {
            return Err(io::Error::other("it is sealed for nobody"));
        }
        let mut key: FileKey = Zeroizing::new([0; 16]);
        random.fill(&mut *key);
        let mut nonce = [0; 16];
        random.fill(&mut nonce);
        let head = header::write(&key, recipients, random).map_err(io::Error::other)?;
        to.write_all(head.as_bytes())?;
        to.write_all(&nonce)?;
        Ok(Self {
            to,
            pieces: Pieces::of(&key, &nonce).map_err(io::Error::other)?,
            piece: Vec::new(),
            failed: false,
        })
    }

    /// Writes the end.
    ///
    /// # Errors
    /// As writing.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        Ok(self.to)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("a part of it could not be written"));
        }
        self.failed = true;
        let mut piece = std::mem::take(&mut self.piece);
        let nonce = self.pieces.nonce(last);
        let key = &self.pieces.key;
        key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut piece)
            .map_err(|_| io::Error::other(AgeError::Module))?;
        self.to.write_all(&piece)?;
        self.failed = false;
        Ok(())
    }
}

impl<W: Write> Write for AgeWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits: it may be the last.
        if self.failed || (self.piece.len() == PIECE && !bytes.is_empty()) {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed; what it has given is whole only once it comes to its end without an error.
pub struct AgeReader<R> {
    from: BufReader<R>,
    pieces: Pieces,
    piece: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl<R: Read> AgeReader<R> {
    /// Opens by one of these identities.
    ///
    /// # Errors
    /// [`AgeError`].
    pub fn open(from: R, identities: &[AgeIdentity]) -> Result<Self, AgeError> {
        let mut from = BufReader::new(from);
        let key = header::read(&mut from, identities)?;
        let mut nonce = [0; 16];
        from.read_exact(&mut nonce).map_err(|_| AgeError::Damaged)?;
        Ok(Self {
            from,
            pieces: Pieces::of(&key, &nonce)?,
            piece: io::Cursor::new(Vec::new()),
            ended: false,
        })
    }

    fn next_piece(&mut self) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, AgeError::Damaged);
        let mut piece = Vec::new();
        let most = (PIECE + TAG) as u64;
        (&mut self.from).take(most).read_to_end(&mut piece)?;
        let last = self.from.fill_buf()?.is_empty();
        let first = self.pieces.number == 0;
        let nonce = self.pieces.nonce(last);
        let opened = self
            .pieces
            .key
            .open_in_place(nonce, aead::Aad::empty(), &mut piece);
        let length = opened.map_err(|_| damaged())?.len();
        // Only of nothing at all is the last piece empty.
        if length == 0 && !first {
            return Err(damaged());
        }
        piece.truncate(length);
        self.piece = io::Cursor::new(piece);
        self.ended = last;
        Ok(())
    }
}

impl<R: Read> Read for AgeReader<R> {
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
