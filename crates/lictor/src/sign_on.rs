//! Reaching the agency's provider of single sign-on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use station::{Reach, SignOnSettings, Station};
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::Complaint;
use crate::client::agent;

/// How long the provider may take to answer.
const AT_MOST: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const LONGEST: u64 = 1 << 20;
/// Where Debian keeps the authorities that the machine trusts.
const MACHINES_OWN: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The provider over HTTP; it is followed nowhere else.
struct OverHttp(Agent);

/// Takes up what the file says.
pub(crate) fn take_up(station: &Station, file: &Path) -> Result<(), Complaint> {
    let settings = SignOnSettings::read(file)?;
    let machines = Some(PathBuf::from(MACHINES_OWN)).filter(|path| path.exists());
    let authority = settings.authority.clone().or(machines);
    let reach = OverHttp(agent(authority.as_deref(), AT_MOST)?);
    Ok(station.take_up_sign_on(settings, Arc::new(reach))?)
}

impl Reach for OverHttp {
    fn get(&self, url: &str) -> io::Result<Vec<u8>> {
        read(self.0.get(url).call())
    }

    fn post(&self, url: &str, form: &str, authorization: Option<&str>) -> io::Result<Vec<u8>> {
        let mut request = self
            .0
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        read(request.send(form))
    }
}

fn read(answer: Result<Response<Body>, ureq::Error>) -> io::Result<Vec<u8>> {
    let mut answer = answer.map_err(io::Error::other)?;
    if !answer.status().is_success() {
        return Err(io::Error::other(format!(
            "it answered with status {}",
            answer.status()
        )));
    }
    let body = answer.body_mut().with_config().limit(LONGEST);
    body.read_to_vec().map_err(io::Error::other)
}
