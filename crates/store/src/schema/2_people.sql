-- Who holds which role, whether a member may come in, and what training they completed.

CREATE TABLE role_held (
    member BLOB NOT NULL REFERENCES member (id),
    role TEXT NOT NULL,
    -- How often the member was given it, this time included.
    nth INTEGER NOT NULL,
    -- Nobody, for what was held before such records were kept.
    given_by BLOB REFERENCES member (id),
    given_at INTEGER NOT NULL,
    -- The second of the two people, where a role takes two.
    confirmed_by BLOB REFERENCES member (id),
    -- The moment it ends by itself.
    until INTEGER,
    -- Sealed.
    why BLOB,
    ended_by BLOB REFERENCES member (id),
    ended_at INTEGER,
    -- Sealed.
    ended_why BLOB,
    PRIMARY KEY (member, role, nth)
) STRICT;

INSERT INTO role_held (member, role, nth, given_at)
    SELECT id, 'officer', 1, enrolled_at FROM member WHERE roles LIKE '%"officer"%'
    UNION ALL SELECT id, 'dispatcher', 1, enrolled_at FROM member WHERE roles LIKE '%"dispatcher"%'
    UNION ALL SELECT id, 'investigator', 1, enrolled_at FROM member WHERE roles LIKE '%"investigator"%'
    UNION ALL SELECT id, 'administrator', 1, enrolled_at FROM member WHERE roles LIKE '%"administrator"%'
    UNION ALL SELECT id, 'deputy-chief', 1, enrolled_at FROM member WHERE roles LIKE '%"deputy-chief"%'
    UNION ALL SELECT id, 'chief', 1, enrolled_at FROM member WHERE roles LIKE '%"chief"%'
    UNION ALL SELECT id, 'records-clerk', 1, enrolled_at FROM member WHERE roles LIKE '%"records-clerk"%'
    UNION ALL SELECT id, 'auditor', 1, enrolled_at FROM member WHERE roles LIKE '%"auditor"%';
ALTER TABLE member DROP COLUMN roles;

-- active, suspended or ended; that an account was not used for too long is reckoned, not stored.
ALTER TABLE member ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
-- The newest login or reinstatement, if there was one.
ALTER TABLE member ADD COLUMN used_at INTEGER;
-- Nobody, for the founders.
ALTER TABLE member ADD COLUMN enrolled_by BLOB REFERENCES member (id);

CREATE TABLE status_change (
    id BLOB PRIMARY KEY,
    member BLOB NOT NULL REFERENCES member (id),
    status TEXT NOT NULL,
    changed_by BLOB NOT NULL REFERENCES member (id),
    changed_at INTEGER NOT NULL,
    -- Sealed.
    why BLOB NOT NULL
) STRICT;
CREATE INDEX status_change_by_member ON status_change (member, changed_at);

CREATE TABLE course (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- How long its completion is in force, in calendar months.
    months INTEGER NOT NULL,
    -- Nobody, for the course with which the station was founded.
    approved_by BLOB REFERENCES member (id),
    approved_at INTEGER NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

INSERT INTO course (name, version, months, approved_at)
    SELECT course, '1', 12, min(recorded_at) FROM training GROUP BY course;
ALTER TABLE training ADD COLUMN version TEXT NOT NULL DEFAULT '1';

CREATE TABLE training_proof (
    training BLOB PRIMARY KEY REFERENCES training (id),
    -- pdf, jpeg or png.
    kind TEXT NOT NULL,
    -- SHA-256 of the proof as it was handed in.
    sha256 TEXT NOT NULL,
    -- The proof's own key, wrapped by the station's picture key; the proof lies in the vault.
    wrapped BLOB NOT NULL
) STRICT;
