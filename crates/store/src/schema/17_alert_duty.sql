-- What an alert comes to that nobody takes, and what was done before one was verified (3(f)).

CREATE TABLE alert_escalation (
    alert BLOB NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    -- Counted from 1, in the order of the rules.
    step INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- The role that it went to.
    to_role TEXT NOT NULL,
    PRIMARY KEY (alert, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_exception (
    -- Closed by exception, and judged by a supervisor.
    alert BLOB PRIMARY KEY REFERENCES alert (id) ON DELETE CASCADE,
    judged_by BLOB NOT NULL REFERENCES member (id),
    judged_at INTEGER NOT NULL,
    -- 0 or 1: signed, or refused.
    signs INTEGER NOT NULL,
    -- Sealed JSON: name, badge, why.
    said BLOB NOT NULL
) STRICT;

CREATE TABLE correction (
    -- What the list's owner is told: the law enforcement database did not bear a record out.
    id BLOB PRIMARY KEY,
    -- For people, counted from 1.
    number INTEGER NOT NULL UNIQUE,
    alert BLOB NOT NULL,
    list BLOB NOT NULL REFERENCES hotlist (id),
    -- refuted or stale.
    finding TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    -- Sealed JSON: the record, and what the database answered.
    said BLOB NOT NULL
) STRICT;
CREATE INDEX correction_by_list ON correction (list, number);
