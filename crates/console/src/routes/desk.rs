//! The release desk.

use govern::{
    Action, ClearWords, DecideRequest, FileDeclaration, FileRequest, ReleaseReads,
    RevokeDeclaration, SeeRequests,
};
use station::NewProof;

use crate::pages::requests;
use crate::route::{Route, get, post};

/// The largest paper, and what sending it adds.
const PAPER: usize = 2 * NewProof::LARGEST;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/requests", requests::page)
            .says("Requests for data, and declarations of affirmation.")
            .act(SeeRequests::NAME),
        post("/requests", requests::file_one)
            .says("Files a request, or what a draft lacked.")
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
                ("paper", "JVBERi0xLjc="),
            ])
            .up_to(PAPER),
        get("/requests/{number}", requests::one)
            .says("A request: what it asks, where it stands, what was done with it.")
            .act(SeeRequests::NAME),
        get("/requests/{number}/paper", requests::paper)
            .says("The written request.")
            .act(SeeRequests::NAME)
            .file(&["application/pdf", "image/jpeg", "image/png"]),
        post("/requests/{number}/clear", requests::clear)
            .says("Finds words harmless that may speak of a prohibited purpose.")
            .act(ClearWords::NAME)
            .act(SeeRequests::NAME)
            .form::<requests::Cleared>(&[("why", "An ice storm")]),
        post("/requests/{number}/decide", requests::decide)
            .says("Approves or refuses a request.")
            .act(DecideRequest::NAME)
            .act(SeeRequests::NAME)
            .form::<requests::Decided>(&[("decision", "approve"), ("why", "A homicide")]),
        post("/requests/{number}/release", requests::release)
            .says("The package of an approved request: what was approved, and nothing else.")
            .act(ReleaseReads::NAME)
            .form::<requests::Handed>(&[])
            .file(&["application/zip"]),
        post("/declarations", requests::declare)
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
            .up_to(PAPER),
        post("/declarations/revoke", requests::revoke)
            .says("Revokes a declaration: nothing more is released on it.")
            .act(RevokeDeclaration::NAME)
            .act(SeeRequests::NAME)
            .form::<requests::Revoked>(&[("id", "{declaration}"), ("why", "Misuse")]),
    ]
}
