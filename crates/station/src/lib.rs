//! The station: every use of the data is a function here that passes the gate.
//!
//! The gate ([`gate`]) is the one road: it asks the rules, keeps the content of the decision, enters
//! the decision in the ledger, and only then makes the permit that the store asks for. When the act
//! is over, its outcome is entered before anything leaves.

mod access;
mod account;
mod administer;
mod agreed_time;
mod alarm;
mod alert;
mod answers;
mod appoint;
mod approve;
mod audit;
mod authorise;
mod backup;
mod canvass;
mod cases;
mod certificate;
mod checking;
mod classify;
mod conformity;
mod correct;
mod coverage;
mod demonstration;
mod enrolment;
mod error;
mod escalate;
mod evidence;
mod export;
mod feed;
mod found;
mod gate;
mod hand_out;
mod hold;
mod hotlist;
mod ingest;
mod keeping;
mod keys;
mod local;
mod login;
mod lost;
mod medium;
mod note;
mod passkey;
mod propose;
mod purge;
mod question;
mod release;
mod remembered;
mod reporting;
mod review;
mod search;
mod session;
mod sign_on;
mod station_status;
mod story;
mod tar;
mod terminal;
mod throttle;
mod town;
mod train;
mod unlock;
mod warning;
mod watch;
mod webhook;
mod witnessing;

// The tests inside this crate use the same help as those outside.
#[cfg(test)]
extern crate self as station;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crypt::{Challenges, Digest, Key, MasterKey, PasswordAlgorithm, Random};
use govern::{CameraId, Clock, Disclosure, MemberId, Policy, PolicyFiles, WatchedClock};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::{Event, Ledger, Outcome, SigningKey};
use store::Store;
use vision::Vision;

pub use access::{Access, CanSee, Seer};
pub use account::{Account, OpenSession};
pub use administer::{CameraKey, MemberOverview, Overview};
pub use alarm::{Alarm, TimeConfirmed};
pub use alert::{AlertCard, AlertLine, AlertShown};
pub use approve::Approvals;
pub use audit::{SampleShown, Samples};
pub use backup::{
    BackedUp, Backup, EnterAgain, Header as BackupHeader, Part as BackupPart, Restore, Restored,
    Takes, Unlock,
};
pub use canvass::{VehicleSeen, VehiclesAt};
pub use certificate::{CertificateFiles, CertificateShown};
pub use conformity::{Conformity, Evidence, Standing};
pub use correct::{AlertFigures, Corrections, Figures};
pub use coverage::{Coverage, Span};
pub use crypt::ServerCertificate;
pub use demonstration::DemonstrationLogin;
pub use enrolment::{FirstLogin, IssuedCode, OfferedFactor};
pub use error::{LoginRefused, StationError};
pub use escalate::Waiting;
pub use evidence::{BagTo, Booked, EvidenceAsked, EvidencePart};
pub use export::TakesExport;
pub use feed::{FeedAsked, FeedShown, Taken};
pub use found::{Founded, Founder, Founding, Server};
pub use gate::Caller;
pub use hold::{HoldAsked, Holds};
pub use hotlist::{ListBrought, ListShown};
pub use ingest::Ingested;
pub use keys::{Rotation, WayIn};
pub use ledger::Cosignature;
pub use local::{LocalEntries, LocalEntryAsked};
pub use login::LoginAttempt;
pub use passkey::PasskeyShown;
pub use propose::Proposals;
pub use purge::{ClassKept, PurgeStanding, RetentionShown};
pub use question::{QuestionShown, Questions};
pub use release::{Desk, Due, Package, RequestShown};
pub use reporting::ReportMade;
pub use search::{Sighting, SightingsOf, Withheld};
pub use session::{Session, SessionKey, SessionStanding};
pub use sign_on::{Brought, CameBack, Reach, SentOn, SignOnSettings};
pub use station_status::StationStatus;
pub use store::{
    AlertOutcome, Authorisation, Camera, Course, Done as CustodyDone, DueDelivery, DueFeed,
    Earlier, EvidenceAbout, Held, ImportReport, Judged, KeptCorrection, KeptEvidence, KeptHold,
    KeptLocalEntry, KeptProposal, KeptQuestion, KeptSample, LINES, Listed, Matched, Medium, Member,
    NewProof, PastImport, Place, Proof, PublishedReport, PurgeLine, PurgeShown, RequestState,
    RequestText, Retention, RoleHeld, SampledAccess, SearchApproval, Seen, StepTaken, TABLES,
    Terminal, Training, Webhook,
};
pub use story::{Asked, Story, StoryLine};
pub use terminal::TerminalKey;
pub use town::{Feature, Kind as FeatureKind, Town};
pub use train::Completion;
pub use watch::Watcher;
pub use webhook::{Delivery, Webhooks};
pub use witnessing::{WitnessAddress, add_witness, witnesses};

/// A station at work on its data directory.
pub struct Station {
    folder: PathBuf,
    store: Store,
    ledger: Ledger,
    policy: Policy,
    lists: hotlist::Lists,
    vision: Vision,
    clock: Arc<dyn Clock>,
    /// The same clock, as the one that is watched.
    watch: Arc<WatchedClock>,
    random: Arc<dyn Random>,
    about: About,
    backup_key: Key,
    sessions: Mutex<HashMap<Digest, session::Held>>,
    /// Failed logins by address.
    throttle: Mutex<throttle::Throttle>,
    /// Addresses from which keys were shown that are no camera's.
    strange_keys: Mutex<throttle::Throttle>,
    /// The cameras' standing permits.
    standing: Mutex<HashMap<CameraId, ingest::Standing>>,
    /// Alarms that nobody has seen to.
    unseen: Mutex<Vec<Alarm>>,
    /// The entry that says that the time is in doubt, while it is.
    doubt_entered: Mutex<Option<u64>>,
    /// What witnesses told of the time since then.
    told_times: Mutex<Vec<agreed_time::Told>>,
    /// Who has confirmed the clock, and whether they are the Deputy Chief.
    time_confirmed: Mutex<Vec<(MemberId, bool)>>,
    disclosures: Mutex<Vec<Arc<Disclosure>>>,
    /// Answers whose pages can be turned, the newest last.
    answers: Mutex<Vec<Arc<answers::Answer>>>,
    /// Until when each camera's frames are known to have come in without a break.
    heard: Mutex<HashMap<CameraId, (Timestamp, u64)>>,
    demonstration: Mutex<Vec<demonstration::Shown>>,
    witnessed: Mutex<witnessing::Witnessed>,
    /// What must be looked into, in words; shown on every page.
    alarms: Mutex<Vec<String>>,
    /// What passkeys sign.
    challenges: Challenges,
    /// Where browsers reach the station, once that is known.
    origin: Mutex<Option<String>>,
    /// Single sign-on, where it is set up.
    sign_on: Mutex<Option<sign_on::SignOn>>,
    /// What is shown to browsers.
    tls: Mutex<Option<certificate::Tls>>,
    /// Whether pictures may have to be wrapped by another class's key.
    rewrap: AtomicBool,
    /// Held while the head is signed and kept in the store.
    sealing: Mutex<()>,
    /// How many questions wait for a reviewer.
    questions: Mutex<u64>,
    /// What the tripwires remember.
    remembered: Mutex<remembered::Remembered>,
    /// Held while the sample is drawn.
    sampling: Mutex<()>,
    /// The confirmations of how long data are kept, as far as reports looked for them.
    confirmations: Mutex<reporting::Confirmations>,
    /// What was published for everybody, once somebody asked.
    published: Mutex<Option<Arc<Vec<PublishedReport>>>>,
    /// Where the purge stands.
    purging: Mutex<purge::Purging>,
    /// The town's streets, once somebody looked for them; none where there are none.
    town: OnceLock<Result<Option<Town>, String>>,
    /// The open streams of alerts.
    watching: Mutex<Vec<watch::Lease>>,
    /// The alerts that nobody took in time.
    waiting: Mutex<Vec<Waiting>>,
}

/// What a station is made of, before its ledger is opened.
struct Parts {
    store: Store,
    policy: Policy,
    about: About,
    watch: Arc<WatchedClock>,
    ledger_key: String,
}

impl Parts {
    fn with(
        self,
        ledger: Ledger,
        folder: &Path,
        master: &MasterKey,
        around: Surroundings,
    ) -> Result<Station, StationError> {
        if let Some(turn) = self.store.turn() {
            ledger.take_turn(turn);
        }
        Ok(Station {
            folder: folder.to_owned(),
            store: self.store,
            ledger,
            policy: self.policy,
            lists: hotlist::Lists::default(),
            vision: Vision::embedded()?,
            clock: self.watch.clone(),
            watch: self.watch,
            challenges: Challenges::new(&*around.random),
            random: around.random,
            about: self.about,
            backup_key: master.derive("backup")?,
            sessions: Mutex::default(),
            throttle: Mutex::default(),
            strange_keys: Mutex::default(),
            standing: Mutex::default(),
            unseen: Mutex::default(),
            doubt_entered: Mutex::default(),
            told_times: Mutex::default(),
            time_confirmed: Mutex::default(),
            disclosures: Mutex::default(),
            answers: Mutex::default(),
            heard: Mutex::default(),
            demonstration: Mutex::default(),
            witnessed: Mutex::default(),
            alarms: Mutex::default(),
            origin: Mutex::default(),
            sign_on: Mutex::default(),
            tls: Mutex::default(),
            rewrap: AtomicBool::new(true),
            sealing: Mutex::default(),
            questions: Mutex::default(),
            remembered: Mutex::default(),
            sampling: Mutex::default(),
            confirmations: Mutex::default(),
            published: Mutex::default(),
            purging: Mutex::default(),
            town: OnceLock::new(),
            watching: Mutex::default(),
            waiting: Mutex::default(),
        })
    }
}

/// What the station is called, and where it is.
#[derive(Clone, Debug)]
pub struct About {
    /// The agency's name.
    pub agency: String,
    /// The host name that certificates and passkeys are bound to.
    pub host: String,
    /// The agency's time zone: its midnight ends training.
    pub time_zone: TimeZone,
    /// Whether what is not a picture lies on a database server whose disks nobody has declared to be
    /// encrypted.
    pub open_server: bool,
    /// What of the ledger is lost, a sentence each time.
    pub(crate) lost_entries: Vec<String>,
    /// Whether this is the demonstration, whose data and people are invented.
    pub demonstration: bool,
}

/// The fact that keeps the ledger's last signed head.
const LEDGER_HEAD: &str = "ledger head";

/// Time and randomness, given from outside.
#[derive(Clone)]
pub struct Surroundings {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// The files of a data directory.
pub(crate) struct Files<'a>(pub(crate) &'a Path);

impl Files<'_> {
    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys.json")
    }

    /// The key that takes the place of the other, while it does.
    pub(crate) fn next_keys(&self) -> PathBuf {
        self.0.join("keys.next.json")
    }

    /// The database under that key.
    pub(crate) fn next_database(&self) -> PathBuf {
        self.0.join("lictor.db.next")
    }

    /// The address of the store's server, sealed; absent where the store lies in this folder.
    pub(crate) fn server(&self) -> PathBuf {
        self.0.join("server.sealed")
    }

    /// The authority of certificates that webhooks are believed by; absent where those of browsers are.
    pub(crate) fn webhook_authority(&self) -> PathBuf {
        self.0.join("webhooks.pem")
    }

    /// The town's streets, for the map; absent where nobody has put them there.
    pub(crate) fn map(&self) -> PathBuf {
        self.0.join("map.geojson")
    }

    pub(crate) fn policy(&self) -> PathBuf {
        self.0.join("policy")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.0.join("ledger")
    }

    /// What browsers are given to trust the station.
    pub(crate) fn authority(&self) -> PathBuf {
        self.0.join("authority.pem")
    }

    pub(crate) fn verifying_key(&self) -> PathBuf {
        self.0.join("ledger.pub")
    }

    /// The newest head of the ledger that the store is known to keep.
    pub(crate) fn kept_head(&self) -> PathBuf {
        self.0.join("ledger.kept")
    }
}

impl Station {
    /// Opens a station that was founded before.
    ///
    /// # Errors
    /// When there is none, the passphrase is wrong, the rules are wrong, another station runs on the
    /// same data, or the ledger is damaged.
    pub fn open(
        folder: &Path,
        passphrase: &str,
        around: Surroundings,
    ) -> Result<Self, StationError> {
        let master = keys::open(folder, passphrase, &around)?;
        Self::open_with(folder, &master, around)
    }

    /// Everything but the ledger.
    fn parts(
        folder: &Path,
        master: &MasterKey,
        around: &Surroundings,
    ) -> Result<Parts, StationError> {
        let files = Files(folder);
        let policy = Policy::load(&PolicyFiles::in_folder(&files.policy())?)?;
        if policy.security().cji_mode() {
            let unvalidated = keys::unvalidated(&files)?;
            if !unvalidated.is_empty() {
                return Err(StationError::Unvalidated(unvalidated));
            }
        }
        let step = policy.security().clock_step();
        let watch = Arc::new(WatchedClock::new(around.clock.clone(), step));
        let store = keeping::open(&files, master, watch.clone())?;
        let fact = |name: &str| {
            store.fact(name)?.ok_or_else(|| {
                StationError::Damaged(format!("the station does not know its {name}"))
            })
        };
        let time_zone =
            TimeZone::get(&fact("time zone")?).map_err(|e| StationError::Damaged(e.to_string()))?;
        let about = About {
            agency: fact("agency")?,
            host: fact("host")?,
            time_zone,
            open_server: files.server().exists()
                && store.fact(warning::DECLARED_ENCRYPTED)?.is_none(),
            lost_entries: lost::lost(&store)?,
            demonstration: store.fact("demonstration")?.is_some(),
        };
        Ok(Parts {
            ledger_key: fact("ledger key")?,
            store,
            policy,
            about,
            watch,
        })
    }

    pub(crate) fn open_with(
        folder: &Path,
        master: &MasterKey,
        around: Surroundings,
    ) -> Result<Self, StationError> {
        let parts = Self::parts(folder, master, &around)?;
        let key = SigningKey::from_text(&parts.ledger_key)?;
        let ledger = Ledger::open(&Files(folder).ledger(), key)?;
        // The ledger alone may have been rolled back: the store knows its last head too.
        if let Some(head) = parts.store.fact(LEDGER_HEAD)? {
            ledger.continues(&head)?;
        }
        // And so may the database: then what was taken away since would work again.
        if backup::is_set_back(&parts.store, &ledger, &Files(folder))? {
            return Err(StationError::SetBack(folder.to_owned()));
        }
        let station = parts.with(ledger, folder, master, around)?;
        if let Some((_, newest)) = station.ledger.newest(u64::MAX, 1)?.first() {
            let longest_stop = station.policy.security().clock_longest_stop();
            station.watch.compare(newest.at, longest_stop);
        }
        if let Some(finding) = station.store.fact(checking::FINDING)?
            && !finding.is_empty()
        {
            station.raise(checking::found_in_words(&finding));
        }
        // What a crash left open is closed before anything new begins.
        for decision in station.ledger.unfinished()? {
            station.enter(Event::Outcome(Outcome::Interrupted { decision }))?;
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        station.enter(Event::Started {
            version,
            policy: station.policy.digest(),
        })?;
        station.witnesses()?;
        station.take_up_alarms()?;
        station.count_questions()?;
        station.compare_key_file()?;
        station.sign_ledger()?;
        Ok(station)
    }

    /// Ends in order: standing permits are closed, and the ledger's head is signed.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn close(&self) -> Result<(), StationError> {
        self.end_streams()?;
        self.close_standing_permits()?;
        for decision in self.ledger.unfinished()? {
            self.enter(Event::Outcome(Outcome::Interrupted { decision }))?;
        }
        self.enter(Event::Stopped)?;
        self.sign_ledger()
    }

    /// Signs the ledger as it stands. The store keeps the head before anybody finds it, and only a station
    /// that has the lease gets as far: no two heads part ways. Called once a second by whoever runs the
    /// station.
    ///
    /// # Errors
    /// When the ledger or the store cannot be written.
    pub fn sign_ledger(&self) -> Result<(), StationError> {
        self.watch_time()?;
        let _heads = lock(&self.sealing);
        let signed = self.ledger.seal_with(|head| self.keep_head(head));
        if let Err(StationError::Store(error)) = &signed {
            self.heed_lease(error);
        }
        signed.map(drop)
    }

    /// Keeps the head in the store, and then beside the ledger that the store has it: a database that
    /// does not know it later was set back.
    pub(crate) fn keep_head(&self, head: &str) -> Result<(), StationError> {
        self.store.set_fact(LEDGER_HEAD, head)?;
        let path = Files(&self.folder).kept_head();
        durable::replace(&path, head.as_bytes()).map_err(|e| StationError::file(&path, e))
    }

    /// What the station is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The rules in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The town's streets, from `map.geojson` in the station's folder, as it was when they were first
    /// looked for.
    pub fn town(&self) -> Option<&Town> {
        self.read_town().as_ref().ok()?.as_ref()
    }

    fn read_town(&self) -> &Result<Option<Town>, String> {
        let read = || Town::read(&Files(&self.folder).map());
        self.town.get_or_init(read)
    }

    /// How many entries the ledger has.
    pub fn ledger_size(&self) -> u64 {
        self.ledger.size()
    }

    /// The wall's time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How long the machine has been up, more or less: a reading that nobody sets.
    pub fn uptime(&self) -> std::time::Duration {
        self.clock.monotonic()
    }

    /// How passwords are hashed from now on.
    pub(crate) fn hashing(&self) -> PasswordAlgorithm {
        PasswordAlgorithm::in_force(self.policy.security().cji_mode())
    }

    pub(crate) fn enter(&self, event: Event) -> Result<ledger::Recorded, StationError> {
        Ok(self.ledger.append(self.clock.now(), event)?)
    }
}

/// What a lock guards here is never left half changed: a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
