//! Feeds: where lists come from by themselves, and how far each has come.

use crypt::{Digest, Sealed};
use govern::{EndFeed, FeedFrom, FeedId, FindListUnchanged, MemberId, Permit, SeeFeeds, SetFeed};
use hotlist::About;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hotlist::about;
use crate::sql::{Row, values};
use crate::{Store, StoreError};

/// A feed, as it is kept.
#[derive(Debug)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// The list that it brings.
    pub about: About,
    /// Where its files come from.
    pub from: FeedFrom,
    /// After how many minutes it is looked at again.
    pub every_minutes: u32,
    /// Who set it.
    pub set_by: MemberId,
    /// When.
    pub set_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// When it was looked at last.
    pub tried_at: Option<Timestamp>,
    /// When it is looked at again.
    pub due_at: Option<Timestamp>,
    /// Since when nothing that comes can be taken, while that is so.
    pub failing_since: Option<Timestamp>,
    /// What came of it the last time, in words.
    pub last: Option<String>,
}

/// A feed that is to be looked at. It holds a secret, and is not printed.
#[derive(Clone)]
pub struct DueFeed {
    /// Which.
    pub id: FeedId,
    /// Its name.
    pub name: String,
    /// The list that it brings.
    pub about: About,
    /// Where its files come from.
    pub from: FeedFrom,
    /// The value of the header `Authorization` that it is asked with.
    pub secret: Option<String>,
    /// Who set it.
    pub set_by: MemberId,
    /// By what its source knows the file that came last.
    pub seen: Seen,
    every_minutes: u32,
    failing_since: Option<Timestamp>,
}

/// By what a source knows a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The header `ETag`.
    pub etag: Option<String>,
    /// The header `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of the file.
    pub sha256: Option<Digest>,
    /// Whether it was refused as a whole.
    #[serde(default)]
    pub refused: bool,
}

/// What came of looking at a feed.
#[derive(Debug)]
pub struct FeedNoted {
    /// Whether all is well.
    pub well: bool,
    /// In words; `None` where there was nothing to tell.
    pub says: Option<String>,
    /// By what its source knows the file that it has now.
    pub seen: Seen,
    /// When it is looked at again.
    pub due_at: Timestamp,
}

/// Where a feed's files come from, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Target {
    from: FeedFrom,
    secret: Option<String>,
}

impl DueFeed {
    /// After how many minutes it is looked at again.
    pub fn every_minutes(&self) -> u32 {
        self.every_minutes
    }
}

impl Store {
    /// Sets the permit's feed, which is asked with `secret` and is due at once.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for a name in use.
    pub fn set_feed(
        &self,
        permit: &Permit<SetFeed>,
        secret: Option<String>,
    ) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        let act = permit.act();
        let target = Target {
            from: act.from.clone(),
            secret,
        };
        let sealed = self.seal_json(&place(act.id, "target"), &target)?;
        let written = serde_json::to_string(&act.about).map_err(StoreError::damaged)?;
        let added = self.change(|db| {
            db.execute(
                "INSERT INTO hotlist_feed (id, name, about, target, every_minutes, set_by, set_at, due_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT DO NOTHING",
                values![
                    act.id,
                    &act.name,
                    written,
                    &sealed,
                    act.every_minutes,
                    permit.member(),
                    self.clock.now(),
                ],
            )
        })?;
        if added == 0 {
            return Err(StoreError::Taken(act.name.clone()));
        }
        Ok(())
    }

    /// Which feed goes by this name.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn feed_named(&self, name: &str) -> Result<FeedId, StoreError> {
        let row = self.ask(|db| {
            db.row(
                "SELECT id FROM hotlist_feed WHERE lower(name) = lower(?1) AND ended_at IS NULL",
                values![name],
            )
        })?;
        row.ok_or(StoreError::NoSuch("such feed"))?.get(0)
    }

    /// Ends the permit's feed. The list that it brought stays in force.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn end_feed(&self, permit: &Permit<EndFeed>) -> Result<(), StoreError> {
        permit.check(&*self.clock)?;
        self.withdraw_feed(permit.act().id)
    }

    /// Ends it, also after a restore.
    pub(crate) fn withdraw_feed(&self, id: FeedId) -> Result<(), StoreError> {
        self.change(|db| {
            db.execute(
                "UPDATE hotlist_feed SET ended_at = ?2, due_at = NULL WHERE id = ?1 AND ended_at IS NULL",
                values![id, self.clock.now()],
            )
        })?;
        Ok(())
    }

    /// The feeds, those that ended last.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn feeds(&self, permit: &Permit<SeeFeeds>) -> Result<Vec<Feed>, StoreError> {
        permit.check(&*self.clock)?;
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, name, about, target, every_minutes, set_by, set_at, ended_at, tried_at, due_at,
                        failing_since, last
                 FROM hotlist_feed ORDER BY coalesce(ended_at, 0), lower(name)",
                values![],
            )
        })?;
        rows.iter().map(|row| self.feed(row)).collect()
    }

    /// The lists that do not come as they should, by name: since when, and what went wrong.
    ///
    /// # Errors
    /// When the database fails.
    pub fn failing_feeds(&self) -> Result<Vec<(About, Timestamp, String)>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, about, failing_since, last FROM hotlist_feed
                 WHERE failing_since IS NOT NULL AND ended_at IS NULL ORDER BY lower(name)",
                values![],
            )
        })?;
        let failing = |row: &Row| {
            let last = self.last(row.get(0)?, row.get(3)?)?;
            Ok((
                about(&row.get::<String>(1)?)?,
                row.get(2)?,
                last.unwrap_or_default(),
            ))
        };
        rows.iter().map(failing).collect()
    }

    /// The feeds that are to be looked at now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn due_feeds(&self) -> Result<Vec<DueFeed>, StoreError> {
        let rows = self.ask(|db| {
            db.rows(
                "SELECT id, name, about, target, every_minutes, set_by, failing_since, seen
                 FROM hotlist_feed WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at, lower(name)",
                values![self.clock.now()],
            )
        })?;
        let due = |row: &Row| {
            let id: FeedId = row.get(0)?;
            let target: Target = self.unseal_json(&place(id, "target"), &row.get::<Sealed>(3)?)?;
            let seen = row.get::<Option<Sealed>>(7)?;
            let seen = seen.map(|seen| self.unseal_json(&place(id, "seen"), &seen));
            Ok(DueFeed {
                id,
                name: row.get(1)?,
                about: about(&row.get::<String>(2)?)?,
                from: target.from,
                secret: target.secret,
                every_minutes: row.get(4)?,
                set_by: row.get(5)?,
                failing_since: row.get(6)?,
                seen: seen.transpose()?.unwrap_or_default(),
            })
        };
        rows.iter().map(due).collect()
    }

    /// Notes what came of looking at a feed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn note_feed(&self, due: &DueFeed, noted: &FeedNoted) -> Result<(), StoreError> {
        let now = self.clock.now();
        let last = noted.says.as_ref();
        let last = last.map(|says| self.seal(&place(due.id, "last"), says));
        let seen = self.seal_json(&place(due.id, "seen"), &noted.seen)?;
        let failing = (!noted.well).then(|| due.failing_since.unwrap_or(now));
        self.change(|db| {
            db.execute(
                "UPDATE hotlist_feed SET tried_at = ?2, due_at = ?3, failing_since = ?4,
                        last = coalesce(?5, last), seen = ?6
                 WHERE id = ?1 AND ended_at IS NULL",
                values![due.id, now, noted.due_at, failing, last.transpose()?, &seen],
            )
        })?;
        Ok(())
    }

    /// The permit's list is still as its source has it: it counts as refreshed now, unless what is in
    /// force of it came in otherwise. Whether it does.
    ///
    /// # Errors
    /// When the permit has expired or the database fails.
    pub fn list_unchanged(&self, permit: &Permit<FindListUnchanged>) -> Result<bool, StoreError> {
        permit.check(&*self.clock)?;
        let FindListUnchanged {
            feed, list, sha256, ..
        } = permit.act();
        let refreshed = self.change(|db| {
            db.execute(
                "UPDATE hotlist_import SET unchanged_at = ?3
                 WHERE feed = ?1 AND sha256 = ?4
                   AND id = (SELECT in_force FROM hotlist WHERE lower(name) = lower(?2))",
                values![*feed, list, self.clock.now(), sha256.to_string()],
            )
        })?;
        Ok(refreshed > 0)
    }

    fn feed(&self, row: &Row) -> Result<Feed, StoreError> {
        let id: FeedId = row.get(0)?;
        let target: Target = self.unseal_json(&place(id, "target"), &row.get::<Sealed>(3)?)?;
        Ok(Feed {
            name: row.get(1)?,
            about: about(&row.get::<String>(2)?)?,
            from: target.from,
            every_minutes: row.get(4)?,
            set_by: row.get(5)?,
            set_at: row.get(6)?,
            ended_at: row.get(7)?,
            tried_at: row.get(8)?,
            due_at: row.get(9)?,
            failing_since: row.get(10)?,
            last: self.last(id, row.get(11)?)?,
        })
    }

    fn last(&self, id: FeedId, last: Option<Sealed>) -> Result<Option<String>, StoreError> {
        last.map(|last| self.unseal(&place(id, "last"), &last))
            .transpose()
    }
}

fn place(id: FeedId, column: &str) -> String {
    format!("hotlist_feed {id} {column}")
}
