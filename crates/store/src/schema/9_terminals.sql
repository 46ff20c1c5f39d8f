-- Machines that members log in from, each with a key of its own.

CREATE TABLE terminal (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    -- A class of policy/device-classes.toml.
    class TEXT NOT NULL,
    -- SHA-256 of the code that the machine is set up with, which is 100 random bits; gone once it was used.
    code TEXT UNIQUE,
    code_expires_at INTEGER NOT NULL,
    -- SHA-256 of its key, which is 256 random bits; none before it is set up.
    key_digest TEXT UNIQUE,
    enrolled_at INTEGER NOT NULL,
    set_up_at INTEGER,
    removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX terminal_by_name ON terminal (lower(name));
