//! What is held, and for how long data are kept.

use govern::{Action, ExtendHold, PlaceHold, ReleaseHold, SeeHolds, SeeRetention, StartPurge};

use crate::pages::{holds, retention};
use crate::route::{Many, Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    let mut all = of_holds();
    all.extend(of_retention());
    all
}

fn of_retention() -> Vec<Route> {
    let mut routes = vec![
        get("/retention", retention::page)
            .says("How long data are kept, what is purged, and the certificates.")
            .act(SeeRetention::NAME),
        get("/api/retention", retention::list)
            .says("How long data are kept, and what was purged.")
            .act(SeeRetention::NAME)
            .json::<retention::Kept>(Many::One),
        get("/retention/certificates/{number}", retention::certificate)
            .says("The signed certificate of a purge.")
            .act(SeeRetention::NAME)
            .file(&["text/plain"]),
    ];
    let start = post("/retention/purge", retention::start)
        .says("Has a purge begin now, and not when it is due.")
        .act(StartPurge::NAME)
        .act(SeeRetention::NAME)
        .form::<retention::Now>(&[]);
    routes.extend(start.and_for_programs("/api/retention/purge"));
    routes
}

fn of_holds() -> Vec<Route> {
    let mut routes = vec![
        get("/holds", holds::page)
            .says("The holds, those to be looked at first; with a case, its own.")
            .act(SeeHolds::NAME)
            .query::<holds::HoldsQuery>(&[("case", "26-01877")]),
        get("/holds/{number}", holds::one)
            .says("A hold: what it covers, who placed it and why, when somebody looks at it again.")
            .act(SeeHolds::NAME),
        get("/api/holds", holds::list)
            .says("The holds, those to be looked at first; with a case, its own.")
            .act(SeeHolds::NAME)
            .query::<holds::HoldsQuery>(&[])
            .json::<holds::Row>(Many::List),
    ];
    let place = post("/holds", holds::place)
        .says("Places a hold: what it covers is not purged before it is released.")
        .act(PlaceHold::NAME)
        .act(SeeHolds::NAME)
        .form::<holds::NewHold>(&[
            ("case", "26-01877"),
            ("kind", "discovery"),
            ("why", "Asked for by the defence"),
            ("review_on", "2027-02-01"),
            ("plate", "KHF392"),
        ]);
    let review = post("/holds/{number}/review", holds::review)
        .says("Keeps a hold on: somebody looked, and it is still needed.")
        .act(ExtendHold::NAME)
        .act(SeeHolds::NAME)
        .form::<holds::KeptOn>(&[("review_on", "2027-03-01"), ("why", "The trial goes on")]);
    let release = post("/holds/{number}/release", holds::release)
        .says("Releases a hold: what it alone held is purged by the schedule.")
        .act(ReleaseHold::NAME)
        .act(SeeHolds::NAME)
        .form::<holds::LetGo>(&[("why", "The case is closed")]);
    routes.extend(place.and_for_programs("/api/holds"));
    routes.extend(review.and_for_programs("/api/holds/{number}/review"));
    routes.extend(release.and_for_programs("/api/holds/{number}/release"));
    routes
}
