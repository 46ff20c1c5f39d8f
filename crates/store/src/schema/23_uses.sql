-- Uses of one moment come in one order, so that the newest are found without sorting all of them.

DROP INDEX use_seen_by_member;
DROP INDEX use_seen_by_plate;
CREATE INDEX use_seen_by_member ON use_seen (member, at, decision);
CREATE INDEX use_seen_by_plate ON use_seen (member, looked_for, at, decision);
