//! What goes out: a ZIP of the approved reads with their pictures, the conditions under which they go,
//! and the SHA-256 of every file in it.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use crypt::sha256;
use govern::Affirmation;
use jiff::tz::TimeZone;
use store::{Found, FoundRead, ReleaseRequest};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::StationError;

/// What a package is made of.
pub(super) struct Contents<'a> {
    pub(super) agency: &'a str,
    /// What it goes out on: a written request, or an instrument.
    pub(super) on: &'a str,
    pub(super) request: &'a ReleaseRequest,
    pub(super) scope: &'a str,
    pub(super) affirms: &'a [Affirmation],
    /// The number of the decision in the ledger.
    pub(super) entry: u64,
    pub(super) found: &'a Found,
    pub(super) zone: &'a TimeZone,
}

/// The name of each picture's file, with a read of it.
type PictureFiles<'a> = Vec<(&'a FoundRead, String)>;

impl Contents<'_> {
    /// Packs it; `picture` fetches the one of a read.
    pub(super) fn zip(
        &self,
        picture: impl Fn(&FoundRead) -> Result<Vec<u8>, StationError>,
    ) -> Result<Vec<u8>, StationError> {
        let broken = |e: &dyn std::fmt::Display| StationError::Damaged(format!("the package: {e}"));
        // Pictures are compressed already, and texts are small.
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut manifest = String::new();
        let mut add = |name: &str, bytes: &[u8]| -> Result<(), StationError> {
            zip.start_file(name, stored).map_err(|e| broken(&e))?;
            zip.write_all(bytes).map_err(|e| broken(&e))?;
            let _ = writeln!(manifest, "{}  {name}", sha256(bytes));
            Ok(())
        };
        add("conditions.txt", self.conditions().as_bytes())?;
        let (table, pictures) = self.table()?;
        add("reads.csv", &table)?;
        for (read, name) in pictures {
            add(&name, &picture(read)?)?;
        }
        zip.start_file("manifest-sha256.txt", stored)
            .map_err(|e| broken(&e))?;
        zip.write_all(manifest.as_bytes()).map_err(|e| broken(&e))?;
        Ok(zip.finish().map_err(|e| broken(&e))?.into_inner())
    }

    fn conditions(&self) -> String {
        let Self {
            agency,
            on,
            request,
            scope,
            entry,
            ..
        } = self;
        let text = &request.about.text;
        let decided = request.about.decided.as_ref();
        let by = decided.map_or("", |done| done.by.as_str());
        let mut words = format!(
            "Released by {agency} on {on}, request {}, to {} of {}, for this purpose and no other:\n  {}\n\n\
             What was approved, by {by}: {scope}.\nNothing else is in this package. Entry {entry} of the ledger.\n\n\
             These are machine readings. Each must be compared with its picture, and none is by itself grounds for a stop.\n",
            request.number, text.person, text.agency, text.purpose
        );
        if !self.affirms.is_empty() {
            words += "\nThe conditions:\n";
        }
        for affirmed in self.affirms {
            let _ = writeln!(words, "- {}", affirmed.says);
        }
        words
    }

    /// The reads, and the picture files that they speak of.
    fn table(&self) -> Result<(Vec<u8>, PictureFiles<'_>), StationError> {
        let mut pictures: PictureFiles<'_> = Vec::new();
        let mut table = csv::Writer::from_writer(Vec::new());
        let broken = |e: csv::Error| StationError::Damaged(format!("the package: {e}"));
        table
            .write_record([
                "seen_at",
                "plate",
                "probability",
                "camera",
                "place",
                "picture",
            ])
            .map_err(broken)?;
        for found in &self.found.reads {
            let read = &found.read;
            let known = pictures
                .iter()
                .find(|(one, _)| one.read.picture == read.picture);
            let file = match known {
                Some((_, file)) => file.clone(),
                None => {
                    let file = format!("pictures/{:04}.jpg", pictures.len() + 1);
                    pictures.push((found, file.clone()));
                    file
                }
            };
            table
                .write_record([
                    read.seen_at
                        .to_zoned_datetime(self.zone.clone())
                        .to_string(),
                    read.reading.most_likely().text.to_string(),
                    format!("{:.3}", found.probability),
                    read.camera.clone(),
                    read.camera_place.clone(),
                    file,
                ])
                .map_err(broken)?;
        }
        let table = table
            .into_inner()
            .map_err(|e| StationError::Damaged(format!("the package: {e}")))?;
        Ok((table, pictures))
    }
}
