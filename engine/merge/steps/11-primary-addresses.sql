-- merge-rules §3: the primary email of a person is, among the keys of its own records that are not contested,
-- the one on the newest record, then by source priority, then the smallest.
-- A decision `owner=` gives a contested address to one of its claimants; `primary=` picks among the candidates.
CREATE OR REPLACE TABLE primary_address AS
WITH above AS (SELECT count(*)::INTEGER AS addresses FROM address),
-- Decisions are taken apart first, so that every join is one of plain columns.
owner_decision AS MATERIALIZED (
  SELECT substr(conflict_id, length('EMAIL_MANY_IDS:') + 1) AS email_key, substr(decision, length('owner=') + 1) AS user_id
  FROM decision
  WHERE starts_with(conflict_id, 'EMAIL_MANY_IDS:') AND starts_with(decision, 'owner=')
),
primary_decision AS MATERIALIZED (
  SELECT substr(conflict_id, length('ID_MANY_EMAILS:') + 1) AS user_id, substr(decision, length('primary=') + 1) AS email_key
  FROM decision
  WHERE starts_with(conflict_id, 'ID_MANY_EMAILS:') AND starts_with(decision, 'primary=')
),
given AS MATERIALIZED (
  SELECT a.address_id, (SELECT addresses FROM above) + i.identifier_id AS person_id
  FROM owner_decision
  JOIN address a USING (email_key)
  JOIN identifier i USING (user_id)
),
chosen AS MATERIALIZED (
  SELECT a.address_id, (SELECT addresses FROM above) + i.identifier_id AS person_id, true AS is_chosen
  FROM primary_decision
  JOIN address a USING (email_key)
  JOIN identifier i USING (user_id)
),
candidate AS (
  SELECT r.person_id, r.address_id, r.updated_at, r.priority
  FROM person_record r
  LEFT JOIN owned_address o USING (address_id)
  LEFT JOIN given g USING (address_id, person_id)
  WHERE r.person_id IS NOT NULL
    AND r.address_id IS NOT NULL
    AND (coalesce(o.owners, 0) < 2 OR g.person_id IS NOT NULL)
)
SELECT person_id, address_id
FROM candidate
LEFT JOIN chosen USING (person_id, address_id)
QUALIFY row_number() OVER (
  PARTITION BY person_id
  ORDER BY is_chosen IS NULL, updated_at DESC NULLS LAST, priority, address_id
) = 1;
