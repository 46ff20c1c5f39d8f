//! A list that is asked for over https.

use std::path::Path;
use std::time::Duration;

use station::{DueFeed, Seen, Taken};
use ureq::http::{HeaderMap, header};

use super::LARGEST;
use crate::client::agent;

/// A long list over a slow line.
const AT_MOST: Duration = Duration::from_secs(20 * 60);

/// Asks the address for its file, unless nothing has changed since it was asked last.
pub(super) fn ask(feed: &DueFeed, address: &str, authority: Option<&str>) -> Taken {
    let agent = match agent(authority.map(Path::new), AT_MOST) {
        Ok(agent) => agent,
        Err(complaint) => return Taken::Failed(complaint.to_string()),
    };
    let mut request = agent.get(address);
    for (name, value) in [
        (header::AUTHORIZATION, &feed.secret),
        (header::IF_NONE_MATCH, &feed.seen.etag),
        (header::IF_MODIFIED_SINCE, &feed.seen.last_modified),
    ] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let mut answer = match request.call() {
        Ok(answer) => answer,
        Err(error) => return Taken::Failed(why(&error)),
    };
    match answer.status().as_u16() {
        304 => Taken::Unchanged,
        200 => {
            let seen = Seen {
                etag: text(answer.headers(), &header::ETAG),
                last_modified: text(answer.headers(), &header::LAST_MODIFIED),
                ..Seen::default()
            };
            let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
            body.map_or_else(
                |error| Taken::Failed(why(&error)),
                |file| Taken::File(file, seen),
            )
        }
        status => Taken::Failed(format!("its source answered with status {status}")),
    }
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    /// What is longer is no name of a file's version.
    const LONGEST: usize = 500;
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= LONGEST).then(|| value.to_owned())
}

fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => "the host was not found".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "the file is larger than 512 MiB".to_owned(),
        ureq::Error::Io(error) => format!("the connection failed or broke off: {error}"),
        error => format!("it could not be asked: {error}"),
    }
}
