//! Reports (5(c)), over HTTP: every number counted from the ledger, and counted again by whoever has it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::process::Command;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use house::{AUDITOR, Browser, House, OFFICER};
use report::{Counts, Report};
use tower::ServiceExt;

const DAY: Duration = Duration::from_hours(24);

/// A November of known numbers: two pictures of two plates each, twelve searches, two that were refused, and no
/// alert; looked at in December.
struct Town {
    house: House,
    auditor: Browser,
}

impl Town {
    async fn new() -> Self {
        let house = House::new();
        house.take_in();
        let officer = house.log_in(OFFICER).await;
        for _ in 0..9 {
            house.search(&officer, "DK48213", "crime", "26-01877").await;
        }
        for _ in 0..3 {
            house
                .search(&officer, "GT53896", "missing", "26-01877")
                .await;
        }
        for _ in 0..2 {
            house.search(&officer, "DK48213", "crime", "").await;
        }
        house.clock.advance(10 * DAY);
        let auditor = house.log_in(AUDITOR).await;
        Self { house, auditor }
    }

    async fn file(&self, report: &str, format: &str) -> (StatusCode, Vec<u8>) {
        let uri = format!(
            "/reports/file?report={report}&first=2026-11-01&last=2026-11-30&format={format}"
        );
        fetch(&self.house, &self.auditor, &uri).await
    }

    async fn verify(&self, report: &[u8]) -> String {
        let text = std::str::from_utf8(report).unwrap();
        let asked = serde_json::json!({ "report": text }).to_string();
        let answer = self
            .house
            .send_json(&self.auditor, "/api/reports/verify", &asked)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.text
    }
}

async fn fetch(house: &House, browser: &Browser, uri: &str) -> (StatusCode, Vec<u8>) {
    let request = Request::get(uri).header(header::COOKIE, &browser.cookie);
    let answer = house
        .pages
        .clone()
        .oneshot(request.body(Body::empty()).unwrap());
    let answer = answer.await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, bytes.to_vec())
}

fn number(report: &Report, counts: &str) -> Option<u64> {
    let rows = report.sections.iter().flat_map(|section| &section.rows);
    rows.rev().find(|row| row.counts == counts).unwrap().number
}

#[tokio::test]
async fn a_month_of_known_numbers_is_reported_and_each_is_counted_again() {
    let town = Town::new().await;
    let (_, json) = town.file("monthly", "json").await;
    let report = Report::from_json(&json).unwrap();
    for (counts, wanted) in [
        ("reads", 4),
        ("pictures", 2),
        ("cameras", 1),
        ("permitted.search + permitted.canvass", 12),
        ("purpose.crime", 9),
        ("purpose.missing", 3),
        ("purpose.civil", 0),
        ("refused.search + refused.canvass", 2),
        ("members.search", 1),
        ("permitted.record-training", 2),
        ("alerts", 0),
    ] {
        assert_eq!(number(&report, counts), Some(wanted), "{counts}");
    }
    assert!(town.verify(&json).await.contains("\"borne_out\":true"));
    // Made again after whatever came since, it is the same bytes.
    let officer = town.house.log_in(OFFICER).await;
    town.house
        .search(&officer, "DK48213", "crime", "26-01877")
        .await;
    assert_eq!(town.file("monthly", "json").await.1, json);
    // The one that was changed is named, by the station and from the ledger's files alone.
    let mut forged = report.clone();
    let rows = forged
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.rows);
    let changed = rows.rev().find(|row| row.counts == "purpose.missing");
    let changed = changed.unwrap();
    changed.number = Some(2);
    let forged_json = serde_json::to_vec(&forged).unwrap();
    let told = town.verify(&forged_json).await;
    assert!(told.contains("\"borne_out\":false"), "{told}");
    assert!(
        told.contains("(purpose.missing)\",\"told\":\"2\",\"counted\":\"3\""),
        "{told}"
    );
    let mut counts = Counts::new(report.period().unwrap());
    let ledger = town.house.folder().join("ledger");
    for (index, entry) in (0..).zip(ledger::entries_from(&ledger, 0).unwrap()) {
        counts.take(index, &entry);
    }
    assert_eq!(report.differs(&counts), []);
    assert_eq!(forged.differs(&counts).len(), 1);
}

#[tokio::test]
async fn a_report_is_read_through_the_gate_and_its_file_stands_in_the_ledger_before_it_leaves() {
    let town = Town::new().await;
    for (format, begins) in [("pdf", "%PDF-"), ("csv", "first,last,"), ("json", "{")] {
        let (status, bytes) = town.file("yearly", format).await;
        assert_eq!(status, StatusCode::OK);
        assert!(bytes.starts_with(begins.as_bytes()));
        let story = town.house.story().await;
        let packed = format!("SHA-256 {}", crypt::sha256(&bytes));
        assert!(story.contains(&packed), "{story}");
        let read = format!("read the report yearly, 2026-11-01 to 2026-11-30, as {format}");
        assert!(story.contains(&read), "{story}");
    }
    let show = "/reports/show?report=monthly&first=2026-11-01&last=2026-11-30";
    let page = town.house.get(&town.auditor, show).await;
    assert!(
        page.text.contains("Criminal investigation</th><td>9</td>"),
        "{}",
        page.text
    );
    town.house.clock.advance(Duration::from_secs(30));
    let officer = town.house.log_in(OFFICER).await;
    let refused = town.house.get(&officer, show).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for (days, says) in [
        (
            "first=2026-11-30&last=2026-11-01",
            "the same or a later one",
        ),
        (
            "first=2026-01-01&last=2026-01-31",
            "the ledger begins after these days",
        ),
        ("first=1999-01-01&last=2026-11-30", "two years at most"),
        ("first=November&last=2026-11-30", "is no day"),
    ] {
        let uri = format!("/reports/show?report=monthly&{days}");
        let answer = town.house.get(&town.auditor, &uri).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        assert!(answer.text.contains(says), "{days}: {}", answer.text);
    }
}

/// The rows of a PDF's tables, cell by cell, as its structure tells them to a screen reader.
fn rows_of(pdf: &[u8]) -> Vec<Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    let told = Command::new("pdfinfo")
        .arg("-struct-text")
        .arg(&path)
        .output()
        .unwrap();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut in_cell = false;
    for line in String::from_utf8(told.stdout).unwrap().lines() {
        let line = line.trim();
        let text = line
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match (text, line.split([' ', ':']).next()) {
            // A long cell is told line by line.
            (Some(text), _) if in_cell => {
                let cell = rows.last_mut().and_then(|row| row.last_mut()).unwrap();
                *cell = format!("{cell} {text}").trim().to_owned();
            }
            (None, Some("TR")) => rows.push(Vec::new()),
            (None, Some("TH" | "TD")) => {
                rows.last_mut().unwrap().push(String::new());
                in_cell = true;
            }
            (None, Some(tag)) if !tag.starts_with('/') => in_cell = false,
            _ => {}
        }
    }
    rows
}

#[tokio::test]
async fn every_reports_pdf_and_table_say_what_its_json_says_number_by_number() {
    let town = Town::new().await;
    let ids = town
        .house
        .station
        .policy()
        .reports()
        .report
        .iter()
        .map(|one| one.id.clone());
    for id in ids.collect::<Vec<_>>() {
        let (status, json) = town.file(&id, "json").await;
        assert_eq!(status, StatusCode::OK, "{id}");
        let report: Report = serde_json::from_slice(&json).unwrap();
        let told: Vec<Vec<String>> = report
            .sections
            .iter()
            .flat_map(|section| &section.rows)
            .map(|row| vec![row.says.clone(), row.told()])
            .collect();
        assert!(!told.is_empty(), "{id}");
        let rows = rows_of(&town.file(&id, "pdf").await.1);
        let numbers: Vec<_> = rows.into_iter().filter(|row| told.contains(row)).collect();
        assert_eq!(numbers, told, "{id}, as PDF");
        let csv = town.file(&id, "csv").await.1;
        let mut table = csv::Reader::from_reader(&csv[..]);
        let rows = table.records().map(|row| row.unwrap());
        // A number that is left out for the public is an empty cell.
        let number = |cell: &str| if cell.is_empty() { "not told" } else { cell }.to_owned();
        let cells = rows.map(|row| vec![row[3].to_owned(), number(&row[4])]);
        let in_table: Vec<_> = cells.take(told.len()).collect();
        assert_eq!(in_table, told, "{id}, as CSV");
    }
}

#[tokio::test]
async fn what_is_published_needs_no_login_tells_no_small_number_and_is_borne_out_by_the_ledger() {
    let town = Town::new().await;
    let anybody = Browser::default();
    let page = town.house.get(&anybody, "/transparency").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("published once it is over"),
        "{}",
        page.text
    );
    for _ in 0..2 {
        town.house.station.tend_reports().unwrap();
    }
    let page = town.house.get(&anybody, "/transparency/2026-11").await.text;
    assert!(page.contains("November 2026"), "{page}");
    assert!(page.contains("permitted</th><td>12</td>"), "{page}");
    // Three searches for a missing person are few; nine others would give them away.
    for purpose in ["Criminal investigation", "Missing or endangered person"] {
        assert!(
            page.contains(&format!("{purpose}</th><td>not told</td>")),
            "{page}"
        );
    }
    assert!(page.contains(&town.house.station.ledger_key()));
    assert!(!page.contains("Rowan") && !page.contains("elm-and-3rd") && !page.contains("DK48213"));
    let (_, json) = fetch(&town.house, &anybody, "/transparency/2026-11/report.json").await;
    assert!(town.verify(&json).await.contains("\"borne_out\":true"));
    let mut forged = Report::from_json(&json).unwrap();
    forged.sections[0].rows[0].number = Some(0);
    let forged = serde_json::to_vec(&forged).unwrap();
    assert!(
        town.verify(&forged)
            .await
            .contains("\"told\":\"0\",\"counted\":\"not told\"")
    );
    let gone = town.house.get(&anybody, "/transparency/2026-12").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let story = town.house.story().await;
    let published = "The station published the report transparency of November 2026";
    assert_eq!(story.matches(published).count(), 1, "{story}");
    assert!(
        story.contains(&format!("SHA-256 {}", crypt::sha256(&json))),
        "{story}"
    );
}
