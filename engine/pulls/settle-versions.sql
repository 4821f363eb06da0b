-- The end of a pull: of each key one version stands. Reads the variables `pull_id`, `source`, `identifier_changed`
-- (the operator chose another field for the user_id) and `moment`.
-- Conditions on text stand within equalities, since a condition beside one has every row compared with every other.

-- The versions that this pull brought: the last one says who and what, the last whole one has the attributes.
CREATE OR REPLACE TEMP TABLE pulled_key AS
SELECT r.record_id AS key, max(p.record) AS last, max(p.record) FILTER (NOT p.consent_only) AS last_whole
FROM pulled_record p
JOIN source_record r USING (record)
WHERE p.pull_id = getvariable('pull_id')
GROUP BY r.record_id;

-- The versions that stood before.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT r.record_id AS key, r.record
FROM source_record r
JOIN (
  SELECT file_id FROM source_file
  WHERE kind = 'api' AND replaced_by IS NULL AND source = getvariable('source')
) USING (file_id)
WHERE r.record NOT IN (SELECT record FROM earlier_version);

CREATE OR REPLACE TEMP TABLE version AS
SELECT k.key, k.last, k.last_whole, s.record AS before
FROM pulled_key k
LEFT JOIN standing s USING (key);

CREATE OR REPLACE TEMP TABLE fingerprint AS
WITH concerned AS MATERIALIZED (
  SELECT last AS record FROM version WHERE before IS NOT NULL
  UNION SELECT last_whole FROM version WHERE before IS NOT NULL
  UNION SELECT before FROM version WHERE before IS NOT NULL
),
said AS MATERIALIZED (
  SELECT record,
    sum(hash(level, topic, stated_at, is_history, is_assumed, is_invalid_address)::HUGEINT) AS states
  FROM source_state
  SEMI JOIN concerned USING (record)
  GROUP BY record
)
SELECT r.record,
  hash(r.user_id, r.user_id_blocked, r.email_cell, r.is_event) AS who,
  hash(r.updated_at, r.attributes) AS what,
  coalesce(s.states, 0) AS states
FROM source_record r
SEMI JOIN concerned USING (record)
LEFT JOIN said s USING (record);

-- What reads as it did stays the record that it was: a pull that brought nothing new changes nothing.
CREATE OR REPLACE TEMP TABLE survivor AS
SELECT v.key, v.last, v.last_whole, v.before,
  CASE
    WHEN now.who = old.who AND now.states = old.states AND (v.last_whole IS NULL OR whole.what = old.what)
      THEN v.before
    ELSE v.last
  END AS record
FROM version v
LEFT JOIN fingerprint now ON now.record = v.last
LEFT JOIN fingerprint whole ON whole.record = v.last_whole
LEFT JOIN fingerprint old ON old.record = v.before;

-- A version that was read without attributes keeps those it had.
UPDATE source_record
SET updated_at = filled.updated_at, attributes = filled.attributes
FROM (
  SELECT s.record AS target, whole.updated_at, whole.attributes
  FROM survivor s
  JOIN source_record whole ON whole.record = coalesce(s.last_whole, s.before)
  WHERE s.record = s.last AND s.last IS DISTINCT FROM s.last_whole
) filled
WHERE source_record.record = filled.target;

CREATE OR REPLACE TEMP TABLE superseded AS
SELECT p.record, s.key, s.record AS survivor
FROM pulled_record p
JOIN source_record r USING (record)
JOIN survivor s ON s.key = r.record_id
WHERE p.pull_id = getvariable('pull_id') AND p.record <> s.record
UNION
SELECT before, key, record FROM survivor WHERE before IS NOT NULL AND before <> record;

-- Opt-outs, of topics too, that a superseded version holds about somebody and that no other version of its key repeats.
CREATE OR REPLACE TEMP TABLE unsaid AS
WITH statement AS MATERIALIZED (
  SELECT s.record, s.level, coalesce(s.topic, '') AS topic, coalesce(r.email_key, '') AS email,
    CASE WHEN getvariable('identifier_changed') THEN '' ELSE coalesce(r.user_id, '') END AS user_id
  FROM source_state s
  JOIN source_record r USING (record)
  WHERE s.level <= 5
    AND s.record IN (
      SELECT record FROM superseded
      UNION ALL SELECT survivor FROM superseded
      UNION ALL SELECT record FROM earlier_version WHERE source = getvariable('source')
    )
),
repeated AS MATERIALIZED (
  SELECT DISTINCT u.key, s.level, s.topic, s.email, s.user_id
  FROM (SELECT DISTINCT key, survivor FROM superseded) u
  JOIN statement s ON s.record = u.survivor
  UNION
  SELECT DISTINCT e.key, s.level, s.topic, s.email, s.user_id
  FROM earlier_version e
  JOIN statement s USING (record)
  WHERE e.source = getvariable('source')
)
SELECT u.record, u.key, u.survivor, s.level
FROM superseded u
JOIN statement s USING (record)
ANTI JOIN repeated USING (key, level, topic, email, user_id)
QUALIFY row_number() OVER (PARTITION BY u.key, s.level, s.topic, s.email, s.user_id ORDER BY u.record) = 1;

CREATE OR REPLACE TEMP TABLE pull_count AS
SELECT
  (SELECT count(*) FROM survivor WHERE before IS NULL) AS added,
  (SELECT count(*) FROM survivor WHERE before <> record) AS changed,
  (SELECT count(*) FROM standing ANTI JOIN pulled_key USING (key)) AS gone,
  (
    SELECT count(DISTINCT survivor)
    FROM unsaid
    WHERE level <= 4
      AND survivor NOT IN (SELECT record FROM source_state WHERE level <= 4)
  ) AS opted_in_again;

-- They stand on as what was said once: without attributes, never newest.
INSERT INTO earlier_version
SELECT DISTINCT record, getvariable('source'), key, getvariable('moment') FROM unsaid;
DELETE FROM source_state WHERE level > 5 AND record IN (SELECT record FROM unsaid);
UPDATE source_record
SET is_event = true,
  updated_at = NULL,
  attributes = NULL,
  record_id = record_id || ' (earlier)',
  user_id = CASE WHEN getvariable('identifier_changed') AND email_key IS NOT NULL THEN NULL ELSE user_id END,
  user_id_folded = CASE WHEN getvariable('identifier_changed') AND email_key IS NOT NULL THEN NULL ELSE user_id_folded END
WHERE record IN (SELECT record FROM unsaid);

DELETE FROM source_state
WHERE record IN (SELECT record FROM superseded) AND record NOT IN (SELECT record FROM unsaid);
DELETE FROM source_record
WHERE record IN (SELECT record FROM superseded) AND record NOT IN (SELECT record FROM unsaid);
DELETE FROM pulled_record WHERE pull_id = getvariable('pull_id');
