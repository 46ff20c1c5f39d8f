//! A tar archive as it is written: one file after the other, nothing held back, for any length.

use std::io::{self, Write};

use jiff::Timestamp;

const BLOCK: usize = 512;

/// Writes an archive.
pub(crate) struct Tar<W> {
    to: W,
    made_at: Timestamp,
}

impl<W: Write> Tar<W> {
    pub(crate) fn begin(to: W, made_at: Timestamp) -> Self {
        Self { to, made_at }
    }

    /// Writes one file; its name has 100 bytes at most, and it less than 8 GiB.
    pub(crate) fn file(
        &mut self,
        name: &str,
        length: u64,
        from: &mut dyn io::Read,
    ) -> io::Result<()> {
        self.to.write_all(&header(name, length, self.made_at)?)?;
        let written = io::copy(from, &mut self.to)?;
        if written != length {
            return Err(io::Error::other(format!(
                "{name} changed while it was read"
            )));
        }
        let rest = (BLOCK - written as usize % BLOCK) % BLOCK;
        self.to.write_all(&[0; BLOCK][..rest])
    }

    /// What an archive ends with, and where it went.
    pub(crate) fn end(self) -> (W, [u8; 2 * BLOCK]) {
        (self.to, [0; 2 * BLOCK])
    }
}

/// A header as POSIX.1-1988 (`ustar`) has it.
fn header(name: &str, length: u64, made_at: Timestamp) -> io::Result<[u8; BLOCK]> {
    const LONGEST: u64 = 1 << 33;
    if name.len() > 100 || length >= LONGEST {
        return Err(io::Error::other(format!("{name} does not fit an archive")));
    }
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{length:011o}\0"));
    put(136, &format!("{:011o}\0", made_at.as_second().max(0)));
    // The sum is taken with spaces in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\u{0}00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}
