-- What only the merge itself needed.
DROP TABLE numbered_record;
DROP TABLE primary_address;
