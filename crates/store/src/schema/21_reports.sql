-- Reports that the station published (5(c)).

CREATE TABLE published_report (
    -- The month's first day.
    month TEXT PRIMARY KEY,
    published_at INTEGER NOT NULL,
    -- The number of the decision in the ledger.
    entry INTEGER NOT NULL,
    -- JSON, for everybody to read: the bytes that were published.
    report BLOB NOT NULL
) STRICT;
