//! Lists that come by themselves, from a real server over TLS and from a folder.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_server::tls_rustls::RustlsConfig;
use crypt::LocalAuthority;
use govern::{Clock, FeedFrom, SystemClock};
use hotlist::{About, Class};
use station::{Caller, FeedAsked, ListShown, Station, StationError};

use super::folder::Folders;
use super::take_due;

#[path = "../../../station/tests/support/mod.rs"]
mod support;
use support::{LOGIN, StandingClock, found, log_in};

const HEAD: &str = "FILE,LIC,LIS,DOE,NIC,ORI\n";
const THREE: &str = "VEHICLE,DK48213,IL,20261118,V1,IL0990000\n\
                     VEHICLE,AKT4823,WI,20261118,V2,WI0990000\n\
                     VEHICLE,ZQ90417,IL,20261118,V3,IL0990000\n";
const SECRET: &str = "Bearer four-lamps-over-the-weir";

/// A station, and what it knows of its folders.
struct Fed {
    dir: tempfile::TempDir,
    clock: Arc<StandingClock>,
    station: Station,
    deputy_chief: Caller,
    folders: Folders,
}

impl Fed {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = StandingClock::new();
        let station = found(&dir.path().join("station"), &clock);
        let deputy_chief = log_in(&station, LOGIN);
        Self {
            dir,
            clock,
            station,
            deputy_chief,
            folders: Folders::default(),
        }
    }

    fn set(&self, mapping: &str, from: FeedFrom) -> Result<(), StationError> {
        let secret = matches!(from, FeedFrom::Address { .. }).then(|| SECRET.to_owned());
        let asked = FeedAsked {
            name: format!("{mapping} of the state"),
            about: About {
                name: "State extract".into(),
                source: "State police".into(),
                class: Class::State,
                purposes: vec!["stolen".into()],
                refresh_hours: 12,
                mapping: mapping.into(),
            },
            from,
            every_minutes: 60,
            secret,
        };
        self.station.set_feed(&self.deputy_chief, asked)
    }

    /// So many minutes later, the feeds are looked at.
    fn look(&mut self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
        take_due(&self.station, &mut self.folders).unwrap();
    }

    /// The list as its page shows it.
    fn list(&self) -> ListShown {
        let mut lists = self.station.lists(&self.deputy_chief).unwrap();
        lists.remove(0)
    }

    fn in_force(&self) -> u64 {
        let list = self.list().list;
        let in_force = list.imports.iter().find(|i| Some(i.id) == list.in_force);
        in_force.unwrap().entries
    }

    fn says(&self) -> String {
        let feeds = self.station.feeds(&self.deputy_chief).unwrap().feeds;
        feeds[0].last.clone().unwrap()
    }

    fn folder(&self) -> PathBuf {
        let folder = self.dir.path().join("drop");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn files(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut files: Vec<_> = fs::read_dir(self.folder()).unwrap().map(name).collect();
        files.sort();
        let text = |name: std::ffi::OsString| name.into_string().unwrap();
        files.into_iter().map(text).collect()
    }
}

/// What a source has.
#[derive(Default)]
struct Source {
    table: String,
    /// The status it answers with; 200 where none is given.
    status: Option<StatusCode>,
    /// What it was asked with, newest last.
    asked: Vec<HeaderMap>,
}

type Shared = Arc<Mutex<Source>>;

async fn extract(State(source): State<Shared>, headers: HeaderMap) -> Response {
    let mut source = source.lock().unwrap();
    source.asked.push(headers.clone());
    let tag = format!("\"{}\"", crypt::sha256(source.table.as_bytes()));
    if let Some(status) = source.status {
        return status.into_response();
    }
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known == tag.as_str())
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, tag)], source.table.clone()).into_response()
}

/// A source over https, with a certificate of an authority of its own; the authority's file.
fn serve(fed: &Fed, table: &str) -> (tokio::runtime::Runtime, Shared, FeedFrom) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let yesterday = SystemClock::new().now().as_second().unsigned_abs() - 86_400;
    let days = |n: u64| Duration::from_secs(n * 86_400);
    let authority = LocalAuthority::create("State police", "localhost", yesterday, days(30));
    let authority = authority.unwrap();
    let own = authority.issue(yesterday, days(20)).unwrap();
    let path = fed.dir.path().join("state.pem");
    fs::write(&path, authority.certificate()).unwrap();

    let source = Arc::new(Mutex::new(Source {
        table: table.to_owned(),
        ..Source::default()
    }));
    let pages = Router::new()
        .route("/extract.csv", get(extract))
        .with_state(Arc::clone(&source));
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let config = RustlsConfig::from_pem(own.chain().into(), own.expose_key().into());
        axum_server::from_tcp_rustls(listener, config.await.unwrap()).unwrap()
    });
    runtime.spawn(server.serve(pages.into_make_service()));
    let from = FeedFrom::Address {
        address: format!("https://localhost:{port}/extract.csv"),
        authority: path.to_str().map(str::to_owned),
    };
    (runtime, source, from)
}

#[test]
fn a_list_is_asked_for_over_https_and_not_taken_again_while_it_is_unchanged() {
    let mut fed = Fed::new();
    let (_runtime, source, from) = serve(&fed, &format!("{HEAD}{THREE}"));
    fed.set("illinois-extract", from).unwrap();
    fed.look(0);
    assert_eq!(fed.says(), "3 entries taken in");
    assert_eq!(fed.in_force(), 3);
    assert_eq!(fed.list().by, ["the feed illinois-extract of the state"]);
    let asked = source.lock().unwrap().asked.clone();
    assert_eq!(asked[0][header::AUTHORIZATION], SECRET);
    // Not before its time.
    fed.look(59);
    assert_eq!(source.lock().unwrap().asked.len(), 1);
    for _ in 0..13 {
        fed.look(60);
    }
    assert_eq!(fed.says(), "unchanged");
    let list = fed.list();
    assert_eq!(list.list.imports.len(), 1);
    assert!(!list.overdue, "its source says that nothing is newer");
    source.lock().unwrap().table =
        format!("{HEAD}{THREE}VEHICLE,KX4821,IL,20261121,V4,IL0160000\n");
    fed.look(60);
    assert_eq!(fed.in_force(), 4);
}

#[test]
fn what_fails_is_shown_and_the_list_in_force_stays_until_it_is_overdue() {
    let mut fed = Fed::new();
    let (_runtime, source, from) = serve(&fed, &format!("{HEAD}{THREE}"));
    fed.set("illinois-extract", from).unwrap();
    fed.look(0);
    source.lock().unwrap().status = Some(StatusCode::SERVICE_UNAVAILABLE);
    fed.look(60);
    let (since, why) = fed.list().failing.unwrap();
    assert_eq!(since, fed.station.now());
    assert_eq!(why, "its source answered with status 503");
    assert_eq!(fed.in_force(), 3);
    // What failed is tried again before long.
    let asked = source.lock().unwrap().asked.len();
    fed.look(15);
    assert_eq!(source.lock().unwrap().asked.len(), asked + 1);
    assert!(!fed.list().overdue);
    fed.look(12 * 60);
    assert!(fed.list().overdue);
    source.lock().unwrap().status = None;
    fed.look(15);
    assert_eq!(fed.list().failing, None);
    assert!(!fed.list().overdue);
}

#[test]
fn a_file_that_is_none_or_that_shrinks_too_much_changes_nothing() {
    let mut fed = Fed::new();
    let (_runtime, source, from) = serve(&fed, &format!("{HEAD}{THREE}"));
    fed.set("illinois-extract", from).unwrap();
    fed.look(0);
    source.lock().unwrap().table = "<html>Maintenance</html>".to_owned();
    fed.look(60);
    let why = fed.list().failing.unwrap().1;
    assert!(why.contains("column"), "{why}");
    // The same file is refused once, not again and again, and heals nothing.
    let entries = fed.station.ledger_size();
    fed.look(60);
    assert!(fed.list().failing.is_some());
    let after = fed.station.ledger_size();
    assert!(after - entries <= 4, "{} more entries", after - entries);
    assert_eq!(fed.in_force(), 3);
    let first = THREE.lines().next().unwrap();
    source.lock().unwrap().table = format!("{HEAD}{first}\n");
    fed.look(60);
    assert_eq!(
        fed.says(),
        "1 entries taken in; it waits for a second person"
    );
    assert_eq!(fed.in_force(), 3);
    // What waits is not in force: that its source has nothing newer refreshes nothing.
    for _ in 0..13 {
        fed.look(60);
    }
    assert!(fed.list().overdue);
}

#[test]
fn a_source_whose_certificate_nobody_vouches_for_is_not_believed() {
    let mut fed = Fed::new();
    let (_runtime, source, from) = serve(&fed, &format!("{HEAD}{THREE}"));
    let FeedFrom::Address { address, .. } = from else {
        unreachable!("it is asked at an address");
    };
    let from = FeedFrom::Address {
        address,
        authority: None,
    };
    fed.set("illinois-extract", from).unwrap();
    fed.look(0);
    let feeds = fed.station.feeds(&fed.deputy_chief).unwrap().feeds;
    assert!(feeds[0].failing_since.is_some(), "{feeds:?}");
    assert!(source.lock().unwrap().asked.is_empty(), "it had no secret");
}

#[test]
fn files_in_a_folder_are_taken_once_they_are_whole_and_are_gone_then() {
    let mut fed = Fed::new();
    let folder = fed.folder();
    let drop = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let from = |path: &Path| FeedFrom::Folder(path.to_str().unwrap().to_owned());
    fed.set("illinois-extract", from(&folder)).unwrap();
    drop("extract.csv", &format!("{HEAD}{THREE}")[..40]);
    fed.look(0);
    drop("extract.csv", &format!("{HEAD}{THREE}"));
    fed.look(1);
    assert!(fed.station.lists(&fed.deputy_chief).unwrap().is_empty());
    fed.look(1);
    assert_eq!(fed.in_force(), 3);
    assert!(fed.files().is_empty());
    drop("broken.csv", "nothing that could be a list");
    fed.look(1);
    fed.look(1);
    assert_eq!(fed.files(), ["broken.csv.refused"]);
    fed.look(1);
    assert!(fed.list().failing.is_some(), "nobody has mended it");
    // Of the station itself nothing is ever taken.
    let own = fed.set("illinois-extract", from(fed.dir.path()));
    assert!(matches!(own, Err(StationError::Input(_))), "{own:?}");
}

#[test]
fn changes_come_by_themselves_too() {
    let mut fed = Fed::new();
    let folder = fed.folder();
    let (_runtime, _source, from) = serve(&fed, &format!("{HEAD}{THREE}"));
    fed.set("illinois-extract", from).unwrap();
    fed.look(0);
    let from = FeedFrom::Folder(folder.to_str().unwrap().to_owned());
    fed.set("illinois-changes", from).unwrap();
    let changes = "ACT,FILE,LIC,LIS,DOE,NIC,ORI\n\
                   E,VEHICLE,KX4821,IL,20261121,V4,IL0160000\n";
    fs::write(folder.join("changes.csv"), changes).unwrap();
    fed.look(1);
    fed.look(1);
    assert_eq!(fed.in_force(), 4, "{}", fed.says());
}
