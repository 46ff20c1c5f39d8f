-- Where cameras stand on the map, in degrees (WGS 84); none where nobody has entered it.

ALTER TABLE camera ADD COLUMN latitude REAL;
ALTER TABLE camera ADD COLUMN longitude REAL;
