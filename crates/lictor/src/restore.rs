//! `lictor restore`: a station out of a backup.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use crypt::RecoveryShare;
use station::{Restore, Restored, Station, Unlock};

use crate::backup::beside;
use crate::secret::Signer;
use crate::{Complaint, say, secret, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The backup
    backup: PathBuf,
    /// The new station's folder
    #[arg(long)]
    to: PathBuf,
    /// The newest copy of the ledger: what is left of the station's folder, or of a copy of its ledger.
    /// What was taken away since the backup stands there, and is taken away again
    #[arg(long, value_name = "FOLDER")]
    ledger: Option<PathBuf>,
    /// A head of the ledger that somebody else keeps; shows that no entries are missing
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// What opens the backup's pictures; the file beside the backup, if not given
    #[arg(long, value_name = "FILE", conflicts_with = "without_pictures")]
    picture_keys: Option<PathBuf>,
    /// Go on without what opens the pictures
    #[arg(long)]
    without_pictures: bool,
    /// The ledger's newest entries are lost: go on in a new ledger that says so for good. Two members
    /// with an office sign it, with password and code
    #[arg(long, requires_all = ["one", "other"])]
    lost: bool,
    /// The one's login
    #[arg(long, requires = "lost")]
    one: Option<String>,
    /// The other's login
    #[arg(long, requires = "lost")]
    other: Option<String>,
    /// Open the backup with two recovery shares, and set a new passphrase
    #[arg(long, conflicts_with = "passphrase_file")]
    shares: bool,
    /// A file that holds the passphrase which the station had when the backup was made; else it is asked for
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let beside = beside(&arguments.backup);
    let picture_keys = match &arguments.picture_keys {
        Some(given) => Some(given.as_path()),
        None if arguments.without_pictures => None,
        None if beside.exists() => Some(beside.as_path()),
        None => {
            return Err(Complaint::of(format!(
                "{} is not there: without it the backup's pictures cannot be opened. Give it (--picture-keys), or say --without-pictures",
                beside.display()
            )));
        }
    };
    let passphrase;
    let unlock = if arguments.shares {
        let share = |which| secret::ask(&format!("The {which} share"));
        let shares = [share("first")?, share("second")?].map(|text| RecoveryShare::typed(&text));
        passphrase = secret::ask("New passphrase, 16 characters or more")?;
        Unlock::Shares(shares, &passphrase)
    } else {
        passphrase = secret::passphrase_of_backup(arguments.passphrase_file.as_deref())?;
        Unlock::Passphrase(&passphrase)
    };
    let signers = match (&arguments.one, &arguments.other) {
        (Some(one), Some(other)) => Some([Signer::ask(one)?, Signer::ask(other)?]),
        _ => None,
    };
    let signing = signers
        .as_ref()
        .map(|both| both.each_ref().map(Signer::attempt));
    let from = Restore {
        station: &arguments.backup,
        picture_keys,
        ledger: arguments.ledger.as_deref(),
        heads: &arguments.head,
        lost: signing.as_ref().map(|[one, other]| [one, other]),
    };
    let restored = Station::restore(&arguments.to, &from, &unlock, &surroundings())?;

    let folder = arguments.to.display();
    say(format!(
        "The station of {:.0} is restored in {folder}. Its ledger goes on: {} entries are newer than the backup.",
        restored.made_at, restored.newer_entries
    ))?;
    tell_since(&restored)?;
    if let Some(lost) = &restored.lost {
        say(format!(
            "{lost}\nIt stands in the first entry of a new ledger, and on every page and report. Publish its key,\n\
             {folder}/ledger.pub, and have the witnesses watch it. Keep ledger-1 and so on, what is left of the\nold one."
        ))?;
    }
    say(format!("Start it with: lictor serve {folder}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Says what was taken away again, and what is lost.
pub(crate) fn tell_since(restored: &Restored) -> Result<(), Complaint> {
    say(format!(
        "What was taken away since is taken away again: {}.",
        restored.withdrawn
    ))?;
    if !restored.without_way_in.is_empty() {
        say(format!(
            "What these members came in with was changed since, and opens nothing any more:\n  {}\n\
             Give each a new code (lictor member new-code LOGIN). Where nobody is left who can: lictor key\n\
             release-administrator.",
            restored.without_way_in.join(", ")
        ))?;
    }
    if restored.held > 0 {
        say(format!(
            "Holds placed since hold again: {}. What they were for is lost: place each anew, and release the old one.",
            restored.held
        ))?;
    }
    if restored.purged > 0 {
        say(format!(
            "What is past its time is purged again: {} records.",
            restored.purged
        ))?;
    }
    if restored.reads_lost > 0 {
        say(format!(
            "{} reads that cameras handed in since are lost.",
            restored.reads_lost
        ))?;
    }
    if !restored.pictures {
        say("The pictures of before cannot be opened any more.")?;
    }
    if !restored.enter_again.is_empty() {
        say("Done since, and to be done again:")?;
        for act in &restored.enter_again {
            say(format!(
                "  entry {:>6}  {:.0}  {}",
                act.entry, act.at, act.act
            ))?;
        }
    }
    Ok(())
}
