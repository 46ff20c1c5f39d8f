//! Every route with every kind of caller: what it answers, and what it leaves in the ledger.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../govern/tests/support/golden.rs"]
mod golden;
#[path = "../../station/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use console::{By, Leaves, Route, Takes, routes};
use crypt::{Id, SystemRandom};
use govern::{
    AddCamera, AgencyKind, ChangeRetention, Class, CourseVersion, Declaration, EnrolMember,
    EnrolTerminal, FeedFrom, HoldKind, LedgerOnly, LedgerScope, Period, Policy, PolicyFiles,
    Recipient, RetentionClass, ReviewLedger, Role, Search, StatedPurpose, Unit,
};
use hotlist::{About, Action, Class as ListClass, Exception};
use report::Format;
use station::{
    BagTo, Caller, Completion, EvidenceAsked, FeedAsked, HoldAsked, LocalEntryAsked, RequestText,
    SessionKey, Station, StoryLine,
};
use support::{LOGIN, StandingClock, begin_session, found, log_in, train};
use tower::ServiceExt;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/routes.txt");
const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
/// The plate in it.
const SEEN: &str = "DK48213";
const HEAD: &str = "\
# Every route with every kind of caller. A cell is the status (`login`, `train`: sent on to that page),
# then a sign for each entry in the ledger: + permitted, done; - refused; ! permitted, and failed;
# * came, was turned away, or left; = reads kept under a standing permit; ^ an alert raised. An act that the route's
# line does not name stands in brackets.
# Written by `LICTOR_REWRITE=1 cargo nextest run -p console@0.1.0 --test every_route`.
";

/// Who calls; each has a station of its own.
#[derive(Clone, PartialEq)]
enum Who {
    Nobody,
    Camera,
    /// A member with this role.
    Member(Role),
    /// An officer without training in force.
    Untrained,
    /// The Deputy Chief, with a form of another session.
    ForeignForm,
    /// The Deputy Chief, from a page of another site.
    OtherSite,
}

impl Who {
    fn all() -> Vec<Self> {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let roles = policy.roles().map(|(role, _)| Self::Member(role));
        [
            Self::Nobody,
            Self::ForeignForm,
            Self::OtherSite,
            Self::Untrained,
        ]
        .into_iter()
        .chain(roles)
        .chain([Self::Camera])
        .collect()
    }

    fn name(&self) -> &str {
        match self {
            Self::Nobody => "nobody",
            Self::Camera => "camera",
            Self::Member(role) => &role.0,
            Self::Untrained => "untrained",
            Self::ForeignForm => "foreign-form",
            Self::OtherSite => "other-site",
        }
    }
}

/// Two requests that wait to be decided, one that was approved, and a declaration, whose id this is.
fn fill_the_desk(station: &Station, enrol: &dyn Fn(&str, &Role, bool)) -> String {
    let [clerk, chief] =
        [("kit.dorsey", "records-clerk"), ("ada.stone", "chief")].map(|(login, role)| {
            enrol(login, &Role(role.into()), true);
            log_in(station, login)
        });
    let text = RequestText {
        agency: "Ashford County State's Attorney".into(),
        kind: AgencyKind::Prosecutor,
        state: "US-IL".parse().ok(),
        person: "Lena Voss".into(),
        purpose: "Homicide".into(),
        plate: "KHF392".into(),
        cameras: vec![],
        from: "2026-11-20T00:00:00Z".parse().ok(),
        until: "2026-11-21T00:00:00Z".parse().ok(),
        declaration: None,
        demand: None,
    };
    for _ in 0..3 {
        let paper = Some(b"%PDF-1.7".to_vec());
        station
            .file_request(&clerk, None, text.clone(), paper)
            .unwrap();
    }
    station
        .decide_request(&chief, 2, true, "A homicide", None)
        .unwrap();
    let declaration = Declaration {
        agency: "Harlan County Sheriff".into(),
        state: "US-IN".parse().unwrap(),
        signer: "Dale Brandt, Sheriff".into(),
        signed: "2026-11-01".parse().ok(),
        until: "2027-11-01".parse().unwrap(),
        affirms: vec![],
        revoked: None,
    };
    station
        .file_declaration(&clerk, declaration, b"%PDF-1.7".to_vec())
        .unwrap();
    station.desk(&clerk).unwrap().declarations[0].id.to_string()
}

/// A hold to be looked at, and one to be released.
fn place_holds(station: &Station, deputy_chief: &Caller) {
    for _ in 0..2 {
        let asked = HoldAsked {
            case: "26-01877".into(),
            why: "Asked for by the defence".into(),
            review_on: "2027-02-01".parse().unwrap(),
            plate: "KHF392".into(),
            ..HoldAsked::default()
        };
        station
            .place_hold(deputy_chief, HoldKind::Discovery, asked)
            .unwrap();
    }
}

/// Two local entries in force, and two that wait for a second person.
fn look_out(station: &Station, deputy_chief: &Caller, another: &Caller) {
    for number in 1..=4 {
        let asked = LocalEntryAsked {
            plate: "KHF392".into(),
            jurisdiction: "US-IL".parse().ok(),
            reason: "Burglary, seen leaving".into(),
            case: "26-01877".into(),
            document: "Report 26-01877".into(),
            ends_at: "2026-12-01T12:00:00Z".parse().unwrap(),
            ..LocalEntryAsked::default()
        };
        station.enter_local_entry(another, asked).unwrap();
        if number < 3 {
            station.confirm_local_entry(deputy_chief, number).unwrap();
        }
    }
}

/// The record's content is armed, and a purge that found nothing of it old enough is certified.
fn end_a_purge(station: &Station, deputy_chief: &Caller, administrator: &Caller) {
    let change = ChangeRetention {
        class: RetentionClass::Audit,
        keep: Period {
            amount: 60,
            unit: Unit::Months,
        },
        schedule: "24-103, item 9".into(),
        preset: None,
        disposal: Some("25:118".into()),
    };
    let proposed = station.propose_retention(deputy_chief, change).unwrap();
    station.confirm(administrator, proposed).unwrap();
    while station.tend_purge().unwrap() {}
}

/// Whom a bag is sealed for.
const RECIPIENT: &str = "age1kzfkkdp2h0k2sxjx5yxqly67996etmazg24zdrzql9unmtjw9usqamrc8r";

/// A read, which is booked once.
fn book_one(station: &Station, deputy_chief: &Caller) -> String {
    let purpose = StatedPurpose {
        code: "crime".into(),
        case: Some("26-01877".into()),
        words: None,
    };
    let search = Search::new(SEEN.parse().unwrap(), purpose.clone());
    let read = station.search(deputy_chief, search).unwrap().sightings[0].read;
    let asked = EvidenceAsked {
        number: "26-E-0001".into(),
        reads: vec![read],
        purpose,
        to: BagTo::Recipients(Recipient::all_of(RECIPIENT).unwrap()),
    };
    station
        .book_evidence(deputy_chief, asked, &mut |_| Ok(()))
        .unwrap();
    read.to_string()
}

/// What a call came to.
struct Call {
    status: StatusCode,
    location: String,
    /// Whether the answer holds the plate that a camera saw, or a picture.
    tells_data: bool,
    entries: Vec<StoryLine>,
}

/// A station with one caller at its door.
struct House {
    _dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Arc<Station>,
    pages: Router,
    who: Who,
    session: Option<SessionKey>,
    camera_key: String,
    /// The Deputy Chief, who reads what was entered.
    reader: Caller,
    /// An import that waits for a second person.
    import: String,
    /// A declaration of affirmation.
    declaration: String,
    /// A read that a camera handed in.
    read: String,
    /// A report as JSON.
    told: String,
    /// The newest answer of a search or a canvass, by its entry, once there is one.
    answer: String,
    /// An access of a sample, by its entry, once there is one.
    sampled: String,
    used: u32,
}

impl House {
    fn new(who: Who) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(dir.path(), &clock);
        let deputy_chief = log_in(&station, LOGIN);
        let administrator = log_in(&station, "sam.okafor");
        let enrol = |login: &str, role: &Role, trained: bool| {
            let new = EnrolMember {
                login: login.into(),
                name: "Casey Birch".into(),
                badge: "431".into(),
                roles: vec![role.clone()],
            };
            support::enrol(&station, &deputy_chief, new);
            if trained {
                train(&station, &administrator, login, "2027-11-01");
            }
        };
        // Whom the samples of the table speak of.
        let officer = Role("officer".into());
        enrol("rowan.marsh", &officer, true);
        enrol("lee.quill", &officer, false);
        enrol("noor.adeyemi", &Role("auditor".into()), true);
        let completion = Completion {
            login: "lee.quill".into(),
            course: CourseVersion {
                course: "Initial course".into(),
                version: "1".into(),
            },
            completed: "2025-11-01".parse().unwrap(),
            expires: None,
            proof: Some(b"%PDF-1.7".to_vec()),
        };
        station.record_training(&administrator, completion).unwrap();
        station
            .grant_authorisation(
                &deputy_chief,
                "rowan.marsh",
                Class("state".into()),
                "2027-11-01".parse().unwrap(),
                "Task force",
            )
            .unwrap();
        match &who {
            // Enrolled as something else, which they then are no longer.
            Who::Member(role) if station.policy().takes_two_people(role) => {
                enrol("casey.birch", &officer, true);
                enrol("ray.dunn", &Role("chief".into()), true);
                let chief = log_in(&station, "ray.dunn");
                let (to, why) = ("casey.birch", "Resolution 12 of 2026");
                let proposed =
                    station.propose_appointment(&deputy_chief, to, role.clone(), None, why);
                station.confirm(&chief, proposed.unwrap()).unwrap();
                station
                    .end_role(&deputy_chief, to, officer.clone(), why)
                    .unwrap();
            }
            Who::Member(role) => enrol("casey.birch", role, true),
            Who::Untrained => enrol("casey.birch", &officer, false),
            Who::Nobody | Who::Camera | Who::ForeignForm | Who::OtherSite => {}
        }
        // One camera has seen a plate; the other is the caller.
        let [seen_by, camera_key] = ["elm-and-3rd", "mill-bridge"].map(|name| {
            let new = AddCamera {
                name: name.into(),
                place: "Elm Street".into(),
                class: None,
            };
            station.add_camera(&deputy_chief, new).unwrap().0
        });
        let desk = EnrolTerminal {
            name: "desk-1".into(),
            place: "Front desk".into(),
            class: "desk".into(),
        };
        station.enrol_terminal(&deputy_chief, desk).unwrap();
        let medium = Id::random(&SystemRandom);
        station
            .register_medium(&deputy_chief, medium, "Evidence 7")
            .unwrap();
        let address = "https://cad.ashford-falls.example/alerts";
        station
            .add_webhook(&deputy_chief, "dispatch", address)
            .unwrap();
        set_feed(&station, &deputy_chief);
        let import = bring_in_lists(&station, &deputy_chief);
        let camera = station.camera(&seen_by, None).unwrap();
        station
            .ingest(
                &camera,
                "test",
                "2026-11-20T20:09:41Z".parse().unwrap(),
                SAMPLE,
            )
            .unwrap();
        // Half an hour later it is another passing.
        station
            .ingest(
                &camera,
                "test",
                "2026-11-20T20:39:41Z".parse().unwrap(),
                SAMPLE,
            )
            .unwrap();
        // Two plates of the picture are listed: one alert for the steps to its end, and one that
        // somebody has.
        station.acknowledge_alert(&deputy_chief, 2).unwrap();
        let declaration = fill_the_desk(&station, &enrol);
        place_holds(&station, &deputy_chief);
        clock.advance(Duration::from_secs(30));
        let officer = log_in(&station, "rowan.marsh");
        look_out(&station, &deputy_chief, &officer);
        // Acted on before it was verified: a supervisor judges that.
        station.acknowledge_alert(&officer, 3).unwrap();
        let exception = Exception {
            action: Action::Stop,
            why: "The driver fled".into(),
        };
        station.report_exception(&officer, 3, exception).unwrap();
        end_a_purge(&station, &deputy_chief, &administrator);
        let read = book_one(&station, &deputy_chief);
        let days = (station.today().first_of_month(), station.today());
        let told = station.report_file(&deputy_chief, "monthly", days, Format::Json);
        let told = String::from_utf8(told.unwrap()).unwrap();
        let station = Arc::new(station);
        let mut house = Self {
            _dir: dir,
            clock,
            pages: console::pages(Arc::clone(&station), false),
            station,
            who,
            session: None,
            camera_key,
            reader: deputy_chief,
            import,
            declaration,
            read,
            told,
            answer: String::new(),
            sampled: String::new(),
            used: 0,
        };
        house.come_in();
        house
    }

    /// Logs in, unless the caller has a session, or never has one.
    fn come_in(&mut self) {
        let login = match self.who {
            Who::Nobody | Who::Camera => return,
            Who::ForeignForm | Who::OtherSite => LOGIN,
            Who::Member(_) | Who::Untrained => "casey.birch",
        };
        let lasts = |key: &SessionKey| self.station.session(key).is_ok();
        if !self.session.as_ref().is_some_and(lasts) {
            // A code is good once; the next is half a minute away.
            self.clock.advance(Duration::from_secs(30));
            self.session = Some(begin_session(&self.station, login));
        }
    }

    async fn call(&mut self, route: &Route) -> Call {
        self.come_in();
        let path = self.path(route).await;
        let before = self.station.ledger_size();
        let response = self
            .pages
            .clone()
            .oneshot(self.request(route, &path))
            .await
            .unwrap();
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location.map_or(String::new(), |l| l.to_str().unwrap().to_owned());
        let kind = response.headers().get(header::CONTENT_TYPE);
        let body = if kind.is_some_and(|kind| kind == "text/event-stream") {
            // It goes on until nobody hears it.
            drop(response);
            self.station.end_lapsed_streams().unwrap();
            axum::body::Bytes::new()
        } else {
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        };
        let holds = |bytes: &[u8]| body.windows(bytes.len()).any(|part| part == bytes);
        let entries = self.entries(before);
        let answers = |asked: &station::Asked| ["search", "canvass"].contains(&asked.act.as_str());
        if let Some(line) = entries
            .iter()
            .find(|line| line.asked.as_ref().is_some_and(answers))
        {
            self.answer = line.entry.to_string();
        }
        Call {
            status,
            location,
            tells_data: holds(SEEN.as_bytes()) || holds(&SAMPLE[..16]),
            entries,
        }
    }

    /// The route's path, with what varies in it filled in.
    async fn path(&mut self, route: &Route) -> String {
        if !route.path.contains('{') {
            return route.path.to_owned();
        }
        if route.path.contains("{record}") {
            return route.path.replace("{record}", &self.record_with_proof());
        }
        if route.path.contains("{question}") {
            return route.path.replace("{question}", &self.something_noticed());
        }
        if route.path.contains("{approval}") {
            return route
                .path
                .replace("{approval}", &self.something_asked_for());
        }
        if route.path.contains("{proposal}") {
            return route
                .path
                .replace("{proposal}", &self.something_proposed(route.path));
        }
        if route.path.contains("{login}") {
            return route.path.replace("{login}", &self.somebody_new());
        }
        if route.path.contains("{month}") {
            return route.path.replace("{month}", "2026-10");
        }
        if route.path.contains("{sample}") {
            self.something_sampled();
            return route.path.replace("{sample}", "1");
        }
        if route.path.contains("{serial}") {
            return route.path.replace("{serial}", "1");
        }
        if route.path.contains("{number}") {
            let second = ["/exception", "/release", "/renew"];
            let number = if second.iter().any(|end| route.path.ends_with(end)) {
                "2"
            } else if route.path.ends_with("/judge")
                || route.path == "/api/requests/{number}/decide"
            {
                "3"
            } else if route.path.ends_with("local/{number}/confirm") {
                match route.path.starts_with("/api") {
                    true => "4",
                    false => "3",
                }
            } else {
                "1"
            };
            return route.path.replace("{number}", number);
        }
        // A picture of a search by the same caller, if that showed one.
        let search = routes()
            .into_iter()
            .find(|r| r.path == "/search" && r.takes_form())
            .unwrap();
        let page = self
            .pages
            .clone()
            .oneshot(self.request(&search, "/search"))
            .await
            .unwrap();
        let page = to_bytes(page.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8_lossy(&page).into_owned();
        let shown = page.split_once("\"/picture/").map(|(_, rest)| &rest[..32]);
        let picture = shown.unwrap_or("00000000000000000000000000000000");
        let path = route.path.replace("{picture}", picture);
        assert!(
            !path.contains('{'),
            "say in `House::path` what stands for the varying part of {}",
            route.path
        );
        path
    }

    /// An officer whom nothing was done to yet.
    fn somebody_new(&mut self) -> String {
        self.used += 1;
        let login = format!("somebody.new.{}", self.used);
        let new = EnrolMember {
            login: login.clone(),
            name: "Kit Alder".into(),
            badge: "470".into(),
            roles: vec![Role("officer".into())],
        };
        support::enrol(&self.station, &self.reader, new);
        login
    }

    /// The training record of the officer, with a proof.
    fn record_with_proof(&self) -> String {
        let overview = self.station.overview(&self.reader).unwrap();
        let mut records = overview.members.iter().flat_map(|one| &one.training);
        records.find(|record| record.proven).unwrap().id.to_string()
    }

    /// A question about the trainee, who was refused again and again.
    fn something_noticed(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        let trainee = log_in(&self.station, "lee.quill");
        for _ in 0..5 {
            assert!(self.station.overview(&trainee).is_err());
        }
        self.clock.advance(Duration::from_secs(30));
        let auditor = log_in(&self.station, "noor.adeyemi");
        let questions = self.station.questions(&auditor).unwrap();
        let trainee = self.station.member_by_login("lee.quill").unwrap().id;
        let about =
            |one: &&station::KeptQuestion| one.name.about == trainee && one.answer.is_none();
        let found = questions.questions.iter().find(about).unwrap();
        found.name.id.to_string()
    }

    /// The first sample, drawn a day after an access of the officer that is in it.
    fn something_sampled(&mut self) {
        if !self.sampled.is_empty() {
            return;
        }
        self.clock.advance(Duration::from_secs(30));
        let today = self.station.today();
        let officer = log_in(&self.station, "rowan.marsh");
        let own = ReviewLedger {
            scope: LedgerScope::Own,
            most: 1,
            before: None,
            only: LedgerOnly::default(),
        };
        self.station.review(&officer, own).unwrap();
        self.clock.advance(Duration::from_hours(24));
        let auditor = log_in(&self.station, "noor.adeyemi");
        let drawn = self.station.draw_audit(&auditor, (today, today), Some(200));
        assert_eq!(drawn.unwrap(), 1);
        let shown = self.station.open_sample(&auditor, 1).unwrap();
        let officer = self.station.member_by_login("rowan.marsh").unwrap().id;
        let mut accesses = shown.sample.about.accesses.iter();
        let of_the_officer = accesses.find(|one| one.access.by == officer).unwrap();
        self.sampled = of_the_officer.access.entry.to_string();
        // A day later every session is over.
        self.come_in();
    }

    /// Asked for by the officer, and not approved yet.
    fn something_asked_for(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        let officer = log_in(&self.station, "rowan.marsh");
        let purpose = StatedPurpose {
            code: "ordinance".into(),
            case: Some("26-01877".into()),
            words: Some("Overnight parking on Depot Road".into()),
        };
        let asked = self.station.ask_approval(&officer, purpose);
        asked.unwrap().to_string()
    }

    /// Proposed by the Deputy Chief, and not confirmed yet.
    fn something_proposed(&self, path: &str) -> String {
        if path.contains("/exports/") {
            let why = "The records system changes";
            let proposed = self.station.propose_export(&self.reader, why);
            return proposed.unwrap().to_string();
        }
        let change = ChangeRetention {
            class: RetentionClass::Read,
            keep: Period {
                amount: 30,
                unit: Unit::Days,
            },
            schedule: "24-103, item 7".into(),
            preset: None,
            disposal: None,
        };
        let proposed = self.station.propose_retention(&self.reader, change);
        proposed.unwrap().to_string()
    }

    fn request(&self, route: &Route, path: &str) -> Request<Body> {
        let fill = |sample: &[(&str, &str)]| -> Vec<(String, String)> {
            let value = |value: &str| {
                let value = value.replace("{n}", &self.used.to_string());
                let value = value.replace("{declaration}", &self.declaration);
                let value = value.replace("{read}", &self.read);
                let value = value.replace("{answer}", &self.answer);
                let value = value.replace("{sampled}", &self.sampled);
                let value = value.replace("{told}", &self.told);
                value.replace("{import}", &self.import)
            };
            sample
                .iter()
                .map(|(n, v)| ((*n).to_owned(), value(v)))
                .collect()
        };
        let query = encode(&fill(route.query.sample));
        let uri = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        };
        let mut request = Request::builder()
            .method(route.method.clone())
            .uri(uri)
            .header(header::HOST, "localhost:8420");
        if let Some(key) = &self.session {
            request = request.header(header::COOKIE, format!("lictor={}", key.as_text()));
        }
        if self.who == Who::Camera {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.camera_key));
        }
        if self.who == Who::OtherSite {
            request = request.header(header::ORIGIN, "https://elsewhere.example");
        }
        let body = match &route.takes {
            Takes::Nothing => Body::empty(),
            Takes::Picture => Body::from(SAMPLE),
            Takes::Json(_, sample) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                let fields: BTreeMap<_, _> = fill(sample).into_iter().collect();
                Body::from(serde_json::to_vec(&fields).unwrap())
            }
            Takes::Table(sample) => {
                request = request.header(header::CONTENT_TYPE, "text/csv");
                Body::from(*sample)
            }
            Takes::Form(_, sample) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let mut form = fill(sample);
                form.push(("token".to_owned(), self.token()));
                Body::from(encode(&form))
            }
        };
        request.body(body).unwrap()
    }

    fn token(&self) -> String {
        let own = self
            .session
            .as_ref()
            .map(|key| self.station.session(key).unwrap().form_token());
        match self.who {
            Who::ForeignForm => "of another session".to_owned(),
            _ => own.unwrap_or_default(),
        }
    }

    /// What was entered since, oldest first, as the Deputy Chief reads it.
    fn entries(&mut self, since: u64) -> Vec<StoryLine> {
        let until = self.station.ledger_size();
        if since == until {
            return vec![];
        }
        self.used += 1;
        let review = ReviewLedger {
            scope: LedgerScope::Everyone,
            most: 50,
            before: None,
            only: LedgerOnly::default(),
        };
        let story = self.station.review(&self.reader, review).unwrap();
        let mut lines: Vec<_> = story
            .lines
            .into_iter()
            .filter(|line| (since..until).contains(&line.entry))
            // Tripwires notice the callers, too; when, is not the routes' to say.
            .filter(|line| !line.told.starts_with("A question was opened"))
            .collect();
        lines.reverse();
        lines
    }
}

/// A list that comes by itself.
fn set_feed(station: &Station, by: &Caller) {
    let asked = FeedAsked {
        name: "county".into(),
        about: About {
            name: "County list".into(),
            source: "Sheriff".into(),
            class: ListClass::Department,
            purposes: vec!["stolen".into()],
            refresh_hours: 12,
            mapping: "illinois-extract".into(),
        },
        from: FeedFrom::Address {
            address: "https://lists.county.example/stolen.csv".into(),
            authority: None,
        },
        every_minutes: 60,
        secret: Some("Bearer a-long-secret".into()),
    };
    station.set_feed(by, asked).unwrap();
}

/// A list in force, and an import of it that shrinks so much that it waits.
fn bring_in_lists(station: &Station, by: &Caller) -> String {
    let about = About {
        name: "State extract".into(),
        source: "State police".into(),
        class: ListClass::State,
        purposes: vec!["stolen".into()],
        refresh_hours: 12,
        mapping: "illinois-extract".into(),
    };
    let table = "FILE,LIC,LIS,DOE,NIC,ORI\n\
                 VEHICLE,DK48213,IL,20261118,V1,IL0990000\n\
                 VEHICLE,AKT4823,WI,20261118,V2,WI0990000\n\
                 VEHICLE,ZQ90417,IL,20261118,V3,IL0990000\n";
    let first = station
        .import_list(by, about.clone(), table.as_bytes())
        .unwrap();
    assert!(!first.waits);
    let shorter = table.lines().take(2).collect::<Vec<_>>().join("\n") + "\n";
    let second = station.import_list(by, about, shorter.as_bytes()).unwrap();
    assert!(second.waits);
    second.import.to_string()
}

trait TakesForm {
    fn takes_form(&self) -> bool;
}

impl TakesForm for Route {
    fn takes_form(&self) -> bool {
        matches!(self.takes, Takes::Form(..))
    }
}

fn encode(pairs: &[(String, String)]) -> String {
    let escape = |text: &str| -> String {
        let byte = |b: u8| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        };
        text.bytes().map(byte).collect()
    };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(n, v)| format!("{}={}", escape(n), escape(v)))
        .collect();
    pairs.join("&")
}

/// An alert stands in the ledger by itself, beside the batch that it came of.
fn is_alert(line: &StoryLine) -> bool {
    line.told.starts_with("Alert ")
}

/// One cell of the table.
fn cell(route: &Route, call: &Call) -> String {
    let mut cell = match call.location.as_str() {
        "/login" if !matches!(route.leaves, Leaves::Login) => "login".to_owned(),
        "/training" if route.path != "/" => "train".to_owned(),
        _ => call.status.as_str().to_owned(),
    };
    for line in &call.entries {
        let Some(asked) = &line.asked else {
            cell.push(if is_alert(line) { '^' } else { '=' });
            continue;
        };
        let (named, sign) = match (&route.leaves, line.refused) {
            (Leaves::Login, _) => (true, '*'),
            (Leaves::PartOf(_), true) => (true, '-'),
            (Leaves::Decisions(acts), refused) => (
                acts.contains(&asked.act.as_str()),
                match (refused, asked.records) {
                    (true, _) => '-',
                    (false, Some(_)) => '+',
                    (false, None) => '!',
                },
            ),
            (Leaves::Standing(_), true) if asked.act == "camera-key" => (true, '*'),
            (Leaves::Standing(act), refused) => {
                (asked.act == *act, if refused { '-' } else { '+' })
            }
            (_, refused) => (false, if refused { '-' } else { '+' }),
        };
        if named {
            cell.push(sign);
        } else {
            let _ = write!(cell, "[{}{sign}]", asked.act);
        }
    }
    cell
}

/// What holds for every call, whatever the table says: case 28.
fn check(route: &Route, who: &str, call: &Call) {
    let at = format!("{} {} by {who}: {}", route.method, route.path, call.status);
    let asked: Vec<_> = call
        .entries
        .iter()
        .filter_map(|line| line.asked.as_ref())
        .collect();
    let acts: Vec<&str> = asked.iter().map(|asked| asked.act.as_str()).collect();
    let answered = call.status == StatusCode::OK;
    match &route.leaves {
        Leaves::Decisions(declared) if answered => assert_eq!(
            &acts, declared,
            "{at}: it answers, so each of its acts has exactly one decision in the ledger; \
             if it leads to other acts, say so in crates/console/src/routes.rs"
        ),
        Leaves::Decisions(declared) => assert!(
            acts.len() <= declared.len() && declared.starts_with(&acts),
            "{at}: {acts:?} stand in the ledger, where {declared:?} are declared"
        ),
        Leaves::Standing(act) if answered => {
            assert_eq!(
                acts,
                [*act],
                "{at}: the first frame opens the standing permit"
            );
            let batches = call.entries.iter().filter(|line| line.asked.is_none());
            assert_eq!(
                batches.filter(|line| !is_alert(line)).count(),
                1,
                "{at}: what is kept is one batch in the ledger"
            );
        }
        // Whoever shows no key of a camera is written down; a page of another site shows nothing.
        Leaves::Standing(_) => assert!(acts.is_empty() || acts == ["camera-key"], "{at}: {acts:?}"),
        Leaves::PartOf(_) if answered => {
            assert_eq!(acts, [""; 0], "{at}: the page's permit covers it")
        }
        Leaves::PartOf(_) | Leaves::Login => assert!(acts.len() <= 1, "{at}: {acts:?}"),
        Leaves::Nothing(because) => {
            assert_eq!(
                acts, [""; 0],
                "{at}: declared to lead to no act, because {because}"
            );
            assert!(
                !call.tells_data,
                "{at}: it tells what a camera saw, and leaves nothing in the ledger"
            );
        }
    }
    if acts == ["search"] && answered {
        assert!(
            call.tells_data,
            "{at}: who looks for data must see them here"
        );
    }
    for line in &call.entries {
        let Some(asked) = &line.asked else { continue };
        assert!(
            !asked.object.is_empty(),
            "{at}: what was asked for is not told"
        );
        assert!(
            ["login", "first-login", "set-up-terminal", "camera-key"].contains(&asked.act.as_str())
                || !asked.name.is_empty(),
            "{at}: who asked is not told"
        );
        assert!(
            !asked.clauses.is_empty(),
            "{at}: under which clause is not told"
        );
        assert!(
            line.refused || asked.act != "search" || asked.purpose.is_some(),
            "{at}: no purpose"
        );
    }
}

/// What one caller got: for each route the cell, and whether the call came through.
struct Column {
    name: String,
    calls: Vec<(String, bool)>,
}

/// Every route by everybody, as many at once as there are processors.
fn walk(everybody: Vec<Who>) -> Vec<Column> {
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut columns = Vec::new();
    let mut waiting = everybody.into_iter().peekable();
    while waiting.peek().is_some() {
        let walking: Vec<_> = waiting
            .by_ref()
            .take(at_once)
            .map(|who| std::thread::spawn(|| column(who)))
            .collect();
        for walk in walking {
            columns.push(
                walk.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
    }
    columns
}

fn column(who: Who) -> Column {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let name = who.name().to_owned();
    let mut house = House::new(who);
    let call = |route: Route| {
        let call = runtime.block_on(house.call(&route));
        check(&route, &name, &call);
        let through = call.status == StatusCode::OK || call.status == StatusCode::SEE_OTHER;
        (cell(&route, &call), through)
    };
    let calls = routes().into_iter().map(call).collect();
    Column { name, calls }
}

#[test]
fn alpr_ac_28_every_route_leaves_exactly_its_entries_and_answers_as_the_table_says() {
    let everybody = Who::all();
    let table = routes();
    let columns: Vec<usize> = everybody
        .iter()
        .map(|who| who.name().len().max(5) + 2)
        .collect();
    let acts = |route: &Route| match &route.leaves {
        Leaves::Decisions(acts) => acts.join(" "),
        Leaves::Standing(act) => format!("standing {act}"),
        Leaves::PartOf(act) => format!("part of {act}"),
        Leaves::Login => "login".to_owned(),
        Leaves::Nothing(_) => "-".to_owned(),
    };
    let widest =
        |text: fn(&Route) -> String| table.iter().map(|r| text(r).len()).max().unwrap() + 2;
    let (for_path, for_acts) = (widest(|route| route.path.to_owned()), widest(acts));
    let mut lines: Vec<String> = table
        .iter()
        .map(|r| {
            format!(
                "{:<5}{:<for_path$}{:<for_acts$}",
                r.method.as_str(),
                r.path,
                acts(r)
            )
        })
        .collect();
    let mut head = format!("{:<5}{:<for_path$}{:<for_acts$}", "", "route", "leads to");
    let mut permitted = vec![false; table.len()];
    for (column, width) in walk(everybody).into_iter().zip(columns) {
        let _ = write!(head, "{:<width$}", column.name);
        for ((call, line), permitted) in column.calls.iter().zip(&mut lines).zip(&mut permitted) {
            *permitted |= call.1;
            let _ = write!(line, "{:<width$}", call.0);
        }
    }
    for (route, permitted) in table.iter().zip(permitted) {
        assert!(
            permitted || route.by == By::Anybody,
            "{} {}: nobody came through; mend its sample in crates/console/src/routes.rs",
            route.method,
            route.path
        );
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    let now = format!("{HEAD}\n{}\n{}\n", head.trim_end(), lines.join("\n"));
    golden::compare(
        TABLE,
        &now,
        "cargo nextest run -p console@0.1.0 --test every_route",
    );
}
