//! What the tripwires remember, so that a use that trips nothing asks the database nothing: each
//! member's newest uses, and which questions wait. The database has all of it; this is read from there
//! at a member's first use since the start.

use std::collections::{HashMap, HashSet, VecDeque};

use govern::{MemberId, Role, Tripwire, Use};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A question of a kind, about a member and about something.
pub(crate) type Kind = (MemberId, String, String);

/// What is remembered.
#[derive(Default)]
pub(crate) struct Remembered {
    recent: HashMap<MemberId, VecDeque<Use>>,
    waiting: HashSet<Kind>,
}

impl Remembered {
    /// Whether the member's uses are remembered since the start.
    pub(crate) fn knows(&self, member: MemberId) -> bool {
        self.recent.contains_key(&member)
    }

    /// Remembers a member's uses as the database has them, newest first, unless another did already.
    pub(crate) fn remember(&mut self, member: MemberId, uses: Vec<Use>) {
        self.recent.entry(member).or_insert_with(|| uses.into());
    }

    /// Notes a use that is kept; the newest `most` stay.
    pub(crate) fn note(&mut self, member: MemberId, used: &Use, most: usize) {
        let recent = self.recent.entry(member).or_default();
        if recent.iter().all(|one| one.decision != used.decision) {
            recent.push_front(used.clone());
        }
        recent.truncate(most);
    }

    /// Whether the tripwire may trip on `used`. False is sure: it does not, or its question waits
    /// already. `since` is as far as any tripwire looks back.
    pub(crate) fn may_trip(
        &mut self,
        tripwire: &Tripwire,
        member: (MemberId, &[Role]),
        used: &Use,
        since: Timestamp,
        most: usize,
        zone: &TimeZone,
    ) -> bool {
        let (member, roles) = member;
        let kind = (member, tripwire.id.clone(), tripwire.about(used));
        if self.waiting.contains(&kind) {
            return false;
        }
        let Some(recent) = self.recent.get_mut(&member) else {
            return true;
        };
        // What is older than all that is remembered may be of the same plate.
        let reaches_back = recent.len() < most || recent.back().is_some_and(|one| one.at <= since);
        if tripwire.counts_one_plate() && !reaches_back {
            return true;
        }
        // Two uses of one moment may have been noted in the other order.
        match recent.iter().position(|one| one.decision == used.decision) {
            Some(0) => !tripwire
                .tripped(recent.make_contiguous(), roles, zone)
                .is_empty(),
            _ => true,
        }
    }

    /// Notes that a question of this kind waits.
    pub(crate) fn waits(&mut self, kind: Kind) {
        self.waiting.insert(kind);
    }

    /// A question was answered: which others wait is found out anew.
    pub(crate) fn forget_questions(&mut self) {
        self.waiting.clear();
    }
}
