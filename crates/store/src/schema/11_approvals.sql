-- Searches that a supervisor approves, where the purpose needs one.

CREATE TABLE search_approval (
    id BLOB PRIMARY KEY,
    -- Who asked, for their own searches.
    member BLOB NOT NULL REFERENCES member (id),
    -- The purpose's code.
    purpose TEXT NOT NULL,
    -- Sealed.
    case_number BLOB,
    -- Sealed: in the member's words.
    words BLOB,
    asked_at INTEGER NOT NULL,
    -- The number of the asking decision in the ledger.
    entry INTEGER NOT NULL,
    approved_by BLOB REFERENCES member (id),
    approved_at INTEGER,
    until INTEGER
) STRICT;
CREATE INDEX search_approval_by_member ON search_approval (member, until);
