-- Lists that come by themselves.

CREATE TABLE hotlist_feed (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    -- JSON: what the list is.
    about TEXT NOT NULL,
    -- Sealed JSON: the folder, or the address with what it is asked with.
    target BLOB NOT NULL,
    every_minutes INTEGER NOT NULL,
    -- The member who answers for what comes.
    set_by BLOB NOT NULL REFERENCES member (id),
    set_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- When it is looked at again; none once it ended.
    due_at INTEGER,
    tried_at INTEGER,
    -- Since when nothing that comes can be taken, while that is so.
    failing_since INTEGER,
    -- Sealed: what came of it the last time, in words.
    last BLOB,
    -- Sealed JSON: by what its source knows the file that came last, and what became of it.
    seen BLOB
) STRICT;
CREATE UNIQUE INDEX hotlist_feed_by_name ON hotlist_feed (lower(name)) WHERE ended_at IS NULL;

-- The feed that it came by; none where a member brought it in.
ALTER TABLE hotlist_import ADD COLUMN feed BLOB REFERENCES hotlist_feed (id);
-- When its source last said that it is still as it was.
ALTER TABLE hotlist_import ADD COLUMN unchanged_at INTEGER;
