-- Second factors that a member's devices keep. Nothing here is secret but the name, which the member
-- chose.

CREATE TABLE passkey (
    -- As the device named it.
    id BLOB PRIMARY KEY,
    member BLOB NOT NULL REFERENCES member (id),
    -- Sealed.
    name BLOB NOT NULL,
    -- COSE.
    public_key BLOB NOT NULL,
    -- How often it has signed, where its device counts.
    counter INTEGER NOT NULL,
    -- Whether its device can copy it to others of the same person.
    copied INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    used_at INTEGER,
    -- When it counted backwards: from then on it is not taken.
    stopped_at INTEGER
) STRICT;
CREATE INDEX passkey_by_member ON passkey (member);
