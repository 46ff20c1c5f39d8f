-- Other systems of the department that alerts are sent to.

CREATE TABLE webhook (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    -- Sealed JSON: the address, and the key that signs what is sent.
    target BLOB NOT NULL,
    -- In whose name alerts are sent: no more than they may see, while they may.
    added_by BLOB NOT NULL REFERENCES member (id),
    added_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX webhook_by_name ON webhook (lower(name));

CREATE TABLE webhook_delivery (
    webhook BLOB NOT NULL REFERENCES webhook (id),
    alert BLOB NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    tries INTEGER NOT NULL,
    tried_at INTEGER,
    -- When it is sent, or sent again; none once it was received or given up.
    due_at INTEGER,
    delivered_at INTEGER,
    -- What came of the newest attempt: a status, or what failed. Nothing of the alert.
    last TEXT NOT NULL,
    PRIMARY KEY (webhook, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_by_due ON webhook_delivery (due_at);
