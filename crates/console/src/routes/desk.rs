//! The release desk, and who can see data.

use std::time::Duration;

use govern::{
    Action, ClearWords, DecideRequest, FileDeclaration, FileRequest, ReleaseReads,
    RevokeDeclaration, SeeAccess, SeeRequests,
};
use station::NewProof;

use crate::pages::{access, requests};
use crate::route::{Many, Route, get, post};

/// The largest paper, and what sending it adds.
const PAPER: usize = 2 * NewProof::LARGEST;

/// How long making a package may take.
const LONGEST: Duration = Duration::from_secs(600);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/requests", requests::page)
            .says("Requests for data, lawful demands, and declarations of affirmation.")
            .act(SeeRequests::NAME),
        get("/api/requests", requests::list)
            .says("Requests and lawful demands, newest first.")
            .act(SeeRequests::NAME)
            .json::<requests::Line>(Many::List),
        get("/access", access::page)
            .says(
                "Everybody and everything that can see data today, on what basis, and until when.",
            )
            .act(SeeAccess::NAME),
        get("/api/access", access::list)
            .says("The same, for programs.")
            .act(SeeAccess::NAME)
            .json::<access::Row>(Many::List),
        get("/requests/{number}", requests::one)
            .says("A request: what it asks, where it stands, what was done with it.")
            .act(SeeRequests::NAME),
        get("/requests/{number}/paper", requests::paper)
            .says("The written request, or the instrument of a demand.")
            .act(SeeRequests::NAME)
            .file(&["application/pdf", "image/jpeg", "image/png"]),
    ];
    let file = post("/requests", requests::file_one)
        .says("Files a request or a lawful demand, or what a draft lacked.")
        .act(FileRequest::NAME)
        .act(SeeRequests::NAME)
        .form::<requests::NewRequest>(&[
            ("agency", "Ashford County State's Attorney"),
            ("kind", "prosecutor"),
            ("state", "US-IL"),
            ("person", "Lena Voss, Assistant State's Attorney"),
            ("purpose", "Homicide, sightings of the suspect's car"),
            ("plate", "KHF392"),
            ("from", "2026-11-20T00:00"),
            ("until", "2026-11-21T00:00"),
            ("instrument", "subpoena"),
            ("issuer", "home-court"),
            ("authority", "Circuit Court of Ashford County"),
            ("docket", "26-CF-0114"),
            ("return_on", "2026-12-04"),
            ("paper", "JVBERi0xLjc="),
        ])
        .up_to(PAPER);
    let clear = post("/requests/{number}/clear", requests::clear)
        .says("Finds words harmless that may speak of a prohibited purpose.")
        .act(ClearWords::NAME)
        .act(SeeRequests::NAME)
        .form::<requests::Cleared>(&[("why", "An ice storm")]);
    let decide = post("/requests/{number}/decide", requests::decide)
        .says("Approves or refuses a request or a lawful demand.")
        .act(DecideRequest::NAME)
        .act(SeeRequests::NAME)
        .form::<requests::Decided>(&[("decision", "approve"), ("why", "A homicide")]);
    let declare = post("/declarations", requests::declare)
        .says("Files an executed declaration of affirmation.")
        .act(FileDeclaration::NAME)
        .act(SeeRequests::NAME)
        .form::<requests::NewDeclaration>(&[
            ("agency", "Harlan County Sheriff"),
            ("state", "US-IN"),
            ("signer", "Dale Brandt, Sheriff"),
            ("signed", "2026-11-01"),
            ("affirms", "health-care immigration no-onward-transfer"),
            ("paper", "JVBERi0xLjc="),
        ])
        .up_to(PAPER);
    let revoke = post("/declarations/revoke", requests::revoke)
        .says("Revokes a declaration: nothing more is released on it.")
        .act(RevokeDeclaration::NAME)
        .act(SeeRequests::NAME)
        .form::<requests::Revoked>(&[("id", "{declaration}"), ("why", "Misuse")]);
    routes.extend(file.and_for_programs("/api/requests"));
    routes.extend(clear.and_for_programs("/api/requests/{number}/clear"));
    routes.extend(decide.and_for_programs("/api/requests/{number}/decide"));
    routes.push(release("/requests/{number}/release"));
    routes.push(release("/api/requests/{number}/release").takes_json());
    routes.extend(declare.and_for_programs("/api/declarations"));
    routes.extend(revoke.and_for_programs("/api/declarations/revoke"));
    routes
}

fn release(path: &'static str) -> Route {
    post(path, requests::release)
        .says("The package of an approved request or demand: what was approved, and nothing else.")
        .act(ReleaseReads::NAME)
        .form::<requests::Handed>(&[])
        .longest(LONGEST)
        .file(&["application/zip"])
}
