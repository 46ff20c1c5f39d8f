-- Media (4): encrypted volumes that evidence may be written onto in the clear.

CREATE TABLE medium (
    -- The UUID of its volume.
    id BLOB PRIMARY KEY,
    -- What stands on it.
    label TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;
-- A stick that is made anew has another volume, and may have its label again.
CREATE UNIQUE INDEX medium_by_label ON medium (lower(label)) WHERE retired_at IS NULL;
