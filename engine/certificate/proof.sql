-- How far every suppressed address and person got: exported, planned, uploaded, read back.
-- `exported` is worked out anew from the records of the files that count, by merge-rules §4 and §5 and without a table of
-- the merge: what the merge lost, the plan left out or the workspace did not take shows as a difference.
-- Variables: `workspace_id`, `id_bytes` (the longest id that a profile can have).

-- user_ids that identify nobody: dummy values, and values with more than 5 addresses (merge-rules §2).
CREATE OR REPLACE TEMP TABLE proof_ignored AS
SELECT user_id FROM live_record WHERE user_id IS NOT NULL GROUP BY user_id HAVING bool_or(user_id_blocked)
UNION
SELECT user_id
FROM live_record
WHERE user_id IN (
  SELECT user_id FROM live_record WHERE user_id IS NOT NULL AND email_key IS NOT NULL GROUP BY user_id HAVING count(*) > 5
)
GROUP BY user_id
HAVING count(DISTINCT email_key) > 5;

-- Every suppressing state. An unsubscribe event is history where its source has a user row.
CREATE OR REPLACE TEMP TABLE proof_said AS
WITH suppressing AS MATERIALIZED (
  SELECT
    r.source,
    r.email_key,
    CASE WHEN r.user_id NOT IN (SELECT user_id FROM proof_ignored) THEN r.user_id END AS user_id,
    s.level,
    s.is_history
  FROM source_state s
  JOIN live_record r USING (record)
  WHERE s.level <= 4
),
history AS MATERIALIZED (SELECT DISTINCT source, email_key, user_id FROM suppressing WHERE is_history),
user_row_address AS MATERIALIZED (
  SELECT DISTINCT source, email_key FROM live_record SEMI JOIN history USING (source, email_key) WHERE NOT is_event
),
user_row_person AS MATERIALIZED (
  SELECT DISTINCT source, user_id
  FROM live_record
  SEMI JOIN (SELECT source, user_id FROM history WHERE email_key IS NULL) unaddressed USING (source, user_id)
  WHERE NOT is_event
)
SELECT s.source, s.email_key, s.user_id, s.level
FROM suppressing s
LEFT JOIN user_row_address a ON a.source = s.source AND a.email_key = s.email_key
LEFT JOIN user_row_person p
  ON p.source = s.source AND p.user_id = CASE WHEN s.email_key IS NULL THEN s.user_id END
WHERE NOT (s.is_history AND (a.source IS NOT NULL OR p.source IS NOT NULL));

-- Persons with an id, each with the strongest person-scoped level that each source gives them: on records with their id,
-- and on all records with one of their addresses.
CREATE OR REPLACE TEMP TABLE proof_person AS
WITH person_scoped AS MATERIALIZED (
  SELECT source, email_key, CASE WHEN email_key IS NULL THEN user_id END AS user_id, min(level) AS level
  FROM proof_said
  WHERE level IN (0, 1, 3, 4)
  GROUP BY ALL
)
SELECT user_id, source, min(level) AS level
FROM (
  SELECT user_id, source, level FROM person_scoped WHERE user_id IS NOT NULL
  UNION ALL
  SELECT r.user_id, s.source, s.level
  FROM person_scoped s
  JOIN live_record r USING (email_key)
  WHERE r.user_id IS NOT NULL AND r.user_id NOT IN (SELECT user_id FROM proof_ignored)
)
GROUP BY user_id, source;

CREATE OR REPLACE TEMP TABLE proof_claim AS
SELECT DISTINCT user_id, email_key FROM live_record SEMI JOIN proof_person USING (user_id) WHERE email_key IS NOT NULL;

-- Addresses that a source names as suppressed, and the other addresses of suppressed persons.
CREATE OR REPLACE TEMP TABLE proof_address AS
WITH direct AS MATERIALIZED (
  SELECT email_key, source, min(level) AS level FROM proof_said WHERE email_key IS NOT NULL GROUP BY email_key, source
)
SELECT email_key, source, level FROM direct
UNION ALL
SELECT c.email_key, p.source, min(p.level)
FROM proof_claim c
JOIN proof_person p USING (user_id)
ANTI JOIN direct d ON d.email_key = c.email_key
GROUP BY c.email_key, p.source;

-- Complaints and hard bounces must stand on their own list, whatever else covers the address.
CREATE OR REPLACE TEMP TABLE proof_listing AS
SELECT email_key, bool_or(level = 1) AS complained, bool_or(level = 2) AS bounced
FROM proof_said
WHERE email_key IS NOT NULL AND level IN (1, 2)
GROUP BY email_key;

-- The plan's suppression writes, by what they speak of, and whether this workspace took each.
CREATE OR REPLACE TEMP TABLE proof_write AS
SELECT
  p.mechanism,
  substr(p.subject, strlen(CASE p.mechanism WHEN 'unsubscribe_person' THEN 'id' WHEN 'unsubscribe_address' THEN 'email' ELSE p.mechanism END) + 2) AS key,
  coalesce(d.state = 'done', false) AS done
FROM planned_operation p
LEFT JOIN delivery d
  ON d.workspace_id = getvariable('workspace_id')
  AND d.phase = p.phase AND d.subject = p.subject AND d.content = p.content
WHERE p.phase = 'suppressions' AND p.mechanism <> 'topic_preference';

CREATE OR REPLACE TEMP TABLE proof_cover AS
SELECT
  email_key,
  bool_or(mechanism = 'esp_spam_reports') AS on_complaints,
  bool_or(mechanism IN ('esp_bounces', 'esp_invalid_emails')) AS on_bounces,
  bool_and(done) AS done
FROM (
  SELECT key AS email_key, mechanism, done FROM proof_write WHERE mechanism <> 'unsubscribe_person'
  UNION ALL
  SELECT c.email_key, w.mechanism, w.done
  FROM proof_write w
  JOIN proof_claim c ON c.user_id = w.key
  WHERE w.mechanism = 'unsubscribe_person'
)
GROUP BY email_key;

-- Whoever asked to be forgotten, or was erased, gets no write: nobody makes a profile for him, and reading back found none
-- that is subscribed. An id that is too long cannot be held by any profile, so there is nothing to write and nothing to find.
CREATE OR REPLACE TEMP TABLE proof_subject AS
SELECT
  'address' AS subject,
  coalesce(e.email_key, m.email_key) AS key,
  e.email_key IS NOT NULL AS exported,
  c.email_key IS NOT NULL
    AND (c.on_complaints OR NOT coalesce(l.complained, false))
    AND (c.on_bounces OR NOT coalesce(l.bounced, false)) AS planned,
  coalesce(c.done, false) AS uploaded,
  b.email_key IS NOT NULL AS read_back
FROM (SELECT DISTINCT email_key FROM proof_address) e
FULL JOIN (SELECT email_key FROM suppression JOIN address USING (address_id)) m ON m.email_key = e.email_key
LEFT JOIN proof_cover c ON c.email_key = coalesce(e.email_key, m.email_key)
LEFT JOIN proof_listing l ON l.email_key = e.email_key
LEFT JOIN (
  SELECT a.email_key
  FROM readback_address
  JOIN address a USING (address_id)
  ANTI JOIN missing_address missing ON missing.email_key = a.email_key
) b ON b.email_key = coalesce(e.email_key, m.email_key)

UNION ALL
SELECT
  'person',
  coalesce(e.user_id, m.user_id),
  e.user_id IS NOT NULL,
  w.key IS NOT NULL OR coalesce(e.is_forgotten, false) OR strlen(coalesce(e.user_id, m.user_id)) > getvariable('id_bytes'),
  coalesce(w.done, coalesce(e.is_forgotten, false) OR strlen(coalesce(e.user_id, m.user_id)) > getvariable('id_bytes')),
  b.user_id IS NOT NULL OR strlen(coalesce(e.user_id, m.user_id)) > getvariable('id_bytes')
FROM (
  SELECT
    user_id,
    min(level) = 0 OR user_id IN (
      SELECT value FROM erasure
      WHERE workspace_id = getvariable('workspace_id') AND kind = 'id' AND state <> 'refused'
    ) AS is_forgotten
  FROM proof_person
  GROUP BY user_id
) e
FULL JOIN (SELECT user_id FROM person WHERE suppressed AND user_id IS NOT NULL) m ON m.user_id = e.user_id
LEFT JOIN proof_write w ON w.mechanism = 'unsubscribe_person' AND w.key = coalesce(e.user_id, m.user_id)
LEFT JOIN (
  SELECT p.user_id
  FROM readback_person
  JOIN planned_person p USING (person_id)
  ANTI JOIN missing_person missing ON missing.person_id = p.person_id
) b ON b.user_id = coalesce(e.user_id, m.user_id);

CREATE OR REPLACE TABLE proof_difference AS
SELECT * FROM proof_subject WHERE NOT (exported AND planned AND uploaded AND read_back);
