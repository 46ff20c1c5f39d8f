//! What members look out for.

use govern::{
    Action, ConfirmLocalEntry, EnterLocalEntry, RenewLocalEntry, SeeLocalEntries,
    WithdrawLocalEntry,
};

use crate::pages::local;
use crate::route::{Many, Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/hotlists/local", local::page)
            .says("The local entries, those that wait for a second person first.")
            .act(SeeLocalEntries::NAME),
        get("/api/hotlists/local", local::list)
            .says("The local entries, those that wait for a second person first.")
            .act(SeeLocalEntries::NAME)
            .json::<local::Row>(Many::List),
    ];
    let enter = post("/hotlists/local", local::enter)
        .says(
            "Makes a local entry: a plate, or part of one, that is looked out for once another has \
             confirmed it.",
        )
        .act(EnterLocalEntry::NAME)
        .act(SeeLocalEntries::NAME)
        .form::<local::New>(&[
            ("plate", "KHF392"),
            ("state", "US-IL"),
            ("make", "Ford"),
            ("reason", "Burglary, seen leaving"),
            ("case", "26-01877"),
            ("document", "Report 26-01877, records room"),
            ("ends_at", "2026-12-01T06:00"),
        ]);
    let confirm = post("/hotlists/local/{number}/confirm", local::confirm)
        .says("Confirms a local entry that another made, after comparing it with its document.")
        .act(ConfirmLocalEntry::NAME)
        .act(SeeLocalEntries::NAME)
        .form::<local::Confirmed>(&[]);
    let renew = post("/hotlists/local/{number}/renew", local::renew)
        .says("Lets a local entry that is in force last longer.")
        .act(RenewLocalEntry::NAME)
        .act(SeeLocalEntries::NAME)
        .form::<local::Renewed>(&[("ends_at", "2026-12-02T06:00")]);
    let withdraw = post("/hotlists/local/{number}/withdraw", local::withdraw)
        .says("Withdraws a local entry: reads are not compared with it any more.")
        .act(WithdrawLocalEntry::NAME)
        .act(SeeLocalEntries::NAME)
        .form::<local::Withdrawn>(&[("why", "The vehicle was found")]);
    routes.extend(enter.and_for_programs("/api/hotlists/local"));
    routes.extend(confirm.and_for_programs("/api/hotlists/local/{number}/confirm"));
    routes.extend(renew.and_for_programs("/api/hotlists/local/{number}/renew"));
    routes.extend(withdraw.and_for_programs("/api/hotlists/local/{number}/withdraw"));
    routes
}
