//! Regular audits.

use govern::{Action, DrawSample, JudgeAccess, OpenSample, SeeSamples};

use crate::pages::audits;
use crate::route::{Many, Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/audits", audits::page)
            .says("The samples of accesses, what is overdue, and the form to draw one.")
            .act(SeeSamples::NAME),
        get("/api/audits", audits::list)
            .says("The samples of accesses, newest first.")
            .act(SeeSamples::NAME)
            .json::<audits::Row>(Many::List),
        get("/audits/{sample}", audits::detail)
            .says("A sample, with its accesses as the ledger tells them.")
            .act(OpenSample::NAME),
        get("/api/audits/{sample}", audits::one)
            .says("The same, for programs.")
            .act(OpenSample::NAME)
            .json::<audits::Sample>(Many::One),
    ];
    let draw = post("/audits", audits::draw)
        .says("Draws a sample of the accesses of some days; the ledger's head decides which.")
        .act(DrawSample::NAME)
        .act(SeeSamples::NAME)
        .form::<audits::NewDraw>(&[
            ("first", "2026-11-01"),
            ("last", "2026-11-24"),
            ("most", "25"),
        ]);
    let judge = post("/audits/{sample}", audits::judge)
        .says("Records what a reviewer found of an access of a sample.")
        .act(JudgeAccess::NAME)
        .act(OpenSample::NAME)
        .form::<audits::Judged>(&[
            ("entry", "{sampled}"),
            ("finding", "in-order"),
            ("words", "The burglary on Elm Street"),
        ]);
    routes.extend(draw.and_for_programs("/api/audits"));
    routes.extend(judge.and_for_programs("/api/audits/{sample}"));
    routes
}
