//! How the station itself stands.

use std::path::PathBuf;

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use station::StationStatus;
use utoipa::ToSchema;

use super::Around;
use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;
use crate::pages::{Frame, html, retention};
use crate::words;

#[derive(Template)]
#[template(path = "station/status.html")]
struct Page {
    frame: Frame,
    around: Around,
    status: Status,
    zone: TimeZone,
    witnessed: String,
}

/// How the station stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Status {
    /// The program's version.
    version: &'static str,
    /// How many entries the ledger has.
    entries: u64,
    /// When a witness last cosigned the ledger, if that was within a day; UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    cosigned_at: Option<Timestamp>,
    /// The certificate that browsers are shown; none on a station that serves its own machine.
    certificate: Option<Certificate>,
    /// What must be looked into.
    warnings: Vec<String>,
    /// Alarms that nobody has seen to.
    alarms: Vec<String>,
    /// Where the purge stands, in a sentence.
    purge: String,
}

/// The certificate that browsers are shown.
#[derive(Serialize, ToSchema)]
struct Certificate {
    /// The host it is for.
    host: String,
    /// SHA-256 of it.
    fingerprint: String,
    /// Who issued it.
    issuer: String,
    /// When it ends, UTC.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// The agency's file, where it brings its own.
    #[schema(value_type = Option<String>)]
    file: Option<PathBuf>,
    /// SHA-256 of the station's own authority, where that issued it.
    authority: Option<String>,
    /// When that authority ends, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    authority_until: Option<Timestamp>,
}

impl Status {
    fn of(status: StationStatus, zone: &TimeZone) -> Self {
        let certificate = status.certificate.map(|shown| Certificate {
            host: shown.host,
            fingerprint: shown.fingerprint.to_string(),
            issuer: shown.issuer,
            until: shown.until,
            file: shown.file,
            authority: shown.authority.map(|(digest, _)| digest.to_string()),
            authority_until: shown.authority.map(|(_, until)| until),
        });
        Self {
            version: status.version,
            entries: status.entries,
            cosigned_at: status.cosigned.map(|cosigned| cosigned.at),
            certificate,
            warnings: status.warnings,
            purge: retention::standing(&status.purge, zone),
            alarms: status.alarms.into_iter().map(|alarm| alarm.says).collect(),
        }
    }
}

/// `GET /station/status`.
pub(crate) async fn page(State(house): State<House>, member: Member) -> Result<Response, Failure> {
    let caller = member.caller();
    let status = house
        .ask(move |station| station.station_status(&caller))
        .await?;
    let zone = house.station.about().time_zone.clone();
    html(&Page {
        witnessed: words::witnessed(status.cosigned.as_ref(), &zone),
        frame: Frame::of(&house.station, &member, "station"),
        around: Around {
            section: "status",
            done: None,
        },
        status: Status::of(status, &zone),
        zone,
    })
}

/// `GET /api/status`.
pub(crate) async fn status(
    State(house): State<House>,
    member: Result<Member, Failure>,
) -> Result<Json<Status>, Refused> {
    let caller = member?.caller();
    let status = house
        .ask(move |station| station.station_status(&caller))
        .await?;
    Ok(Json(Status::of(status, &house.station.about().time_zone)))
}
