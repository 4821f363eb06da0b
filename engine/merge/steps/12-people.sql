-- One row a person, leads included. `email_key` is the key of a lead; an ambiguous lead stands on a contested address.
CREATE OR REPLACE TABLE person AS
WITH above AS (SELECT count(*)::INTEGER AS addresses FROM address),
own AS (
  SELECT person_id, count(*)::INTEGER AS records, bit_or(source_bit) AS sources
  FROM person_record
  WHERE person_id IS NOT NULL
  GROUP BY person_id
)
SELECT
  own.person_id,
  i.user_id,
  coalesce('id:' || i.user_id, 'email:' || lead.email_key) AS person_key,
  i.user_id IS NULL AND coalesce(o.owners, 0) > 1 AS is_ambiguous,
  main.address_id AS primary_address_id,
  l.level,
  l.person_id IS NOT NULL AS suppressed,
  own.sources,
  own.records
FROM own
CROSS JOIN above
LEFT JOIN identifier i ON i.identifier_id = own.person_id - above.addresses
LEFT JOIN address lead ON lead.address_id = own.person_id
LEFT JOIN owned_address o ON o.address_id = lead.address_id
LEFT JOIN primary_address main ON main.person_id = own.person_id
LEFT JOIN person_level l ON l.person_id = own.person_id;
