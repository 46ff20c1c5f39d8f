//! How long it takes from a read to its alert on an open page: a whole station, its pages over HTTP, and
//! streams that are open, while reads arrive from many cameras. Run by `cargo xtask bench alerts`, which
//! knows the bar; prints one JSON object a figure.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it asks the time, and breaks off when it cannot be set up"
)]

#[path = "../tests/house/mod.rs"]
mod house;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use durable::{GrowingFile, RealDisk};
use govern::AddCamera;
use hotlist::About;
use house::support::{LOGIN, log_in};
use house::{Browser, House, OFFICER, SAMPLE};
use jiff::SignedDuration;
use plate::{Candidate, Jurisdictions, Reading};
use station::Camera;
use vision::{Plate, PlateBox};

const READS_A_SECOND: u32 = 200;
const CAMERAS: u32 = 20;
const ONE_HIT_IN: u32 = 10;
/// Entries of the list, the cars that pass among them.
const ENTRIES: u32 = 100_000;
const STREAMS: usize = 5;
/// Reads before these are for warming up.
const WARM: u32 = 2 * READS_A_SECOND;

fn main() {
    // Cargo starts it without a number of seconds when it runs every bench.
    let seconds = std::env::args().nth(1).and_then(|s| s.parse::<u32>().ok());
    let Some(seconds) = seconds else { return };
    let reads = WARM + seconds * READS_A_SECOND;
    let house = House::new();
    import(&house, reads);
    let cameras = cameras(&house);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (address, officer) = runtime.block_on(serve(&house));
    let over = AtomicBool::new(false);
    let hits = (reads / ONE_HIT_IN) as usize;
    thread::scope(|scope| {
        let heard: Vec<_> = (0..STREAMS)
            .map(|_| {
                let stream = open_stream(address, &officer);
                scope.spawn(move || hear(stream, hits))
            })
            .collect();
        let tending = scope.spawn(|| tend(&house, &over));
        let syncing = scope.spawn(|| sync(&house, &over));
        let arrived = read(&house, &cameras, reads);
        let heard: Vec<_> = heard.into_iter().map(|h| h.join().unwrap()).collect();
        over.store(true, Ordering::Relaxed);
        tending.join().unwrap();
        tell(&arrived, &heard, syncing.join().unwrap());
    });
    house.station.end_streams().unwrap();
    house.station.close().unwrap();
}

/// When a read was due at the station, when the station took it up, and how long it had it.
struct Arrived {
    due: Instant,
    taken: Instant,
    kept: Duration,
}

fn figure(name: &str, value: f64) {
    println!("{}", serde_json::json!({ "name": name, "value": value }));
}

fn tell(arrived: &HashMap<u32, Arrived>, heard: &[HashMap<u32, Instant>], syncs: Vec<f64>) {
    let measured = || arrived.iter().filter(|(n, _)| **n >= WARM);
    let to_screen = measured()
        .filter(|(n, _)| is_hit(**n))
        .flat_map(|(n, read)| heard.iter().map(|h| ms(h[n].duration_since(read.due))))
        .collect();
    let kept = measured().map(|(_, read)| ms(read.kept)).collect();
    for (name, values) in [
        ("read_to_screen", to_screen),
        ("keep", kept),
        ("sync", syncs),
    ] {
        let mut values: Vec<f64> = values;
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        figure(&format!("{name}_ms_p50"), at(0.5));
        figure(&format!("{name}_ms_p99"), at(0.99));
        figure(&format!("{name}_ms_most"), at(1.0));
    }
    let first = measured().map(|(_, read)| read.due).min().unwrap();
    let last = measured()
        .map(|(_, read)| read.taken + read.kept)
        .max()
        .unwrap();
    let seconds = last.duration_since(first).as_secs_f64();
    figure("reads_per_s", measured().count() as f64 / seconds);
}

fn ms(duration: Duration) -> f64 {
    1000.0 * duration.as_secs_f64()
}

fn is_hit(n: u32) -> bool {
    n.is_multiple_of(ONE_HIT_IN)
}

/// The plate that the `n`th read is of.
fn plate(n: u32) -> String {
    format!("{}{n:06}", if is_hit(n) { "H" } else { "N" })
}

/// Brings in a list that every hit stands in, among others.
fn import(house: &House, reads: u32) {
    let mut rows = String::from("FILE,LIC,LIS,LIT,VYR,VMA,VMO,VST,VCO,DOE,NIC,ORI,MIS\n");
    let hits = (0..reads).filter(|n| is_hit(*n)).map(plate);
    let others = (0..ENTRIES).map(|n| format!("L{n:06}"));
    for (n, plate) in hits.chain(others).take(ENTRIES as usize).enumerate() {
        rows += &format!(
            "VEHICLE,{plate},IL,PC,2017,Mazda,3,hatchback,teal,20261118,V{n:09},IL0990000,\n"
        );
    }
    let about = About {
        name: "State extract".into(),
        source: "State police".into(),
        class: hotlist::Class::Department,
        purposes: vec!["stolen".into()],
        refresh_hours: 12,
        mapping: "illinois-extract".into(),
    };
    let deputy_chief = log_in(&house.station, LOGIN);
    let brought = house
        .station
        .import_list(&deputy_chief, about, rows.as_bytes());
    assert_eq!(brought.unwrap().entries, u64::from(ENTRIES));
}

fn cameras(house: &House) -> Vec<Camera> {
    house.clock.advance(Duration::from_secs(30));
    let deputy_chief = log_in(&house.station, LOGIN);
    (0..CAMERAS)
        .map(|n| {
            let add = AddCamera {
                name: format!("camera-{n}"),
                place: format!("Elm Street {n}"),
                class: None,
            };
            let key = house.station.add_camera(&deputy_chief, add).unwrap();
            house.station.camera(&key.0, None).unwrap()
        })
        .collect()
}

/// Serves the pages; where, and a browser that is logged in.
async fn serve(house: &House) -> (SocketAddr, Browser) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pages = house.pages.clone();
    let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    house.clock.advance(Duration::from_secs(30));
    (address, house.log_in(OFFICER).await)
}

fn open_stream(address: SocketAddr, officer: &Browser) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /alerts/stream HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\n\r\n",
        officer.cookie
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    stream
}

/// When each alert came out of the stream, by the read that raised it.
fn hear(stream: BufReader<TcpStream>, hits: usize) -> HashMap<u32, Instant> {
    let mut heard = HashMap::new();
    for line in stream.lines() {
        let line = line.unwrap();
        assert!(!line.starts_with("event: over"), "the stream ended");
        let Some((_, read)) = line.split_once(r#""read":"H"#) else {
            continue;
        };
        heard.insert(read[..6].parse().unwrap(), Instant::now());
        if heard.len() == hits {
            break;
        }
    }
    heard
}

/// Has the reads arrive, each at its own time, whether the ones before it are kept or not.
fn read(house: &House, cameras: &[Camera], reads: u32) -> HashMap<u32, Arrived> {
    let begin = Instant::now() + Duration::from_millis(100);
    let by_one = |first: u32, camera: &Camera| -> Vec<(u32, Arrived)> {
        (first..reads)
            .step_by(cameras.len())
            .map(|n| {
                let due = begin + Duration::from_secs(1) / READS_A_SECOND * n;
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let taken = Instant::now();
                keep(house, camera, n, reads);
                let kept = taken.elapsed();
                (n, Arrived { due, taken, kept })
            })
            .collect()
    };
    thread::scope(|scope| {
        let cameras: Vec<_> = (0..)
            .zip(cameras)
            .map(|(first, camera)| scope.spawn(move || by_one(first, camera)))
            .collect();
        let arrived = cameras.into_iter().flat_map(|c| c.join().unwrap());
        arrived.collect()
    })
}

fn keep(house: &House, camera: &Camera, n: u32, reads: u32) {
    let candidate = Candidate {
        text: plate(n).parse().unwrap(),
        probability: 0.98,
    };
    let state = ("US-IL".parse().unwrap(), 0.95);
    let reading = Reading::from_candidates(&[candidate])
        .unwrap()
        .with_jurisdictions(Jurisdictions::new([state]));
    let plate = Plate {
        reading,
        confidence: 0.95,
        corners: [
            (970.0, 501.0),
            (1075.0, 501.0),
            (1075.0, 554.0),
            (970.0, 554.0),
        ],
        at: PlateBox {
            x: 970.0,
            y: 501.0,
            width: 105.0,
            height: 53.0,
        },
    };
    let at = house.station.now() - SignedDuration::from_millis(i64::from(reads - n));
    house
        .station
        .keep(camera, "bench", at, SAMPLE, vec![plate])
        .unwrap();
}

/// What a station does besides: signs its ledger every second, and looks after the streams.
fn tend(house: &House, over: &AtomicBool) {
    let mut second = 0_u32;
    while !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_secs(1));
        house.station.sign_ledger().unwrap();
        second += 1;
        if second.is_multiple_of(2) {
            house.station.end_lapsed_streams().unwrap();
            house.station.escalate_alerts().unwrap();
        }
    }
}

/// How long this disk takes meanwhile to make half a kilobyte durable, in milliseconds.
fn sync(house: &House, over: &AtomicBool) -> Vec<f64> {
    let path = house.folder().join("growing");
    let mut file = GrowingFile::open(&RealDisk, &path, 0).unwrap();
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50));
        let began = Instant::now();
        file.append(&[0x20; 512]).unwrap();
        took.push(ms(began.elapsed()));
    }
    took
}
