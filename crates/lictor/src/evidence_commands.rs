//! `lictor evidence`: booking reads onto a medium, and verifying a bag with nothing else.

mod folder;
mod sealed;
mod writing;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand as Subcommands};
use evidence::{Signer, Trust, Verified, fingerprint, verify};
use serde_json::json;

use crate::people::{list, tell};
use crate::{Complaint, complain, say};

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Book reads into evidence: they are held, and written with all that proves them onto a medium
    Book(Booking),
    /// Check every file and every proof of a bag, on any machine; the exit code is 1 where something is
    /// not as it was packed
    Verify(Verifying),
    /// What was booked
    List,
    /// Note that a bag was handed over
    HandOver {
        /// The booking's number at this station, as the list shows it
        serial: i64,
        /// To whom
        #[arg(long)]
        to: String,
        /// Why
        #[arg(long)]
        why: String,
    },
}

#[derive(Args)]
pub(crate) struct Booking {
    /// The reads, by the ids that the page Evidence takes
    #[arg(required_unless_present = "reads")]
    read: Vec<String>,
    /// A file with more of them, with spaces or line breaks between
    #[arg(long, value_name = "FILE")]
    reads: Option<PathBuf>,
    /// The evidence number
    #[arg(long)]
    number: String,
    /// The case
    #[arg(long)]
    case: String,
    /// The purpose's code
    #[arg(long, default_value = "crime")]
    purpose: String,
    /// In your words, where the purpose needs them
    #[arg(long, default_value = "")]
    words: String,
    /// The medium: the folder it is mounted as. A registered one gets the bag as a folder, in the clear
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Seal it as one file that these open, by their public keys: `age1…`, after it, if you like, who it
    /// is (may be given again for more): for every other medium
    #[arg(long = "for", value_name = "KEY")]
    recipients: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Verifying {
    /// The bag's folder, or the file that it is sealed in
    folder: PathBuf,
    /// A file with the identity that opens a sealed bag, as `age-keygen` makes it (may be given again)
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// A file with keys that did not come with the bag: the ledger's, as the agency published it, and
    /// witnesses', one a line (may be given again for more)
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Book(booking) => writing::book(booking),
        Command::Verify(verifying) => check(verifying),
        Command::List => list(
            "/api/evidence",
            &[
                "serial", "number", "case", "reads", "booked", "entry", "hold",
            ],
        ),
        Command::HandOver { serial, to, why } => tell(
            &format!("/api/evidence/{serial}/custody"),
            &json!({ "step": "handed-over", "to": to, "why": why }),
        ),
    }
}

fn check(verifying: &Verifying) -> Result<ExitCode, Complaint> {
    let mut trust = Trust::default();
    for path in &verifying.trust {
        let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", path.display()));
        let text = fs::read_to_string(path).map_err(|e| named(&e))?;
        let more = Trust::from_text(&text).map_err(|e| named(&e))?;
        trust.ledgers.extend(more.ledgers);
        trust.witnesses.extend(more.witnesses);
    }
    let verified = if verifying.folder.is_file() {
        sealed::verify_sealed(&verifying.folder, &verifying.identity, &trust)?
    } else {
        verify(&verifying.folder, &trust)
    };
    match verified {
        Ok(verified) => {
            report(&verified)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(findings) => {
            for finding in &findings {
                say(format!("  {finding}"))?;
            }
            complain("NOT INTACT: what stands above is not as it was packed");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn report(verified: &Verified) -> Result<(), Complaint> {
    let origin = verified.key.origin();
    say(match verified.signer {
        Signer::Trusted => format!("INTACT, SIGNED BY {origin}"),
        Signer::NotChecked => "INTACT, SIGNER NOT CHECKED".to_owned(),
    })?;
    let Verified {
        number,
        case,
        agency,
        files,
        reads,
        proved_reads,
        ..
    } = verified;
    say(format!("  evidence {number}, case {case}, of {agency}"))?;
    say(format!(
        "  {files} files; {reads} reads, of which {proved_reads} are proved to have come in so"
    ))?;
    say(format!(
        "  the ledger is {origin}, its key {}",
        fingerprint(verified.key.as_text())
    ))?;
    if verified.signer == Signer::NotChecked {
        say(
            "  compare that with the key that the agency published, or give it: --trust FILE. Whoever rebuilt \
             the bag with a key of their own would get this far.",
        )?;
    }
    for (witness, at) in &verified.witnessed {
        say(format!(
            "  a head of the ledger cosigned by {witness} at {at}"
        ))?;
    }
    match verified.witnesses_not_checked {
        0 => {}
        n => say(format!(
            "  {n} cosigned by a witness, NOT CHECKED: give the witness's key (--trust FILE)"
        ))?,
    }
    Ok(())
}
