-- merge-rules §4: the level of a person is the strongest person-scoped one (forgotten 0, complaint 1, manual 3,
-- unsubscribed_all 4) among its own records and all records that carry any of its email keys, contested ones included.
-- One step only: nothing travels on from a person to another.
CREATE OR REPLACE TABLE person_level AS
WITH person_scoped AS (SELECT * FROM counting_state WHERE level IN (0, 1, 3, 4)),
binding AS (
  SELECT c.person_id, s.level, s.stated_at, s.source_bit
  FROM person_scoped s
  JOIN person_address c USING (address_id)
  UNION ALL
  SELECT person_id, level, stated_at, source_bit
  FROM person_scoped
  WHERE address_id IS NULL AND person_id IS NOT NULL
)
SELECT
  person_id,
  min(level) AS level,
  bit_or(source_bit) AS sources,
  min(stated_at) AS first_at,
  max(stated_at) AS last_at
FROM binding
GROUP BY person_id;
