//! Founding a station.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crypt::{MasterKey, RecoveryShare, WrappedMasterKey};
use govern::{Content, CourseVersion, MemberId, Policy, PolicyFiles, Role};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ledger::{Event, Ledger, Party, SigningKey, Verdict};
use plate::Jurisdiction;
use store::{FoundingTraining, NewMember};

use crate::administer::check_login_name;
use crate::enrolment::new_enrolment;
use crate::note::Note;
use crate::warning::DECLARED_ENCRYPTED;
use crate::{Files, IssuedCode, Station, StationError, Surroundings, keeping};

/// One of the two people a station begins with.
pub struct Founder {
    /// What they log in with.
    pub login: String,
    /// The name.
    pub name: String,
    /// The badge.
    pub badge: String,
    /// The role.
    pub role: Role,
}

/// What a station begins with.
pub struct Founding {
    /// The agency's name.
    pub agency: String,
    /// The host name, permanent: certificates are bound to it.
    pub host: String,
    /// The state that the agency is in; `None`: the one that the rules name.
    pub state: Option<Jurisdiction>,
    /// The agency's time zone, such as `America/Chicago`.
    pub time_zone: String,
    /// Opens the station at every start.
    pub passphrase: String,
    /// The Deputy Chief and a second person.
    pub founders: [Founder; 2],
    /// The course that each of them attests the other has completed, and when.
    pub training: (String, Date),
    /// Whether this is the demonstration.
    pub demonstration: bool,
    /// The database server that keeps what is not a picture; else it is kept in the folder, in SQLite.
    pub server: Option<Server>,
    /// The bucket of an S3-compatible store that keeps the pictures, such as `s3://plates/station`; else
    /// they are kept in the folder.
    pub bucket: Option<String>,
}

/// A database server.
pub struct Server {
    /// The address of a PostgreSQL database.
    pub address: String,
    /// Whether the founders declare that its disks are encrypted.
    pub encrypted: bool,
}

/// A founded station, and what is shown once and kept nowhere.
pub struct Founded {
    /// The station, at work.
    pub station: Station,
    /// Any two of them open the station when the passphrase is lost.
    pub shares: [RecoveryShare; 3],
    /// With these the founders set their own passwords and second factors: they come in by the same
    /// way as everybody, and neither knows what the other chose.
    pub enrolment_codes: [IssuedCode; 2],
    /// The public half of the ledger's key.
    pub ledger_key: String,
}

/// The founding course is approved in this version.
const FIRST_VERSION: &str = "1";

impl Station {
    /// Founds a station in a folder that does not exist or is empty.
    ///
    /// # Errors
    /// [`StationError::NotEmpty`]; [`StationError::Input`] for what may not be set.
    pub fn found(
        folder: &Path,
        founding: Founding,
        around: Surroundings,
    ) -> Result<Founded, StationError> {
        let files = Files(folder);
        let input = |e: &dyn std::fmt::Display| StationError::Input(e.to_string());
        TimeZone::get(&founding.time_zone).map_err(|e| input(&e))?;
        let [one, other] = &founding.founders;
        if one.login.eq_ignore_ascii_case(&other.login) {
            return Err(input(
                &"a station is founded by two people, not by one twice",
            ));
        }
        // Everything that can be refused is made before the first file is.
        let random = &*around.random;
        let rule_files = match founding.state {
            Some(state) => PolicyFiles::embedded().at_home_in(state),
            None => PolicyFiles::embedded(),
        };
        let rules = Policy::load(&rule_files)?;
        let lasts = rules.security().enrolment_code_lasts();
        let member = |founder: &Founder| {
            check_login_name(&founder.login)?;
            let (enrolment, issued) = new_enrolment(random, around.clock.now(), lasts);
            let new = NewMember {
                login: founder.login.clone(),
                name: founder.name.clone(),
                badge: founder.badge.clone(),
                roles: vec![founder.role.clone()],
                enrolment,
            };
            Ok::<_, StationError>((new, issued))
        };
        let ((first, first_code), (second, second_code)) = (member(one)?, member(other)?);
        let (course, completed) = founding.training.clone();
        let months = rules.security().training_longest_months();
        let training = FoundingTraining {
            course: CourseVersion {
                course,
                version: FIRST_VERSION.to_owned(),
            },
            months,
            completed,
            expires: completed
                .checked_add(i64::from(months).months())
                .map_err(|e| input(&e))?,
        };
        let signing = SigningKey::create(&format!("{}/lictor/1", founding.host), random)?;
        let (master, wrapped, shares) = MasterKey::create(&founding.passphrase, random)?;

        let made = |path: &Path, result: std::io::Result<()>| {
            result.map_err(|e| StationError::file(path, e))
        };
        new_folder(folder)?;
        let policy = files.policy();
        for (name, text) in rule_files.iter() {
            let path = policy.join(name);
            if let Some(folder) = path.parent() {
                made(folder, durable::create_folder(folder))?;
            }
            made(&path, durable::replace(&path, text.as_bytes()))?;
        }
        if let Some(server) = &founding.server {
            keeping::remember_server(&files, &master, &server.address)?;
        }
        let store = keeping::open(&files, &master, around.clock.clone())?;
        if !store.is_new()? {
            return Err(input(
                &"this database holds a station already: give a new one an empty database",
            ));
        }
        if let Some(bucket) = &founding.bucket {
            if !bucket.starts_with("s3://") {
                return Err(input(
                    &"a bucket for pictures is named as s3://bucket/prefix",
                ));
            }
            store.keep_pictures_in(bucket)?;
        }
        for (fact, value) in [
            ("agency", founding.agency.as_str()),
            ("host", &founding.host),
            ("time zone", &founding.time_zone),
            ("ledger key", signing.expose()),
        ] {
            store.set_fact(fact, value)?;
        }
        if founding.demonstration {
            store.set_fact("demonstration", "yes")?;
        }
        if founding
            .server
            .as_ref()
            .is_some_and(|server| server.encrypted)
        {
            store.set_fact(DECLARED_ENCRYPTED, "by the founders")?;
        }
        let ids = [
            store.enrol_founder(&first, random)?,
            store.enrol_founder(&second, random)?,
        ];
        store.give_founding_roles([(ids[0], &one.role), (ids[1], &other.role)])?;
        store.record_founding_training(ids, &training, random)?;
        drop(store);
        let ledger_key = signing.verifying().as_text().to_owned();
        drop(Ledger::begin(&files.ledger(), signing)?);
        let path = files.verifying_key();
        made(
            &path,
            durable::replace(&path, format!("{ledger_key}\n").as_bytes()),
        )?;
        // The key file last: a folder without it is no station. Empty it and found again.
        let path = files.keys();
        write_keys(&path, &wrapped)?;

        let station = Self::open_with(folder, &master, around)?;
        station.enter_founding(&founding.founders, ids, &training)?;
        Ok(Founded {
            station,
            shares,
            enrolment_codes: [first_code, second_code],
            ledger_key,
        })
    }
}

impl Station {
    /// Enrols a reviewer from outside the department, named when the station is founded: the founders
    /// are the first whose uses of the data somebody must look at.
    ///
    /// # Errors
    /// [`StationError::Input`] for a login that is none or is taken, or when the station has others
    /// than its founders.
    pub fn name_reviewer(&self, reviewer: &Founder) -> Result<IssuedCode, StationError> {
        check_login_name(&reviewer.login)?;
        let (enrolment, issued) = self.new_enrolment();
        let new = NewMember {
            login: reviewer.login.clone(),
            name: reviewer.name.clone(),
            badge: reviewer.badge.clone(),
            roles: vec![reviewer.role.clone()],
            enrolment,
        };
        let id = self.store.enrol_first_reviewer(&new, &*self.random)?;
        let note = Note {
            act: "found-station",
            who: Party::Member(id),
            session: None,
            verdict: Verdict::Permit,
            clauses: &["2", "5(c)"],
            withdraws: None,
            content: Content {
                name: reviewer.name.clone(),
                badge: reviewer.badge.clone(),
                address: "this machine".to_owned(),
                what: format!("as {}", self.role_name(&reviewer.role)),
                case: None,
                words: None,
            },
        };
        self.write_down(note, Event::Founding)?;
        Ok(issued)
    }

    /// Both founders, and that each attested the other's training, stand first in the ledger.
    fn enter_founding(
        &self,
        founders: &[Founder; 2],
        ids: [MemberId; 2],
        training: &FoundingTraining,
    ) -> Result<(), StationError> {
        let [one, other] = founders;
        for (founder, id, witness) in [(one, ids[0], other), (other, ids[1], one)] {
            let FoundingTraining {
                course,
                completed,
                expires,
                ..
            } = training;
            let what = format!(
                "as {}; {} attested their training: {course}, completed {completed}, in force to {expires}",
                self.role_name(&founder.role),
                witness.name
            );
            let content = Content {
                name: founder.name.clone(),
                badge: founder.badge.clone(),
                address: "this machine".to_owned(),
                what,
                case: None,
                words: None,
            };
            let note = Note {
                act: "found-station",
                who: Party::Member(id),
                session: None,
                verdict: Verdict::Permit,
                clauses: &["2", "3(d)"],
                withdraws: None,
                content,
            };
            self.write_down(note, Event::Founding)?;
        }
        Ok(())
    }
}

/// Makes a station's folder: a new one, or one that is empty.
pub(crate) fn new_folder(folder: &Path) -> Result<(), StationError> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StationError::NotEmpty(folder.to_owned()));
    }
    // Also where the folder was there before: the database is readable by nobody else.
    durable::create_folder(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .map_err(|e| StationError::file(folder, e))
}

pub(crate) fn read_keys(path: &Path) -> Result<WrappedMasterKey, StationError> {
    let text = fs::read(path).map_err(|source| StationError::file(path, source))?;
    serde_json::from_slice(&text)
        .map_err(|e| StationError::Damaged(format!("{}: {e}", path.display())))
}

pub(crate) fn write_keys(path: &Path, keys: &WrappedMasterKey) -> Result<(), StationError> {
    let text = serde_json::to_vec_pretty(keys).map_err(|e| StationError::Damaged(e.to_string()))?;
    durable::replace(path, &text).map_err(|source| StationError::file(path, source))
}
