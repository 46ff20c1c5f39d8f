//! Talking to a running station over HTTP, as a camera or as a member.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig, parse_pem};

use crate::{Complaint, secret};

/// A running station.
pub(crate) struct Client {
    agent: Agent,
    address: String,
    /// The cookie of a session begun before, name and value.
    session: Option<String>,
}

/// What whoever logs in acknowledges.
#[derive(Deserialize)]
struct Notice {
    notice: Vec<String>,
}

/// What the station says when it does not do what was asked.
#[derive(Deserialize)]
struct Problem {
    error: String,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    clause: String,
    says: String,
    cure: String,
}

/// For talking HTTP, with no answer awaited longer than `at_most`. `authority` is the authority of
/// certificates that are trusted, for https; where none is given, those that this machine trusts are.
pub(crate) fn agent(authority: Option<&Path>, at_most: Duration) -> Result<Agent, Complaint> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(at_most));
    let mut roots = RootCerts::PlatformVerifier;
    if let Some(path) = authority {
        let pem =
            std::fs::read(path).map_err(|e| Complaint::of(format!("{}: {e}", path.display())))?;
        let certificates: Vec<_> = parse_pem(&pem)
            .filter_map(|item| match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        roots = RootCerts::new_with_certs(&certificates);
    }
    let tls = TlsConfig::builder().root_certs(roots).build();
    Ok(config.tls_config(tls).build().new_agent())
}

/// The next parcel of an answer that is read as it is made: its letter and its bytes.
pub(crate) fn next_parcel(parcels: &mut impl Read) -> Result<(u8, Vec<u8>), Complaint> {
    let mut begin = [0; 5];
    parcels.read_exact(&mut begin).map_err(broke_off)?;
    let [letter, length @ ..] = begin;
    let mut parcel = parcels.take(u32::from_be_bytes(length).into());
    let mut bytes = Vec::new();
    parcel.read_to_end(&mut bytes).map_err(broke_off)?;
    if parcel.limit() > 0 {
        return Err(broke_off(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok((letter, bytes))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broke_off(error: io::Error) -> Complaint {
    Complaint::of(format!(
        "the station broke it off ({error}): nothing of it counts"
    ))
}

impl Client {
    /// `authority` is the station's certificate authority (`authority.pem`), for https.
    pub(crate) fn new(address: &str, authority: Option<&Path>) -> Result<Self, Complaint> {
        Ok(Self {
            agent: agent(authority, Duration::from_secs(60))?,
            address: address.trim_end_matches('/').to_owned(),
            session: None,
        })
    }

    /// Hands a frame in.
    pub(crate) fn send_frame<T: DeserializeOwned>(
        &self,
        query: &[(&str, &str)],
        key: &str,
        frame: &[u8],
    ) -> Result<T, Complaint> {
        let url = format!("{}/api/frames", self.address);
        let request = self
            .agent
            .post(url)
            .query_pairs(query.iter().copied())
            .header("authorization", format!("Bearer {key}"));
        self.answer(request.send(frame))
    }

    /// The same in a session begun before.
    pub(crate) fn with_session(self, cookie: String) -> Self {
        Self {
            session: Some(cookie),
            ..self
        }
    }

    /// Hands in a table as CSV, in the session of whoever logged in.
    pub(crate) fn send_table<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        table: &[u8],
    ) -> Result<T, Complaint> {
        let request = self
            .agent
            .post(format!("{}{path}", self.address))
            .query_pairs(query.iter().copied())
            .header("content-type", "text/csv");
        self.answer(request.send(table))
    }

    /// Shows the station's notice, asks for password and code, and logs in; the session lasts as long
    /// as this client. Returns its cookie, name and value.
    pub(crate) fn log_in(&self, login: &str) -> Result<String, Complaint> {
        let told: Notice = self.get("/api/notice", &[])?;
        let (password, code) = secret::ask_at_the_door(&told.notice, login)?;
        let form = [
            ("login", login),
            ("password", &password),
            ("code", &code),
            ("acknowledged", "yes"),
        ];
        let answer = self
            .agent
            .post(format!("{}/login", self.address))
            .send_form(form);
        let answer = answer.map_err(|e| self.unreachable(&e))?;
        match answer.status().as_u16() {
            303 => answer
                .headers()
                .get("set-cookie")
                .and_then(|cookie| cookie.to_str().ok()?.split(';').next())
                .map(str::to_owned)
                .ok_or_else(|| {
                    Complaint::of(format!("{}: the station began no session", self.address))
                }),
            401 => Err(Complaint::of(
                "login, password and code do not belong together, or the account is locked",
            )),
            status => Err(Complaint::of(format!(
                "{}: the station answered with status {status}",
                self.address
            ))),
        }
    }

    /// Has the station make a backup; what it answers with is read as it is made.
    pub(crate) fn back_up(&self) -> Result<impl Read + use<>, Complaint> {
        self.post_for_file("/api/backup")
    }

    /// Asks for what is made while it is sent, however long that takes.
    pub(crate) fn post_for_file(&self, path: &str) -> Result<impl Read + use<>, Complaint> {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        if let Some(cookie) = &self.session {
            request = request.header("cookie", cookie);
        }
        let request = request.config().timeout_global(None).build();
        let answer = request
            .send_json(serde_json::json!({}))
            .map_err(|e| self.unreachable(&e))?;
        if answer.status().is_success() {
            Ok(answer.into_body().into_reader())
        } else {
            Err(self.problem(answer))
        }
    }

    /// Asks for something to be done, as JSON; what comes is read as it is made, with [`next_parcel`].
    pub(crate) fn post_for_parcels(
        &self,
        path: &str,
        what: &serde_json::Value,
    ) -> Result<impl Read + use<>, Complaint> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.address))
            .config()
            .timeout_global(None)
            .build();
        if let Some(cookie) = &self.session {
            request = request.header("cookie", cookie);
        }
        let answer = request.send_json(what).map_err(|e| self.unreachable(&e))?;
        if answer.status().is_success() {
            Ok(answer.into_body().into_reader())
        } else {
            Err(self.problem(answer))
        }
    }

    /// Asks for something as JSON.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Complaint> {
        let mut request = self
            .agent
            .get(format!("{}{path}", self.address))
            .query_pairs(query.iter().copied());
        if let Some(cookie) = &self.session {
            request = request.header("cookie", cookie);
        }
        self.answer(request.call())
    }

    /// Asks for a file.
    pub(crate) fn get_file(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<u8>, Complaint> {
        let mut request = self
            .agent
            .get(format!("{}{path}", self.address))
            .query_pairs(query.iter().copied());
        if let Some(cookie) = &self.session {
            request = request.header("cookie", cookie);
        }
        let mut answer = request.call().map_err(|e| self.unreachable(&e))?;
        if answer.status().is_success() {
            return answer.body_mut().read_to_vec().map_err(Complaint::of);
        }
        Err(self.problem(answer))
    }

    /// Asks for something to be done, as JSON.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &serde_json::Value,
    ) -> Result<T, Complaint> {
        let mut request = self.agent.post(format!("{}{path}", self.address));
        if let Some(cookie) = &self.session {
            request = request.header("cookie", cookie);
        }
        self.answer(request.send_json(what))
    }

    fn answer<T: DeserializeOwned>(
        &self,
        answer: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, Complaint> {
        let mut answer = answer.map_err(|e| self.unreachable(&e))?;
        if answer.status().is_success() {
            return answer.body_mut().read_json().map_err(Complaint::of);
        }
        Err(self.problem(answer))
    }

    /// What the station says when it does not do what was asked.
    fn problem(&self, mut answer: Response<ureq::Body>) -> Complaint {
        let status = answer.status();
        match answer.body_mut().read_json::<Problem>() {
            Ok(problem) => {
                let reasons = problem
                    .reasons
                    .iter()
                    .map(|r| format!("\n  {} {} (policy {})", r.says, r.cure, r.clause));
                Complaint::of(problem.error + &reasons.collect::<String>())
            }
            Err(_) => Complaint::of(format!(
                "{}: the station answered with status {status}",
                self.address
            )),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Complaint {
        Complaint::of(format!("{}: {error}", self.address))
    }
}
