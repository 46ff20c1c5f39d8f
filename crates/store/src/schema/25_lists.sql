-- JSON: what a false alert of the list costs, and what may be done on one; none where nothing is set.
ALTER TABLE hotlist ADD COLUMN terms TEXT;

CREATE TABLE camera_reads (
    -- How many reads a camera handed in, by the day they were seen, UTC: how often listed cars pass is
    -- a share of them.
    camera BLOB NOT NULL REFERENCES camera (id),
    day TEXT NOT NULL,
    reads INTEGER NOT NULL,
    PRIMARY KEY (camera, day)
) STRICT, WITHOUT ROWID;
