-- merge-rules §3.1 and §3.2: whose each record is.
-- A lead has the number of its address; a person with a user_id has its identifier's number above all addresses:
-- so persons are numbered in the code-point order of their keys, `email:…` before `id:…`.
-- Null: the record is left with neither key (NO_IDENTIFIER).
CREATE OR REPLACE TABLE person_record AS
WITH above AS (SELECT count(*)::INTEGER AS addresses FROM address)
SELECT
  r.record,
  r.source,
  r.priority,
  r.source_bit,
  r.is_event,
  r.updated_at,
  r.address_id,
  g.identifier_id IS NOT NULL AS identifier_ignored,
  r.identifier_id,
  CASE
    WHEN r.identifier_id IS NOT NULL AND g.identifier_id IS NULL THEN above.addresses + r.identifier_id
    WHEN o.owners = 1 THEN above.addresses + o.only_owner
    ELSE r.address_id
  END AS person_id
FROM numbered_record r
CROSS JOIN above
LEFT JOIN ignored_identifier g USING (identifier_id)
LEFT JOIN owned_address o USING (address_id);

-- Every claimant of every address: a person with at least one record that carries it.
CREATE OR REPLACE TABLE person_address AS
SELECT DISTINCT person_id, address_id
FROM person_record
WHERE person_id IS NOT NULL AND address_id IS NOT NULL;
