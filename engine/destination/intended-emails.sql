-- The addresses that profiles would carry if nobody were there yet.
CREATE OR REPLACE TABLE intended_email AS SELECT * FROM planned_email;
