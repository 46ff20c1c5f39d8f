-- A canvass goes through what the reads of a camera are found under, in the order of time, and needs nothing else.

CREATE INDEX read_plate_by_camera ON read_plate (camera, seen_at, plate, read, probability);
