//! Feeds: lists that come by themselves, from a folder or over https, as an administrator set them.
//!
//! The station takes them in under its own name: each file is an act, decided, entered and ended like any
//! other. What cannot be taken leaves the list in force as it is, and says so on the page *Hotlists*. Who
//! fetches the files, and how, is not known here.

use std::path::Path;

use crypt::{Id, sha256};
use govern::{EndFeed, FeedFrom, FindListUnchanged, SeeFeeds, SetFeed, TakeList};
use hotlist::About;
use jiff::{SignedDuration, Timestamp};
use store::{DueFeed, Feed, FeedNoted, Member, Seen};

use crate::administer::check_words;
use crate::gate::Done;
use crate::{Caller, Station, StationError};

/// The longest address, folder or secret.
const LONGEST: usize = 1000;
/// A folder is looked at every so many.
const FOLDER: u32 = 1;
/// What failed is tried again after so long at the latest.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// A feed to be set.
pub struct FeedAsked {
    /// What it is called.
    pub name: String,
    /// The list that it brings.
    pub about: About,
    /// Where its files come from.
    pub from: FeedFrom,
    /// After how many minutes an address is asked again.
    pub every_minutes: u32,
    /// The value of the header `Authorization` that an address is asked with.
    pub secret: Option<String>,
}

/// The feeds, as a page shows them.
#[derive(Debug)]
pub struct FeedShown {
    /// Those that ended last.
    pub feeds: Vec<Feed>,
    /// Who is who.
    pub members: Vec<Member>,
}

/// What came of looking at a feed.
pub enum Taken {
    /// There is nothing new in its folder.
    Nothing,
    /// Its source says that nothing has changed.
    Unchanged,
    /// This file came, and its source knows it by this.
    File(Vec<u8>, Seen),
    /// It could not be fetched: why, in words.
    Failed(String),
}

impl Station {
    /// Has a list come by itself from now on.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for what cannot be; [`StationError::Store`] for
    /// a name in use.
    pub fn set_feed(&self, caller: &Caller, asked: FeedAsked) -> Result<(), StationError> {
        check_words("a feed's name", &asked.name)?;
        self.check_about(&asked.about)?;
        self.mapping(&asked.about)?;
        check_from(&asked)?;
        let every_minutes = match &asked.from {
            FeedFrom::Folder(_) => FOLDER,
            FeedFrom::Address { .. } => asked.every_minutes,
        };
        if !(1..=60 * asked.about.refresh_hours).contains(&every_minutes) {
            return Err(input(
                "an address is asked at least as often as its list is to be refreshed",
            ));
        }
        let act = SetFeed {
            id: Id::random(&*self.random),
            name: asked.name.trim().to_owned(),
            about: asked.about,
            from: asked.from,
            every_minutes,
        };
        let id = *act.id.as_bytes();
        self.perform(caller, act, |permit| {
            // Behind the gate: whoever may not set a feed learns nothing of the machine's folders.
            if let FeedFrom::Folder(folder) = &permit.act().from {
                self.check_folder(Path::new(folder))?;
            }
            self.store.set_feed(permit, asked.secret)?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(())
    }

    /// Has a list come by itself no more; it stays in force as it is.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Store`] for one that there is not.
    pub fn end_feed(&self, caller: &Caller, name: &str) -> Result<(), StationError> {
        let act = EndFeed {
            id: self.store.feed_named(name.trim())?,
            name: name.trim().to_owned(),
        };
        let id = *act.id.as_bytes();
        self.perform(caller, act, |permit| {
            self.store.end_feed(permit)?;
            Ok(Done {
                value: (),
                ids: vec![id],
            })
        })?;
        Ok(())
    }

    /// Which feeds there are, and what became of what they brought.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn feeds(&self, caller: &Caller) -> Result<FeedShown, StationError> {
        let (shown, _permit) = self.perform(caller, SeeFeeds, |permit| {
            Ok(Done {
                value: FeedShown {
                    feeds: self.store.feeds(permit)?,
                    members: self.store.members()?,
                },
                ids: vec![],
            })
        })?;
        Ok(shown)
    }

    /// The feeds that are to be looked at now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn due_feeds(&self) -> Result<Vec<DueFeed>, StationError> {
        Ok(self.store.due_feeds()?)
    }

    /// Takes in what came, and notes what became of it; whether the file was taken in. What is wrong
    /// with it is noted, and no error.
    ///
    /// # Errors
    /// When the store or the ledger fails.
    pub fn take(&self, due: &DueFeed, taken: Taken) -> Result<bool, StationError> {
        match taken {
            // What was refused is not mended by that.
            Taken::Nothing => self.note(due, !due.seen.refused, None, due.seen.clone())?,
            Taken::Failed(why) => self.note(due, false, Some(why), due.seen.clone())?,
            Taken::Unchanged => self.find_unchanged(due, due.seen.clone())?,
            Taken::File(file, seen) => return self.take_file(due, &file, seen),
        }
        Ok(false)
    }

    fn take_file(&self, due: &DueFeed, file: &[u8], seen: Seen) -> Result<bool, StationError> {
        let seen = Seen {
            sha256: Some(sha256(file)),
            refused: false,
            ..seen
        };
        if due.seen.sha256 == seen.sha256 {
            self.find_unchanged(due, seen)?;
            return Ok(!due.seen.refused);
        }
        let act = TakeList {
            feed: due.id,
            name: due.name.clone(),
            set_by: due.set_by,
            about: due.about.clone(),
            sha256: sha256(file),
        };
        match self.bring_in(&Caller::the_station(), act, file) {
            Ok(brought) => {
                let waits = if brought.waits {
                    "; it waits for a second person"
                } else {
                    ""
                };
                let says = format!("{} entries taken in{waits}", brought.entries);
                self.note(due, true, Some(says), seen)?;
                Ok(true)
            }
            Err(error @ (StationError::Input(_) | StationError::Refused(_))) => {
                let seen = Seen {
                    refused: true,
                    ..seen
                };
                self.note(due, false, Some(error.to_string()), seen)?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn find_unchanged(&self, due: &DueFeed, seen: Seen) -> Result<(), StationError> {
        let refused = due.seen.refused;
        let (Some(sha256), false) = (due.seen.sha256, refused) else {
            // Nothing was taken of it, and nothing is refreshed.
            return self.note(due, !refused, None, Seen { refused, ..seen });
        };
        let act = FindListUnchanged {
            feed: due.id,
            name: due.name.clone(),
            list: due.about.name.clone(),
            sha256,
        };
        self.perform(&Caller::the_station(), act, |permit| {
            if self.store.list_unchanged(permit)? {
                self.lists.unchanged(&due.about.name, self.clock.now());
            }
            Ok(Done {
                value: (),
                ids: vec![*due.id.as_bytes()],
            })
        })?;
        self.note(due, true, Some("unchanged".to_owned()), seen)
    }

    fn note(
        &self,
        due: &DueFeed,
        well: bool,
        says: Option<String>,
        seen: Seen,
    ) -> Result<(), StationError> {
        let every = SignedDuration::from_mins(due.every_minutes().into());
        let wait = if well { every } else { every.min(AGAIN) };
        let due_at = self.clock.now().saturating_add(wait);
        let noted = FeedNoted {
            well,
            says,
            seen,
            due_at: due_at.unwrap_or(Timestamp::MAX),
        };
        Ok(self.store.note_feed(due, &noted)?)
    }

    fn check_folder(&self, folder: &Path) -> Result<(), StationError> {
        let own = self.folder.canonicalize();
        let theirs = folder
            .canonicalize()
            .map_err(|error| StationError::Input(format!("{}: {error}", folder.display())))?;
        if own.is_ok_and(|own| theirs.starts_with(&own) || own.starts_with(&theirs)) {
            return Err(input("lists do not come from the station's own folder"));
        }
        Ok(())
    }
}

fn check_from(asked: &FeedAsked) -> Result<(), StationError> {
    let texts = match &asked.from {
        FeedFrom::Folder(folder) => {
            if asked.secret.is_some() {
                return Err(input("a folder is not asked with a secret"));
            }
            vec![folder.len()]
        }
        FeedFrom::Address { address, authority } => {
            let authority = authority.as_deref().unwrap_or_default();
            if !authority.is_empty() && !authority.starts_with('/') {
                return Err(input("enter the authority's file by its whole path"));
            }
            let secret = asked.secret.as_deref().unwrap_or_default();
            if !secret.chars().all(|c| matches!(c, ' '..='~')) {
                return Err(input("a secret has plain characters alone"));
            }
            vec![address.len(), authority.len(), secret.len()]
        }
    };
    if texts.iter().any(|length| *length > LONGEST) {
        return Err(input(
            "an address, a folder or a secret has 1000 characters at most",
        ));
    }
    Ok(())
}

fn input(words: &str) -> StationError {
    StationError::Input(words.to_owned())
}
