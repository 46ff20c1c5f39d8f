//! A desk where evidence is booked.

use std::fs;
use std::process::Output;

use super::{Home, PASSPHRASE, PASSWORD, Running, between, code, first_login, next_code, text};

const NUMBER: [&str; 6] = [
    "--number",
    "26-E-0412",
    "--case",
    "26-01877",
    "--to",
    "stick",
];

/// A running station with two plates' reads, and the Deputy Chief logged in at the command line.
pub struct Desk {
    pub home: Home,
    station: Running,
    /// The Deputy Chief's, logged in.
    browser: ureq::Agent,
    reads: Vec<String>,
}

impl Desk {
    pub fn new() -> Self {
        let home = Home::new();
        let printed = home.init();
        let station = Running::serve(&home, PASSPHRASE);
        let at = |path: &str| format!("{}{path}", station.address);
        let avery = first_login(&station, &printed, "Avery Holt");
        let browser = ureq::Agent::new_with_defaults();
        let login = [
            ("login", "avery.holt"),
            ("password", PASSWORD),
            ("code", &code(&avery)),
            ("acknowledged", "yes"),
        ];
        let read = |mut answer: ureq::http::Response<ureq::Body>| {
            answer.body_mut().read_to_string().unwrap()
        };
        browser.post(at("/login")).send_form(login).unwrap();
        let page = read(browser.get(at("/station")).call().unwrap());
        let token = between(&page, "name=\"token\" value=\"", "\"").to_owned();
        let camera = [
            ("token", &*token),
            ("name", "elm-and-3rd"),
            ("place", "Elm Street"),
        ];
        let page = read(
            browser
                .post(at("/station/cameras"))
                .send_form(camera)
                .unwrap(),
        );
        let key = home.file("elm.key", between(&page, "<dd class=\"mono\">", "<"));
        let pictures = home.samples();
        let arguments = ["ingest", &pictures, "--camera", "elm-and-3rd", "--key"];
        let more = [key.to_str().unwrap(), "--station", &station.address];
        let ingested = home.lictor(&[&arguments[..], &more].concat(), &[]);
        assert!(ingested.status.success(), "{}", text(&ingested.stderr));
        let search = [
            ("token", &*token),
            ("plate", "DK48213"),
            ("purpose", "crime"),
            ("case", "26-01877"),
        ];
        let page = read(browser.post(at("/search")).send_form(search).unwrap());
        let found = page.split("/evidence?read=").skip(1);
        let reads: Vec<String> = found.map(|rest| rest[..32].to_owned()).collect();
        assert!(reads.len() >= 2, "{page}");
        let arguments = ["login", "avery.holt", "--station", &station.address];
        let came = home.lictor(&arguments, &[PASSWORD, &next_code(&avery)]);
        assert!(came.status.success(), "{}", text(&came.stderr));
        fs::create_dir(home.path("stick")).unwrap();
        Self {
            home,
            station,
            browser,
            reads,
        }
    }

    /// How reads are booked onto the stick; with `more` arguments.
    pub fn booking<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let reads = self.reads.iter().map(String::as_str);
        ["evidence", "book"]
            .into_iter()
            .chain(reads)
            .chain(NUMBER)
            .chain(more.iter().copied())
            .collect()
    }

    /// Books them, sealed for these.
    pub fn book_for(&self, recipients: &[&str]) -> Output {
        let recipients: Vec<&str> = recipients.iter().flat_map(|key| ["--for", key]).collect();
        self.home.lictor(&self.booking(&recipients), &[])
    }

    /// Verifies what lies on the stick.
    pub fn verify(&self, path: &str, more: &[&str]) -> (bool, String) {
        let output = self
            .home
            .lictor(&[&["evidence", "verify", path][..], more].concat(), &[]);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.success(), said)
    }

    /// A page, as the Deputy Chief sees it.
    pub fn page(&self, path: &str) -> String {
        let page = self
            .browser
            .get(format!("{}{path}", self.station.address))
            .call();
        page.unwrap().body_mut().read_to_string().unwrap()
    }

    pub fn list(&self) -> String {
        text(&self.home.lictor(&["evidence", "list"], &[]).stdout)
    }
}
