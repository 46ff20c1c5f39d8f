-- What a member comes in with, each in a table of its own: a member who was enrolled has none of it
-- until they set it themselves.

CREATE TABLE password (
    member BLOB PRIMARY KEY REFERENCES member (id),
    -- A PHC string.
    hash TEXT NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE authenticator (
    member BLOB PRIMARY KEY REFERENCES member (id),
    -- Sealed.
    secret BLOB NOT NULL,
    -- The newest one-time code used, as its step: it and older ones are not accepted again.
    last_step INTEGER NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
    member BLOB NOT NULL REFERENCES member (id),
    -- SHA-256 of the member and the code, which is 80 random bits. A code that was used is gone.
    code TEXT NOT NULL,
    PRIMARY KEY (member, code)
) STRICT;

CREATE TABLE enrolment (
    -- Waits for its member to set password and second factor.
    member BLOB PRIMARY KEY REFERENCES member (id),
    -- SHA-256 of the code, which is 100 random bits.
    code TEXT NOT NULL UNIQUE,
    -- Sealed: the second factor that is shown to whoever brings the code.
    second_factor BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

INSERT INTO password (member, hash, set_at) SELECT id, password, enrolled_at FROM member;
INSERT INTO authenticator (member, secret, last_step, set_at)
    SELECT id, second_factor, last_step, enrolled_at FROM member;
ALTER TABLE member DROP COLUMN password;
ALTER TABLE member DROP COLUMN second_factor;
ALTER TABLE member DROP COLUMN last_step;
