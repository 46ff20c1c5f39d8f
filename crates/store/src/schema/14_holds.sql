-- What is not purged while it is held (4).

CREATE TABLE hold (
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    number INTEGER NOT NULL UNIQUE,
    -- evidence, discovery or lawful-demand.
    kind TEXT NOT NULL,
    -- Finds the holds of a case: a keyed hash of its number in capitals.
    case_key TEXT NOT NULL,
    -- Sealed JSON: the case, why, and what it covers.
    about BLOB NOT NULL,
    -- Nobody, where a restore knows a hold by the ledger alone.
    placed_by BLOB REFERENCES member (id),
    placed_at INTEGER NOT NULL,
    -- The number of the placing decision in the ledger.
    entry INTEGER NOT NULL,
    -- The day on which somebody looks whether it is still needed.
    review_on TEXT NOT NULL,
    reviewed_by BLOB REFERENCES member (id),
    reviewed_at INTEGER,
    released_by BLOB REFERENCES member (id),
    released_at INTEGER,
    -- Sealed.
    released_why BLOB
) STRICT;
CREATE INDEX hold_by_case ON hold (case_key);

-- What a hold in force holds. The references keep the database itself from letting go of it.

CREATE TABLE held_read (
    read BLOB NOT NULL REFERENCES read (id),
    hold BLOB NOT NULL REFERENCES hold (id),
    PRIMARY KEY (read, hold)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_read_by_hold ON held_read (hold);

CREATE TABLE held_alert (
    alert BLOB NOT NULL REFERENCES alert (id),
    hold BLOB NOT NULL REFERENCES hold (id),
    PRIMARY KEY (alert, hold)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_alert_by_hold ON held_alert (hold);
