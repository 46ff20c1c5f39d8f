-- The release desk: kept on file, whatever becomes of the reads (6).

CREATE TABLE release_request (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    -- Raised with each change: two who change at once, change once.
    revision INTEGER NOT NULL,
    -- draft, submitted, referred, refused, approved, released.
    state TEXT NOT NULL,
    -- Sealed JSON: what was asked, by whom, and all that was done with it.
    about BLOB NOT NULL,
    -- The written request: its kind (pdf, jpeg, png), and its own key, wrapped by the station's picture
    -- key; it lies in the vault.
    paper_kind TEXT,
    paper_wrapped BLOB
) STRICT;

CREATE TABLE declaration (
    id BLOB PRIMARY KEY,
    filed_at INTEGER NOT NULL,
    -- Sealed JSON.
    about BLOB NOT NULL,
    paper_kind TEXT NOT NULL,
    paper_wrapped BLOB NOT NULL
) STRICT;
