-- merge-rules §3: the primary email of a person is, among the keys of its own records that are not contested,
-- the one on the newest record, then by source priority, then the smallest.
-- A decision `owner=` gives a contested address to one of its claimants; `primary=` picks among the candidates.
CREATE OR REPLACE TABLE primary_address AS
WITH above AS (SELECT count(*)::INTEGER AS addresses FROM address),
given AS (
  SELECT a.address_id, above.addresses + i.identifier_id AS person_id
  FROM decision d
  JOIN address a ON d.conflict_id = 'EMAIL_MANY_IDS:' || a.email_key
  JOIN identifier i ON d.decision = 'owner=' || i.user_id
  CROSS JOIN above
),
chosen AS (
  SELECT a.address_id, above.addresses + i.identifier_id AS person_id
  FROM decision d
  JOIN identifier i ON d.conflict_id = 'ID_MANY_EMAILS:' || i.user_id
  JOIN address a ON d.decision = 'primary=' || a.email_key
  CROSS JOIN above
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
  ORDER BY chosen.person_id IS NULL, updated_at DESC NULLS LAST, priority, address_id
) = 1;
