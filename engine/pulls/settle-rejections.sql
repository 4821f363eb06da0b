-- The end of a pull: an entry that could not be read is listed once, and stays accepted where it was.
-- Reads the variables `file_id`, `source` and `is_full`.
CREATE OR REPLACE TEMP TABLE earlier_rejection AS
SELECT u.file_id, u.line, u.lasting, md5(u.reason || chr(10) || u.row_text) AS what
FROM unreadable_row u
JOIN source_file f USING (file_id)
WHERE f.kind = 'api' AND f.replaced_by IS NULL AND f.source = getvariable('source');

CREATE OR REPLACE TEMP TABLE pulled_rejection AS
SELECT line, md5(reason || chr(10) || row_text) AS what
FROM unreadable_row
WHERE file_id = getvariable('file_id');

-- What came twice within the pull, and what an earlier pull listed already.
DELETE FROM unreadable_row
WHERE file_id = getvariable('file_id')
  AND line IN (
    SELECT line FROM pulled_rejection
    WHERE what IN (SELECT what FROM earlier_rejection)
      OR line NOT IN (SELECT min(line) FROM pulled_rejection GROUP BY what)
  );

-- A full pull asked for everything again: what can be read by now is no rejection any longer. What was lost for good is.
CREATE OR REPLACE TEMP TABLE made_up_for AS
SELECT file_id, line
FROM earlier_rejection
WHERE getvariable('is_full') AND NOT lasting AND what NOT IN (SELECT what FROM pulled_rejection);
DELETE FROM accepted_reject WHERE (file_id, line) IN (SELECT (file_id, line) FROM made_up_for);
DELETE FROM unreadable_row WHERE (file_id, line) IN (SELECT (file_id, line) FROM made_up_for);
