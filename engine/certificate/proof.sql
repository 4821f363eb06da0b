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

-- What is known of each address and person, one row a fact and one after the other: joined all at once, a million of
-- them would not fit into memory. `done` is null but for writes.
CREATE OR REPLACE TEMP TABLE proof_fact (subject VARCHAR, key VARCHAR, fact VARCHAR, done BOOLEAN);
INSERT INTO proof_fact SELECT DISTINCT 'address', email_key, 'exported', NULL::BOOLEAN FROM proof_address;
INSERT INTO proof_fact SELECT 'address', email_key, 'merged', NULL FROM suppression JOIN address USING (address_id);
-- Complaints and hard bounces must stand on their own list, whatever else covers the address.
INSERT INTO proof_fact
SELECT DISTINCT 'address', email_key, CASE level WHEN 1 THEN 'complained' ELSE 'bounced' END, NULL::BOOLEAN
FROM proof_said
WHERE email_key IS NOT NULL AND level IN (1, 2);
INSERT INTO proof_fact
SELECT
  'address',
  key,
  CASE mechanism
    WHEN 'esp_spam_reports' THEN 'on_complaints'
    WHEN 'esp_bounces' THEN 'on_bounces'
    WHEN 'esp_invalid_emails' THEN 'on_bounces'
    ELSE 'written'
  END,
  done
FROM proof_write
WHERE mechanism <> 'unsubscribe_person';
INSERT INTO proof_fact
SELECT 'address', c.email_key, 'written', w.done
FROM proof_write w
JOIN proof_claim c ON c.user_id = w.key
WHERE w.mechanism = 'unsubscribe_person';
INSERT INTO proof_fact
SELECT 'address', a.email_key, 'read', NULL
FROM readback_address
JOIN address a USING (address_id)
ANTI JOIN missing_address missing ON missing.address_id = a.address_id;

INSERT INTO proof_fact SELECT DISTINCT 'person', user_id, 'exported', NULL::BOOLEAN FROM proof_person;
INSERT INTO proof_fact SELECT 'person', user_id, 'merged', NULL FROM person WHERE suppressed AND user_id IS NOT NULL;
INSERT INTO proof_fact
SELECT DISTINCT 'person', user_id, 'forgotten', NULL::BOOLEAN FROM proof_person WHERE level = 0
UNION ALL
SELECT 'person', value, 'forgotten', NULL
FROM erasure
WHERE workspace_id = getvariable('workspace_id') AND kind = 'id' AND state <> 'refused';
INSERT INTO proof_fact SELECT 'person', key, 'written', done FROM proof_write WHERE mechanism = 'unsubscribe_person';
INSERT INTO proof_fact
SELECT 'person', p.user_id, 'read', NULL
FROM readback_person
JOIN planned_person p USING (person_id)
ANTI JOIN missing_person missing ON missing.person_id = p.person_id;

-- Whoever asked to be forgotten, or was erased, gets no write: nobody makes a profile for him, and reading back found none
-- that is subscribed. An id that is too long cannot be held by any profile, so there is nothing to write and nothing to find.
CREATE OR REPLACE TEMP TABLE proof_subject AS
WITH known AS (
  SELECT
    subject,
    key,
    bool_or(fact = 'exported') AS exported,
    bool_or(done IS NOT NULL)
      AND (bool_or(fact = 'on_complaints') OR NOT bool_or(fact = 'complained'))
      AND (bool_or(fact = 'on_bounces') OR NOT bool_or(fact = 'bounced')) AS planned,
    bool_and(done) AS done,
    bool_or(fact = 'read') AS read,
    bool_or(fact = 'exported') AND bool_or(fact = 'forgotten') AS forgotten,
    subject = 'person' AND strlen(key) > getvariable('id_bytes') AS impossible
  FROM proof_fact
  GROUP BY subject, key
  HAVING bool_or(fact IN ('exported', 'merged'))
)
SELECT
  subject,
  key,
  exported,
  planned OR forgotten OR impossible AS planned,
  coalesce(done, forgotten OR impossible) AS uploaded,
  read OR impossible AS read_back
FROM known;

DROP TABLE proof_fact;
DROP TABLE proof_write;

CREATE OR REPLACE TABLE proof_difference AS
SELECT * FROM proof_subject WHERE NOT (exported AND planned AND uploaded AND read_back);
