//! Evidence, and the chain of custody.

use std::time::Duration;

use govern::{Action, BookEvidence, NoteCustody, SeeEvidence};

use crate::pages::evidence as page;
use crate::route::{Many, Route, get, post};

/// How long packing may take before the first of it leaves.
const LONGEST: Duration = Duration::from_secs(600);
/// Ids of ten thousand reads, and what sending them adds.
const MANY_READS: usize = 1 << 20;

pub(super) fn routes() -> Vec<Route> {
    const BOOKING: &[(&str, &str)] = &[
        ("number", "26-E-0412"),
        ("reads", "{read}"),
        ("purpose", "crime"),
        ("case", "26-01877"),
        ("words", ""),
        (
            "recipients",
            "age1kzfkkdp2h0k2sxjx5yxqly67996etmazg24zdrzql9unmtjw9usqamrc8r Lena Voss",
        ),
    ];
    let mut routes = vec![
        get("/evidence", page::page)
            .says("What was booked into evidence, with the chain of custody, and the form to book.")
            .act(SeeEvidence::NAME)
            .query::<page::EvidenceQuery>(&[]),
        post("/evidence", page::prepare)
            .says("The same, with the form filled in for reads that a page showed.")
            .act(SeeEvidence::NAME)
            .form::<page::Chosen>(&[("reads", "{read}")])
            .up_to(MANY_READS),
        get("/api/evidence", page::list)
            .says("What was booked into evidence, with the chain of custody.")
            .act(SeeEvidence::NAME)
            .json::<page::Row>(Many::List),
        post("/evidence/book", page::book)
            .says(
                "Books reads into evidence: holds them, and answers with the bag (BagIt) as one file (ZIP in age's \
                 format) that its recipients open, and nobody else.",
            )
            .act(BookEvidence::NAME)
            .form::<page::NewEvidence>(BOOKING)
            .longest(LONGEST)
            .up_to(MANY_READS)
            .file(&["application/octet-stream"]),
        post("/api/evidence", crate::evidence::book)
            .says(
                "Books reads into evidence: holds them, and answers with the bag as it is packed, in parcels of \
                 a letter, a length in four bytes (big-endian) and so many bytes. `b` says in JSON which booking \
                 it is and about how many files it will have. Where recipients are named, `s` goes on with the one \
                 file that they open; else `f` begins a file by its path, and `d` goes on with it. `e`, the last, \
                 says in JSON what it came to.",
            )
            .act(BookEvidence::NAME)
            .json_form::<page::NewEvidence>(BOOKING)
            .longest(LONGEST)
            .up_to(MANY_READS)
            .file(&["application/octet-stream"]),
    ];
    let custody = post("/evidence/{serial}/custody", page::custody)
        .says("Adds a link to the chain of custody.")
        .act(NoteCustody::NAME)
        .act(SeeEvidence::NAME)
        .form::<page::NewCustody>(&[
            ("step", "handed-over"),
            ("to", "Lena Voss, State's Attorney"),
            ("why", "Trial"),
        ]);
    routes.extend(custody.and_for_programs("/api/evidence/{serial}/custody"));
    routes
}
