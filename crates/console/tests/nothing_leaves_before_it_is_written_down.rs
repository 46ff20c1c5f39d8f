//! Over real sockets: no byte of an answer is on its way before the decision, and what came of it,
//! are on the disk; and a client that takes its time holds up nobody.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../station/tests/support/mod.rs"]
mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use govern::{AddCamera, EnrolMember, Role};
use ledger::VerifyingKey;
use station::Station;
use support::{LOGIN, StandingClock, begin_session, found, log_in, train};

const SAMPLE: &[u8] = include_bytes!("../../../samples/elm-and-3rd-1412.jpg");
const OFFICER: &str = "rowan.marsh";

/// A station that answers at an address.
struct House {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Arc<Station>,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(dir.path(), &clock);
        let deputy_chief = log_in(&station, LOGIN);
        let new = EnrolMember {
            login: OFFICER.into(),
            name: "Rowan Marsh".into(),
            badge: "417".into(),
            roles: vec![Role("officer".into())],
        };
        support::enrol(&station, &deputy_chief, new);
        let administrator = log_in(&station, "sam.okafor");
        train(&station, &administrator, OFFICER, "2027-11-01");
        let new = AddCamera {
            name: "elm-and-3rd".into(),
            place: "Elm Street".into(),
            class: None,
        };
        let key = station.add_camera(&deputy_chief, new).unwrap();
        let camera = station.camera(&key.0, None).unwrap();
        station
            .ingest(
                &camera,
                "test",
                "2026-11-20T14:12:07Z".parse().unwrap(),
                SAMPLE,
            )
            .unwrap();

        let station = Arc::new(station);
        let pages = console::pages(Arc::clone(&station), false);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, pages).await
        });
        Self {
            dir,
            clock,
            station,
            address,
            _runtime: runtime,
        }
    }

    /// How many entries the disk holds, read as anybody may who has the folder and the public key.
    fn entries(&self) -> u64 {
        let path = |name: &str| -> PathBuf { self.dir.path().join(name) };
        let key = std::fs::read_to_string(path("ledger.pub")).unwrap();
        let verified =
            ledger::verify(&path("ledger"), &VerifyingKey::from_text(&key).unwrap()).unwrap();
        verified.signed + verified.newer
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Lets the station do one step after another, each time it asks for the time; after each, looks
    /// whether anything has come out. How many new entries the disk held when the first byte came,
    /// and the whole answer.
    fn step_through(&self, request: &str) -> (u64, String) {
        let before = self.entries();
        self.clock.hold(true);
        let mut stream = self.send(request);
        while !has_something(&stream) {
            self.clock.let_one_go(Duration::from_millis(100));
        }
        let entries = self.entries() - before;
        self.clock.hold(false);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        (entries, String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Whether a byte has come, within a moment.
fn has_something(stream: &TcpStream) -> bool {
    stream
        .set_read_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let come = match stream.peek(&mut [0]) {
        Ok(bytes) => bytes > 0,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
        Err(error) => unreachable!("{error}"),
    };
    stream.set_read_timeout(None).unwrap();
    come
}

fn get(path: &str, cookie: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: here\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n")
}

fn post(path: &str, cookie: &str, form: &str) -> String {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: here\r\ncookie: {cookie}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    )
}

/// The session's cookie, and a form that searches.
fn officer(house: &House) -> (String, String) {
    house.clock.advance(Duration::from_secs(30));
    let key = begin_session(&house.station, OFFICER);
    let token = house.station.session(&key).unwrap().form_token();
    let form = format!("token={token}&plate=DK48213&purpose=crime&case=26-01877&words=");
    (format!("lictor={}", key.as_text()), form)
}

#[test]
fn no_byte_leaves_before_the_decision_and_its_outcome_are_on_the_disk() {
    let house = House::new();
    let (cookie, form) = officer(&house);
    let searched = house.step_through(&post("/search", &cookie, &form));
    assert!(searched.1.contains("One sighting of"), "{}", searched.1);
    assert_eq!(searched.0, 2, "a search: its decision and its outcome");

    let refused = house.step_through(&post("/search", &cookie, &form.replace("26-01877", "")));
    assert!(refused.1.contains("Policy 5(b)"), "{}", refused.1);
    assert_eq!(refused.0, 1, "a refusal");

    let ledger = house.step_through(&get("/api/ledger", &cookie));
    assert!(
        ledger.1.contains("asked for the reads of plate DK48213"),
        "{}",
        ledger.1
    );
    assert_eq!(ledger.0, 2, "what the ledger says: decision and outcome");

    let none = "/picture/00000000000000000000000000000000";
    let picture = house.step_through(&get(none, &cookie));
    assert!(picture.1.starts_with("HTTP/1.1 403"), "{}", picture.1);
    assert_eq!(picture.0, 1, "a picture that was not shown");

    let wrong = "login=rowan.marsh&password=not+this+password&code=000000&acknowledged=yes";
    let login = house.step_through(&post("/login", "", wrong));
    assert!(login.1.starts_with("HTTP/1.1 401"), "{}", login.1);
    assert_eq!(login.0, 1, "somebody turned away");
}

#[test]
fn a_client_that_takes_its_time_holds_up_nobody() {
    let house = House::new();
    let (cookie, form) = officer(&house);
    let page = house.step_through(&post("/search", &cookie, &form)).1;
    let picture = page
        .split_once("src=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    // Slow: whoever asks for pictures and does not take them.
    let slow: Vec<TcpStream> = (0..8)
        .map(|_| house.send(&get(&picture, &cookie)))
        .collect();
    let mut answer = String::new();
    house
        .send(&post("/search", &cookie, &form))
        .read_to_string(&mut answer)
        .unwrap();
    assert!(answer.contains("One sighting of"), "{answer}");
    for mut stream in slow {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        assert!(
            bytes.ends_with(&SAMPLE[SAMPLE.len() - 64..]),
            "the whole picture, late"
        );
    }
}

#[test]
fn an_answer_comes_whole_although_part_of_the_request_comes_late_and_nobody_reads_it() {
    let house = House::new();
    let head = "POST /api/backup HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/json\r\ncontent-length: 2\r\n\r\n";
    let mut stream = house.send(head);
    // Nobody is logged in: it is refused without a look at what comes with it.
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(b"{}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.trim_end().ends_with('}'), "{answer}");
}
