//! What every table holds, and what ends it: the list that the page of retention shows. A test sees to
//! it that no table is missing.

/// A table, what is personal in it, and until when it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// What ends it.
    pub until: Until,
}

/// What ends the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The purge of reads without a hit.
    Read,
    /// The purge of reads without a hit, or of the alert that rests on them.
    ReadOrHit,
    /// The purge of reads with a hit.
    Hit,
    /// The purge of the record's content.
    Audit,
    /// The purge of plates entered by hand, once they are over.
    ManualEntry,
    /// The day's pictures are purged.
    Pictures,
    /// Something takes its place, or somebody takes it away.
    Replaced(&'static str),
    /// Nothing: it is kept on file.
    OnFile(&'static str),
    /// Nothing personal is in it.
    NotPersonal,
}

impl Until {
    /// In words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Read => "purged with reads without a hit",
            Self::ReadOrHit => "purged with its read, or with the alert that rests on it",
            Self::Hit => "purged with reads with a hit",
            Self::ManualEntry => "purged with plates entered by hand, once it is over",
            Self::Audit => "purged with the content of the record",
            Self::Pictures => "destroyed once the day's pictures are purged",
            Self::Replaced(by) | Self::OnFile(by) => by,
            Self::NotPersonal => "kept: nothing personal is in it",
        }
    }
}

const fn table(name: &'static str, holds: &'static str, until: Until) -> Table {
    Table { name, holds, until }
}

const LEAVES: Until = Until::OnFile("kept as long as the member is known: logins are never reused");
const FILE: Until = Until::OnFile("kept on file, never purged with the reads (6)");

/// Every table.
pub const TABLES: &[Table] = &[
    table("read", "what was read in a picture", Until::ReadOrHit),
    table(
        "read_plate",
        "the texts that a read may be, with time and camera",
        Until::ReadOrHit,
    ),
    table(
        "picture",
        "when and by which camera it was taken; its own key",
        Until::ReadOrHit,
    ),
    table(
        "picture_key",
        "the keys that wrap the pictures' own",
        Until::Pictures,
    ),
    table(
        "picture_gone",
        "pictures whose files are being removed",
        Until::Replaced("gone when the file is"),
    ),
    table(
        "plate_page",
        "the dictionary: every plate once",
        Until::Replaced("a plate leaves it with its last read"),
    ),
    table(
        "plate_new",
        "the dictionary: plates that stand on no page yet",
        Until::Replaced("a plate leaves it with its last read"),
    ),
    table(
        "camera_heard",
        "when each camera handed in frames",
        Until::NotPersonal,
    ),
    table(
        "camera_reads",
        "how many reads each camera handed in, by day",
        Until::NotPersonal,
    ),
    table(
        "alert",
        "the entry as it was; plate and record as keyed hashes",
        Until::Hit,
    ),
    table(
        "alert_sighting",
        "how a read stands to the entry",
        Until::Hit,
    ),
    table("alert_step", "who did what about an alert", Until::Hit),
    table(
        "alert_escalation",
        "to which role an alert went that nobody took",
        Until::Hit,
    ),
    table(
        "alert_exception",
        "who judged what was done before an alert was verified",
        Until::Hit,
    ),
    table(
        "correction",
        "what a list's owner is told of a record that was not borne out",
        Until::Hit,
    ),
    table(
        "webhook",
        "where alerts are sent, in whose name",
        Until::NotPersonal,
    ),
    table(
        "webhook_delivery",
        "which alert was sent where, and what came of it",
        Until::Hit,
    ),
    table(
        "hotlist",
        "the lists, without their entries",
        Until::NotPersonal,
    ),
    table(
        "hotlist_feed",
        "where lists come from by themselves",
        Until::NotPersonal,
    ),
    table(
        "hotlist_import",
        "who brought in which file; its bad rows",
        Until::OnFile("kept on file: which list was in force when"),
    ),
    table(
        "hotlist_part",
        "the entries of the list in force",
        Until::Replaced("gone with the next import"),
    ),
    table(
        "hotlist_index",
        "the entries of the list in force, compiled",
        Until::Replaced("gone with the next import"),
    ),
    table(
        "local_entry",
        "plates that members look out for, or parts of them",
        Until::ManualEntry,
    ),
    table(
        "possible",
        "reads that part of a plate may be",
        Until::ReadOrHit,
    ),
    table(
        "hotlist_suspension",
        "records that were refuted, as keyed hashes",
        Until::OnFile("kept, so that they do not come back"),
    ),
    table(
        "content",
        "what is personal in a decision, with its salt",
        Until::Audit,
    ),
    table(
        "use_seen",
        "what tripwires count: member, time, act, keyed hash of the plate",
        Until::Audit,
    ),
    table(
        "question",
        "questions to reviewers, once they are answered",
        Until::Audit,
    ),
    table(
        "audit_sample",
        "samples of accesses: whose, and what reviewers found",
        Until::OnFile("kept on file: that the use of the data was audited (5(c))"),
    ),
    table(
        "search_approval",
        "searches that a supervisor approved: case and words",
        Until::Audit,
    ),
    table(
        "published_report",
        "numbers that the public was told",
        Until::NotPersonal,
    ),
    table("hold", "holds: case, why, what they cover", FILE),
    table(
        "held_read",
        "what a hold holds",
        Until::Replaced("gone with the hold's release"),
    ),
    table(
        "held_alert",
        "what a hold holds",
        Until::Replaced("gone with the hold's release"),
    ),
    table("purge_run", "purges and their certificates", FILE),
    table(
        "release_request",
        "requests for data and what became of them",
        FILE,
    ),
    table("declaration", "declarations of affirmation", FILE),
    table(
        "evidence",
        "what was booked, and the chain of custody",
        FILE,
    ),
    table(
        "proposal",
        "what takes two people",
        Until::OnFile("kept on file: who set what"),
    ),
    table(
        "retention",
        "how long each class is kept",
        Until::NotPersonal,
    ),
    table(
        "agency_case",
        "the agency's case numbers",
        Until::Replaced("gone with the next list of cases"),
    ),
    table(
        "case_import",
        "who brought in a list of cases",
        Until::NotPersonal,
    ),
    table("member", "login, name, badge", LEAVES),
    table(
        "login_failure",
        "when logins failed",
        Until::Replaced("gone with the next login, or a release"),
    ),
    table("role_held", "who held which role", LEAVES),
    table(
        "status_change",
        "accounts suspended, ended, reinstated",
        LEAVES,
    ),
    table("training", "completed training", LEAVES),
    table("training_proof", "the keys of proofs of training", LEAVES),
    table("course", "approved courses", Until::NotPersonal),
    table("authorisation", "who may see which class", LEAVES),
    table(
        "password",
        "hashes of passwords",
        Until::Replaced("gone with the member's way in"),
    ),
    table(
        "authenticator",
        "secrets of authenticators",
        Until::Replaced("gone with the member's way in"),
    ),
    table(
        "recovery_code",
        "digests of recovery codes",
        Until::Replaced("gone once used"),
    ),
    table(
        "enrolment",
        "digests of enrolment codes",
        Until::Replaced("gone once used, or after three days"),
    ),
    table(
        "passkey",
        "public keys of passkeys",
        Until::Replaced("gone with the member's way in"),
    ),
    table(
        "terminal",
        "machines that members log in from",
        Until::NotPersonal,
    ),
    table(
        "medium",
        "media that evidence may be written onto",
        Until::NotPersonal,
    ),
    table("camera", "names and places of cameras", Until::NotPersonal),
    table("station", "facts about the station", Until::NotPersonal),
    table(
        "schema_step",
        "which steps of the schema were made",
        Until::NotPersonal,
    ),
];
