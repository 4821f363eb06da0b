-- merge-rules §2: records left with neither key. One that carries a suppressing state counts among the rejected rows
-- that lock the gate until they are accounted for.
CREATE OR REPLACE TABLE rejected_record AS
SELECT r.record, coalesce(bool_or(s.level <= 4), false) AS carries_suppression
FROM person_record r
LEFT JOIN source_state s USING (record)
WHERE r.person_id IS NULL
GROUP BY r.record;

-- merge-rules §6: the name of a record in a conflict. A record_id that is empty or not unique in its file gives way
-- to a hash of what the row says, which stays the same when rows move.
CREATE OR REPLACE TABLE troubled_record AS
WITH troubled AS (
  SELECT * FROM live_record
  WHERE bad_email IS NOT NULL OR record IN (SELECT record FROM rejected_record)
),
repeated AS (
  SELECT r.file_id, r.record_id
  FROM source_record r
  SEMI JOIN troubled t USING (file_id, record_id)
  GROUP BY ALL
  HAVING count(*) > 1
),
said AS (
  SELECT record, string_agg(concat_ws(' ', level, topic, stated_at), ';' ORDER BY level, topic, stated_at) AS states
  FROM source_state
  SEMI JOIN troubled USING (record)
  GROUP BY record
)
SELECT
  t.record,
  t.source || '/' || CASE
    WHEN t.record_id <> '' AND n.record_id IS NULL THEN t.record_id
    ELSE 'row-' || sha256(concat_ws(
      chr(31), t.is_event, coalesce(t.user_id, ''), coalesce(t.email_cell, ''), coalesce(t.updated_at, 0),
      coalesce(t.attributes, ''), coalesce(said.states, '')
    ))[:16]
  END AS name
FROM troubled t
LEFT JOIN repeated n USING (file_id, record_id)
LEFT JOIN said USING (record);
