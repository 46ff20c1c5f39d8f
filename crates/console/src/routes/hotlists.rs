//! The hotlists: brought in, confirmed, their alerts' terms, and what the database did not bear out.

use std::time::Duration;

use govern::{
    Action, ConfirmList, ExportCorrections, ImportList, SeeCorrections, SeeLists, SetListTerms,
};

use crate::route::{Many, Route, get, post};
use crate::{hotlists, pages};

/// How long a hotlist may take to arrive, get its turn, be read and be kept.
const LONGEST_LIST: Duration = Duration::from_secs(600);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/hotlists/corrections", pages::corrections::page)
            .says("Records that the law enforcement database did not bear out, for their lists' owners.")
            .act(SeeCorrections::NAME),
        get("/api/hotlists/corrections", pages::corrections::export)
            .says("The same, all of them, as a table.")
            .act(ExportCorrections::NAME)
            .file(&["text/csv"]),
        get("/hotlists", pages::hotlists::page)
            .says("The hotlists, for people; not their entries.")
            .act(SeeLists::NAME),
        get("/api/hotlists", hotlists::lists)
            .says("The hotlists; not their entries.")
            .act(SeeLists::NAME)
            .json::<hotlists::List>(Many::List),
        post("/api/hotlists", hotlists::import)
            .says(
                "Brings in a list, which replaces the one of its name. One that shrinks too much \
                 waits for a second person.",
            )
            .longest(LONGEST_LIST)
            .act(ImportList::NAME)
            .query::<hotlists::ListQuery>(&[
                ("name", "County list {n}"),
                ("source", "Sheriff"),
                ("class", "department"),
                ("purposes", "stolen"),
                ("refresh_hours", "12"),
                ("mapping", "illinois-extract"),
            ])
            .table(
                "FILE,LIC,LIS,DOE,NIC,ORI\nVEHICLE,KX4821,IL,20261121,V412209377,IL0160000\n",
            )
            .json::<hotlists::Brought>(Many::One),
        post("/hotlists/confirm", pages::hotlists::confirm)
            .says("Puts an import in force that waited for a second person.")
            .act(ConfirmList::NAME)
            .form::<pages::hotlists::Confirmation>(&[("import", "{import}")])
            .redirects(),
    ];
    let terms = post("/hotlists/terms", pages::hotlists::set_terms)
        .says("Sets what a false alert of a list costs, and what may be done on one.")
        .act(SetListTerms::NAME)
        .act(SeeLists::NAME)
        .form::<pages::hotlists::NewTerms>(&[
            ("list", "State extract"),
            ("false_cost", "9"),
            ("may_be_done", "Stop once it is verified."),
        ]);
    routes.extend(terms.and_for_programs("/api/hotlists/terms"));
    routes
}
