//! Stores for tests, one in a folder and one on a PostgreSQL server, and real permits for them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crypt::{
    Code, Digest, EnrolmentCode, Id, Key, PasswordHash, Random, SecondFactor, SystemRandom,
};
use govern::{
    Action, AddCamera, CameraFacts, CameraId, Class, Clock, Decided, KeepReads, MemberFacts,
    MemberId, Moment, Permit, Policy, PolicyFiles, Principal, Request, Role, decide,
};
use jiff::Timestamp;
use ledger::{Ledger, Salt, SigningKey};
use store::{Chosen, NewCamera, NewEnrolment, NewMember, Store, StoreError, StoreKeys, StorePlace};
use tempfile::TempDir;

/// Where `cargo xtask postgres` listens.
const SERVER: &str = "LICTOR_TEST_POSTGRES";

/// A clock that stands until it is moved.
pub(crate) struct StandingClock(Mutex<(Timestamp, Duration)>);

impl StandingClock {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 = now.0.saturating_add(by).unwrap();
        now.1 += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

/// A database of the tests' server, dropped with the test.
struct OwnDatabase {
    server: String,
    name: String,
}

impl OwnDatabase {
    fn create() -> Self {
        let server = std::env::var(SERVER).unwrap_or_else(|_| {
            let folder = std::env::temp_dir().join("lictor-postgres");
            assert!(
                folder.join(".s.PGSQL.5432").exists(),
                "no PostgreSQL for the tests: run `cargo xtask postgres` beside them, or `cargo xtask test`"
            );
            format!("host={} user=postgres", folder.display())
        });
        let mut bytes = [0; 8];
        SystemRandom.fill(&mut bytes);
        let name = bytes
            .iter()
            .fold("test_".to_owned(), |name, byte| format!("{name}{byte:02x}"));
        let made = Self { server, name };
        made.on_server(&format!("CREATE DATABASE {}", made.name));
        made
    }

    fn address(&self) -> String {
        format!("{} dbname={}", self.server, self.name)
    }

    fn on_server(&self, statement: &str) {
        let address = format!("{} dbname=postgres", self.server);
        let mut client = postgres::Client::connect(&address, postgres::NoTls).unwrap();
        client.batch_execute(statement).unwrap();
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        self.on_server(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// A store with what a permit needs: rules, a ledger, a clock.
pub(crate) struct House {
    store: Option<Store>,
    pub(crate) ledger: Ledger,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<StandingClock>,
    place: StorePlace,
    key: Key,
    database: Option<OwnDatabase>,
    // Last: everything else lies in it.
    folder: TempDir,
}

impl House {
    /// A store in a folder of its own.
    pub(crate) fn with_sqlite() -> Self {
        Self::at(None)
    }

    /// The same with its pictures in a bucket.
    pub(crate) fn with_bucket(bucket: &str) -> Self {
        let mut house = Self::with_sqlite();
        house.store().keep_pictures_in(bucket).unwrap();
        house.reopen();
        house
    }

    /// A store in a database of its own.
    pub(crate) fn with_postgres() -> Self {
        Self::at(Some(OwnDatabase::create()))
    }

    fn at(database: Option<OwnDatabase>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = "2026-11-24T16:00:00Z".parse().unwrap();
        let signing = SigningKey::create("test/lictor/1", &SystemRandom).unwrap();
        let mut house = Self {
            store: None,
            ledger: Ledger::begin(&folder.path().join("ledger"), signing).unwrap(),
            policy: Policy::load(&PolicyFiles::embedded()).unwrap(),
            clock: Arc::new(StandingClock(Mutex::new((start, Duration::ZERO)))),
            place: StorePlace {
                folder: folder.path().to_owned(),
                server: database.as_ref().map(OwnDatabase::address),
            },
            key: Key::random(&SystemRandom),
            database,
            folder,
        };
        house.store = Some(house.open().unwrap());
        house
    }

    /// Opens the same store once more.
    pub(crate) fn open(&self) -> Result<Store, StoreError> {
        self.open_in(&self.place)
    }

    /// Opens a store on another server.
    pub(crate) fn open_at(&self, server: &str) -> Result<Store, StoreError> {
        self.open_in(&StorePlace {
            server: Some(server.to_owned()),
            ..self.place.clone()
        })
    }

    fn open_in(&self, place: &StorePlace) -> Result<Store, StoreError> {
        let keys = StoreKeys {
            database: self.key.clone(),
            columns: self.key.derive("columns").unwrap(),
            pictures: self.key.derive("pictures").unwrap(),
        };
        Store::open(place, keys, self.clock.clone())
    }

    /// Closes it and opens it again, as a restart does.
    pub(crate) fn reopen(&mut self) {
        self.store = None;
        self.store = Some(self.open().unwrap());
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.store = None;
    }

    /// Hands out the store that is open, to be closed elsewhere.
    pub(crate) fn take(&mut self) -> Option<Store> {
        self.store.take()
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Whether its database is a file.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.database.is_none()
    }

    /// What wraps the keys of the pictures' keys.
    pub(crate) fn picture_key(&self) -> Key {
        self.key.derive("pictures").unwrap()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Everything in the database as text, as somebody would see it who reads its tables.
    pub(crate) fn dump(&self) -> String {
        let tables = self.texts(match self.database {
            Some(_) => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
            None => "SELECT name FROM sqlite_schema WHERE type = 'table'",
        });
        let mut dump = String::new();
        for table in tables {
            dump.push_str(&match &self.database {
                Some(_) => self
                    .texts(&format!("SELECT t::text FROM {table} t"))
                    .join("\n"),
                None => self.rows_of_sqlite(&table),
            });
        }
        dump
    }

    /// Runs a statement past the store.
    pub(crate) fn tamper(&self, statement: &str) {
        match &self.database {
            Some(database) => {
                let mut client =
                    postgres::Client::connect(&database.address(), postgres::NoTls).unwrap();
                client.batch_execute(statement).unwrap();
            }
            None => self.sqlite().execute_batch(statement).unwrap(),
        }
    }

    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        match &self.database {
            Some(database) => {
                let mut client =
                    postgres::Client::connect(&database.address(), postgres::NoTls).unwrap();
                let rows = client.query(query, &[]).unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            None => {
                let db = self.sqlite();
                let mut query = db.prepare(query).unwrap();
                let rows = query.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
        }
    }

    fn rows_of_sqlite(&self, table: &str) -> String {
        let db = self.sqlite();
        let mut query = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = query.column_count();
        let mut rows = query.query([]).unwrap();
        let mut text = String::new();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let bytes = value.as_bytes_or_null().ok().flatten();
                text.push_str(&match bytes {
                    Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    None => format!("{value:?}"),
                });
                text.push('\n');
            }
        }
        text
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let db = rusqlite::Connection::open(self.folder.path().join("lictor.db")).unwrap();
        let hex: String = self
            .key
            .expose()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        db.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
        db
    }

    /// A permit as the gate makes it: decided by the rules, entered in the ledger.
    pub(crate) fn permit<A: Action>(&self, who: Principal, act: A) -> Permit<A> {
        self.permit_in(None, who, act)
    }

    /// A permit given in a session.
    pub(crate) fn permit_in<A: Action>(
        &self,
        session: Option<Digest>,
        who: Principal,
        act: A,
    ) -> Permit<A> {
        let request = Request {
            act,
            who,
            session,
            address: "test".into(),
        };
        let moment = Moment {
            time_doubtful: false,
            now: self.clock.now(),
            id: Id::random(&SystemRandom),
            salt: Salt::random(&SystemRandom),
        };
        match decide(&self.policy, request, moment) {
            Decided::Granted(granted) => {
                let receipt = self
                    .ledger
                    .record(self.clock.now(), granted.decision())
                    .unwrap();
                Permit::join(granted, receipt, &*self.clock).unwrap()
            }
            Decided::Refused(refused) => unreachable!("{:?}", refused.reasons),
        }
    }

    /// A camera with this name, added as an administrator adds it.
    pub(crate) fn camera(&self, name: &str) -> CameraId {
        self.add_camera(name).unwrap()
    }

    pub(crate) fn add_camera(&self, name: &str) -> Result<CameraId, StoreError> {
        self.camera_of_class(name, None)
    }

    /// A camera whose reads carry a class.
    pub(crate) fn camera_of_class(
        &self,
        name: &str,
        class: Option<&str>,
    ) -> Result<CameraId, StoreError> {
        let act = AddCamera {
            name: name.into(),
            place: "Elm Street at 3rd Avenue".into(),
            class: class.map(|class| Class(class.into())),
        };
        let new = NewCamera {
            key_digest: crypt::sha256(name.as_bytes()),
        };
        let permit = self.permit(administrator(), act);
        self.store().add_camera(&permit, &new, &SystemRandom)
    }

    /// The standing permit of a camera.
    pub(crate) fn standing(&self, camera: CameraId) -> Permit<KeepReads> {
        let facts = CameraFacts {
            id: camera,
            name: "elm".into(),
        };
        self.permit(Principal::Camera(facts), KeepReads)
    }

    /// Enrols a founder, who comes in for the first time.
    pub(crate) fn founder(&self, login: &str, name: &str) -> Result<MemberId, StoreError> {
        let code = EnrolmentCode::random(&SystemRandom);
        let new = NewMember {
            login: login.into(),
            name: name.into(),
            badge: "417".into(),
            roles: vec![Role("administrator".into())],
            enrolment: NewEnrolment {
                code: code.clone(),
                second_factor: SecondFactor::random(&SystemRandom),
                expires: "2100-01-01T00:00:00Z".parse().unwrap(),
            },
        };
        let store = self.store();
        let member = store.enrol_founder(&new, &SystemRandom)?;
        let chosen = Chosen {
            password: &PasswordHash::from_text("$argon2id$".into()),
            shown: Code { step: 0 },
            recovery: &[],
        };
        let enrolment = store.enrolment(&code)?.unwrap();
        assert!(store.complete_enrolment(&code, &enrolment, &chosen)?);
        Ok(member)
    }
}

/// A member with this role and training in force.
pub(crate) fn member(role: &str) -> Principal {
    Principal::Member(MemberFacts {
        id: Id::random(&SystemRandom),
        name: "Rowan Marsh".into(),
        badge: "417".into(),
        roles: vec![Role(role.into())],
        trained_until: Some(Timestamp::MAX),
        authorised: vec![],
        approved: vec![],
    })
}

pub(crate) fn administrator() -> Principal {
    member("administrator")
}
