-- Entries stand in hotlist_part in the index's order. An import that has no index was brought in before
-- there was one, and is compiled when it is next asked for.
CREATE TABLE hotlist_index (
    import BLOB NOT NULL REFERENCES hotlist_import (id),
    number INTEGER NOT NULL,
    -- Sealed: a part of the compiled index.
    part BLOB NOT NULL,
    PRIMARY KEY (import, number)
) STRICT, WITHOUT ROWID;
