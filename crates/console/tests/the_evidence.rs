//! Evidence (4), over HTTP: what is booked is held, proves itself anywhere, and names what was changed.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod house;

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use crypt::{AgeIdentity, AgeReader, SystemRandom};
use evidence::{Finding, Signer, Trust, verify};
use house::support::LOGIN;
use house::{Browser, House, OFFICER, SAMPLE};
use tower::ServiceExt;

const NUMBER: &str = "26-E-0412";
/// A plate in the doubtful picture.
const SECOND: &str = "GT53896";

/// A station that saw two pictures, and an officer who searched.
struct Desk {
    house: House,
    officer: Browser,
    /// The reads that the search showed.
    reads: String,
    /// Opens what is sealed for `recipient`.
    identity: AgeIdentity,
    recipient: String,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new();
        house.take_in();
        let officer = house.log_in(OFFICER).await;
        let mut ids = Vec::new();
        for plate in ["DK48213", SECOND] {
            let page = house
                .search(&officer, plate, "crime", "26-01877")
                .await
                .text;
            let found = page.split("/evidence?read=").nth(1);
            let id = found.unwrap_or_else(|| panic!("no read of {plate}: {page}"));
            ids.push(id[..32].to_owned());
        }
        let identity = AgeIdentity::random(&SystemRandom);
        Self {
            reads: ids.join(" "),
            recipient: format!("{} Lena Voss", identity.recipient().unwrap()),
            identity,
            house,
            officer,
        }
    }

    async fn book_as(
        &self,
        who: &Browser,
        change: &[(&str, &str)],
    ) -> Result<Vec<u8>, (StatusCode, String)> {
        let token = self.house.token(who).await;
        let mut form = vec![
            ("number", NUMBER),
            ("reads", self.reads.as_str()),
            ("purpose", "crime"),
            ("case", "26-01877"),
            ("recipients", self.recipient.as_str()),
            ("token", token.as_str()),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        let request = Request::post("/evidence/book")
            .header(header::COOKIE, &who.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(house::encode(&form)))
            .unwrap();
        let response = self.house.pages.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        if status == StatusCode::OK {
            Ok(bytes.to_vec())
        } else {
            Err((status, String::from_utf8_lossy(&bytes).into_owned()))
        }
    }

    /// Books, opens what comes, and lays the bag out in a folder.
    async fn bag(&self, dir: &Path) -> PathBuf {
        let sealed = self.book_as(&self.officer, &[]).await.unwrap();
        let zip = open(&sealed, &self.identity).unwrap();
        zip::ZipArchive::new(Cursor::new(zip))
            .unwrap()
            .extract(dir)
            .unwrap();
        dir.join("evidence-26-E-0412")
    }

    /// The key that the station publishes.
    fn published(&self) -> Trust {
        let key = fs::read_to_string(self.house.folder().join("ledger.pub")).unwrap();
        Trust::from_text(&format!("# published by the agency\n{key}")).unwrap()
    }

    async fn page(&self) -> String {
        self.house.get(&self.officer, "/evidence").await.text
    }
}

fn open(sealed: &[u8], identity: &AgeIdentity) -> std::io::Result<Vec<u8>> {
    let reader = AgeReader::open(sealed, std::slice::from_ref(identity));
    let mut opened = Vec::new();
    reader
        .map_err(std::io::Error::other)?
        .read_to_end(&mut opened)?;
    Ok(opened)
}

fn paths(bag: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![bag.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn alpr_ac_25_what_is_booked_verifies_anywhere_names_its_number_and_stands_in_the_chain_of_custody()
 {
    let desk = Desk::new().await;
    let dir = tempfile::tempdir().unwrap();
    let bag = desk.bag(dir.path()).await;

    let verified = verify(&bag, &desk.published()).unwrap();
    assert_eq!(verified.number, NUMBER);
    assert_eq!(verified.case, "26-01877");
    assert_eq!(verified.signer, Signer::Trusted);
    assert!(verified.reads >= 2);
    assert_eq!(verified.proved_reads, verified.reads, "each came in so");
    let unknown = verify(&bag, &Trust::default()).unwrap();
    assert_eq!(
        unknown.signer,
        Signer::NotChecked,
        "nobody is trusted unasked"
    );

    let text = |path: &str| fs::read_to_string(bag.join(path)).unwrap();
    assert!(text("bag-info.txt").contains("External-Identifier: 26-E-0412\n"));
    assert!(text("bag-info.txt").contains("Contact-Name: Rowan Marsh (badge 417)\n"));
    let pictures: Vec<_> = fs::read_dir(bag.join("data/pictures")).unwrap().collect();
    assert_eq!(pictures.len(), 2);
    assert_eq!(
        fs::read(bag.join("data/pictures/00001.jpg")).unwrap(),
        SAMPLE,
        "as captured"
    );
    let certificate = text("data/certificates/certificate-federal.txt");
    assert!(certificate.contains("Evidence number: 26-E-0412") && !certificate.contains('{'));

    let page = desk.page().await;
    for part in [
        "26-E-0412",
        "Rowan Marsh (badge 417) · booked, sealed for age1",
        "Lena Voss",
        "packed, ",
        "hold 1",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let handed = [
        ("step", "handed-over"),
        ("to", "Lena Voss"),
        ("why", "Trial"),
    ];
    let noted = desk
        .house
        .fill_in(&desk.officer, "/evidence/1/custody", &handed)
        .await;
    assert!(
        noted.text.contains("handed over to Lena Voss: Trial"),
        "{}",
        noted.text
    );
    let story = desk.house.story().await;
    assert!(
        story.contains("booked ") && story.contains("as evidence 26-E-0412"),
        "{story}"
    );
    assert!(story.contains("noted of evidence 26-E-0412: handed over to Lena Voss: Trial"));
}

#[tokio::test]
async fn evidence_needs_a_number_a_case_and_reads_that_the_member_may_see() {
    let desk = Desk::new().await;
    for (change, says) in [
        (
            ("number", " "),
            "Evidence is booked under an evidence number",
        ),
        (("case", ""), "Evidence is booked for a case"),
        (("reads", ""), "No read was chosen"),
        (("recipients", " "), "would leave in the clear"),
        (("purpose", "curiosity"), "needs one of the department"),
    ] {
        let (status, page) = desk.book_as(&desk.officer, &[change]).await.unwrap_err();
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains(says), "{says} is not in {page}");
    }
    let nobody = "00000000000000000000000000000000";
    let (status, _) = desk
        .book_as(&desk.officer, &[("reads", nobody)])
        .await
        .unwrap_err();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mistaken = desk.recipient.replace("age1", "age1q");
    let (status, page) = desk
        .book_as(&desk.officer, &[("recipients", mistaken.as_str())])
        .await
        .unwrap_err();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("one begins with age1"), "{page}");
    assert!(
        desk.page().await.contains("Nothing was booked yet"),
        "nothing half done"
    );
    let auditor = desk.house.log_in(house::AUDITOR).await;
    let (status, _) = desk.book_as(&auditor, &[]).await.unwrap_err();
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_a_browser_gets_is_opened_by_its_recipients_alone_who_are_remembered() {
    let desk = Desk::new().await;
    let [own, stranger] = [(); 2].map(|()| AgeIdentity::random(&SystemRandom));
    let both = format!(
        "{}\r\n{} Property room",
        desk.recipient,
        own.recipient().unwrap()
    );
    let sealed = desk
        .book_as(&desk.officer, &[("recipients", both.as_str())])
        .await;
    let sealed = sealed.unwrap();
    let holds = |part: &[u8]| sealed.windows(part.len()).any(|bytes| bytes == part);
    assert!(!holds(b"DK48213") && !holds(b"bagit.txt"), "in the clear");
    for identity in [&desk.identity, &own] {
        assert!(open(&sealed, identity).unwrap().starts_with(b"PK"));
    }
    assert!(open(&sealed, &stranger).is_err());
    assert!(
        open(&sealed[..sealed.len() - 1], &own).is_err(),
        "cut short"
    );
    let page = desk.page().await;
    let form = page.split("name=\"recipients\"").nth(1).unwrap();
    let entered = form.split("</textarea>").next().unwrap();
    let written = both.replace('\r', "");
    assert!(
        entered.ends_with(&written),
        "the next bag's form: {entered}"
    );
    let auditor = desk.house.log_in(house::AUDITOR).await;
    let page = desk.house.get(&auditor, "/evidence").await.text;
    assert!(
        page.contains("Property room"),
        "the chain of custody: {page}"
    );
    let deputy_chief = desk.house.log_in(LOGIN).await;
    let page = desk.house.get(&deputy_chief, "/evidence").await.text;
    let form = page.split("name=\"recipients\"").nth(1).unwrap();
    assert!(
        !form.split("</textarea>").next().unwrap().contains("age1"),
        "another's"
    );
}

#[tokio::test]
async fn what_is_booked_is_held_by_the_same_stroke() {
    let desk = Desk::new().await;
    let dir = tempfile::tempdir().unwrap();
    desk.bag(dir.path()).await;
    let deputy_chief = desk.house.log_in(LOGIN).await;
    let holds = desk
        .house
        .get(&deputy_chief, "/holds?case=26-01877")
        .await
        .text;
    assert!(
        holds.contains("evidence") && holds.contains("reads</td>"),
        "{holds}"
    );
}

#[tokio::test]
async fn alpr_ac_26_one_changed_byte_in_any_file_is_found_and_the_file_is_named() {
    let desk = Desk::new().await;
    let dir = tempfile::tempdir().unwrap();
    let bag = desk.bag(dir.path()).await;
    let trust = desk.published();
    let files = paths(&bag);
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        let name = file
            .strip_prefix(&bag)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let whole = fs::read(&file).unwrap();
        // Every place of the short ones that hold the rest together, some of the others.
        let step = if name.contains("manifest") || name == "seal.txt" {
            97
        } else {
            whole.len().div_ceil(4)
        };
        for at in (0..whole.len())
            .step_by(step.max(1))
            .chain([whole.len() - 1])
        {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).unwrap();
            let findings = verify(&bag, &trust).expect_err(&format!("byte {at} of {name}"));
            let named = |finding: &Finding| finding.file == name;
            assert!(
                findings.iter().any(named),
                "byte {at} of {name}: {findings:?}"
            );
            let manifests = name.contains("manifest") || name == "seal.txt";
            assert!(
                manifests || findings.iter().all(named),
                "byte {at} of {name}: {findings:?}"
            );
        }
        fs::remove_file(&file).unwrap();
        let findings = verify(&bag, &trust).unwrap_err();
        assert!(
            findings.iter().any(|finding| finding.file == name),
            "{name}: {findings:?}"
        );
        fs::write(&file, &whole).unwrap();
    }
    fs::write(bag.join("data/pictures/00003.jpg"), SAMPLE).unwrap();
    let findings = verify(&bag, &trust).unwrap_err();
    assert_eq!(
        findings[0].file, "data/pictures/00003.jpg",
        "what was put in later"
    );
    fs::remove_file(bag.join("data/pictures/00003.jpg")).unwrap();
    verify(&bag, &trust).unwrap();
}

#[tokio::test]
async fn a_bag_rebuilt_in_full_with_another_key_is_not_signed_by_the_agency() {
    let [desk, forger] = [Desk::new().await, Desk::new().await];
    let dir = tempfile::tempdir().unwrap();
    let bag = forger.bag(dir.path()).await;
    let unasked = verify(&bag, &Trust::default()).unwrap();
    assert_eq!(unasked.signer, Signer::NotChecked);
    let findings = verify(&bag, &desk.published()).unwrap_err();
    assert_eq!(findings[0].file, "data/keys/ledger.pub");
    assert!(
        findings[0].says.contains("signed by another key"),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_bag_that_breaks_off_says_so_in_the_ledger_and_in_the_chain_of_custody() {
    let desk = Desk::new().await;
    let json = serde_json::json!({
        "number": NUMBER, "reads": desk.reads, "purpose": "crime", "case": "26-01877",
        "recipients": desk.recipient,
    });
    let request = Request::post("/api/evidence")
        .header(header::COOKIE, &desk.officer.cookie)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json.to_string()))
        .unwrap();
    let response = desk.house.pages.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    // Whoever asked goes away after the first parcel.
    drop(response);
    let mut page = String::new();
    for _ in 0..100 {
        page = desk.page().await;
        if page.contains("not packed: ") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(page.contains("It was not packed: book it again."), "{page}");
    assert!(desk.house.story().await.contains("It failed"), "{page}");
}
