-- How each person can be written. Variables: the limits of customerio/limits.ts.

-- Names of each set of sources.
CREATE OR REPLACE TABLE source_set AS
SELECT bits::INTEGER AS bits, string_agg(source, '|' ORDER BY source) AS names
FROM range(1, 1 << (SELECT count(*) FROM source_priority)::INTEGER) AS every(bits)
JOIN source_priority ON bits & source_bit <> 0
GROUP BY bits;

-- Erased by the operator's word: they count as forgotten from then on, and nothing is written about them.
CREATE OR REPLACE TABLE erased_person AS
WITH erased AS (
  SELECT kind, value FROM erasure WHERE workspace_id = getvariable('workspace_id') AND state <> 'refused'
)
SELECT person_id FROM person JOIN erased ON kind = 'id' AND value = user_id
UNION
-- A lead has the number of its address.
SELECT person_id FROM person
JOIN address a ON a.address_id = person_id
JOIN erased ON kind = 'email' AND value = a.email_key
WHERE user_id IS NULL;

-- `has_id`: Customer.io can hold the id. One that is too long cannot be held by any profile.
CREATE OR REPLACE TABLE planned_person AS
SELECT
  p.person_id,
  p.user_id,
  coalesce(p.user_id IS NOT NULL AND strlen(p.user_id) <= getvariable('id_bytes'), false) AS has_id,
  p.is_ambiguous,
  p.suppressed,
  coalesce(p.level = 0, false) OR e.person_id IS NOT NULL AS is_forgotten,
  p.primary_address_id,
  names.names AS source_names,
  w.name AS level_name
FROM person p
LEFT JOIN person_level l USING (person_id)
LEFT JOIN erased_person e USING (person_id)
LEFT JOIN source_set names ON names.bits = coalesce(l.sources, p.sources)
LEFT JOIN level_word w ON w.level = p.level;

-- Addresses of somebody who asked to be forgotten: they never go into a profile.
CREATE OR REPLACE TABLE forgotten_address AS
SELECT address_id FROM suppression WHERE level = 0
UNION
SELECT c.address_id FROM person p JOIN person_address c USING (person_id) WHERE p.level = 0
UNION
SELECT a.address_id FROM erasure e JOIN address a ON a.email_key = e.value
WHERE e.workspace_id = getvariable('workspace_id') AND e.kind = 'email' AND e.state <> 'refused';

-- Topic opt-outs that the operator mapped, as attributes.
CREATE OR REPLACE TABLE planned_topic AS
SELECT
  person_id,
  string_agg('"cio_subscription_preferences.topics.' || destination || '":false', ',' ORDER BY destination) AS fields
FROM (SELECT DISTINCT person_id, destination FROM person_topic JOIN topic_mapping USING (source, topic))
GROUP BY person_id;
