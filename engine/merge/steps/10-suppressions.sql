-- merge-rules §4: the suppression set. Every address that is suppressed directly, and every email key
-- of a suppressed person that is not. Every person-scoped level suppresses.
CREATE OR REPLACE TABLE suppression AS
SELECT address_id, level, 'direct' AS via, sources, first_at, last_at, is_invalid_address, has_complaint, has_hard_bounce
FROM address_level
WHERE level <= 4
UNION ALL
SELECT
  c.address_id,
  min(p.level) AS level,
  'person' AS via,
  bit_or(p.sources) AS sources,
  min(p.first_at) AS first_at,
  max(p.last_at) AS last_at,
  false AS is_invalid_address,
  false AS has_complaint,
  false AS has_hard_bounce
FROM person_address c
JOIN person_level p USING (person_id)
LEFT JOIN address_level direct ON direct.address_id = c.address_id AND direct.level <= 4
WHERE direct.address_id IS NULL
GROUP BY c.address_id;
