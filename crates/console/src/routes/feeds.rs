//! Lists that come by themselves.

use govern::{Action, EndFeed, SeeFeeds, SetFeed};

use crate::pages::feeds;
use crate::route::{Many, Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/hotlists/feeds", feeds::page)
            .says("The lists that come by themselves, and what became of what came.")
            .act(SeeFeeds::NAME),
        get("/api/hotlists/feeds", feeds::list)
            .says("The lists that come by themselves, and what became of what came.")
            .act(SeeFeeds::NAME)
            .json::<feeds::Row>(Many::List),
    ];
    let set = post("/hotlists/feeds", feeds::set)
        .says("Has a list come by itself from now on, from a folder or over https.")
        .act(SetFeed::NAME)
        .act(SeeFeeds::NAME)
        .form::<feeds::NewFeed>(&[
            ("name", "state-{n}"),
            ("list", "State extract"),
            ("source", "State police"),
            ("class", "state"),
            ("purposes", "stolen"),
            ("refresh_hours", "12"),
            ("mapping", "illinois-extract"),
            ("address", "https://lists.state.example/extract.csv"),
            ("every_minutes", "60"),
        ]);
    let end = post("/hotlists/feeds/end", feeds::end)
        .says("Has a list come by itself no more; it stays in force as it is.")
        .act(EndFeed::NAME)
        .act(SeeFeeds::NAME)
        .form::<feeds::EndedFeed>(&[("name", "county")]);
    routes.extend(set.and_for_programs("/api/hotlists/feeds"));
    routes.extend(end.and_for_programs("/api/hotlists/feeds/end"));
    routes
}
