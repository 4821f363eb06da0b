-- merge-rules §3: per attribute the newest wins, then source priority, then the smallest value.
-- Empty values never got here: importers leave them out. A vendor's bookkeeping columns carry the source's name
-- and never conflict. A decision `value=` picks among the values that are there.
-- Run for one range of persons after the other (`first_person` up to, not including, `end_person`),
-- since all the text of a large migration at once does not fit into memory.
CREATE OR REPLACE TEMP TABLE value_in_range AS
SELECT
  p.person_id,
  cell.key AS name,
  cell.value ->> '$' AS value_text,
  cell.value AS value_json,
  starts_with(cell.key, p.source || '.') AS is_bookkeeping,
  p.source_bit,
  p.updated_at,
  p.priority
FROM person_record p
JOIN source_record r USING (record)
CROSS JOIN LATERAL json_each(r.attributes) AS cell
WHERE p.person_id >= getvariable('first_person') AND p.person_id < getvariable('end_person')
  AND r.attributes IS NOT NULL;

CREATE OR REPLACE TEMP TABLE contested_in_range AS
SELECT person_id, name, count(DISTINCT value_text)::INTEGER AS value_count, bit_or(source_bit) AS sources
FROM value_in_range
WHERE NOT is_bookkeeping
GROUP BY person_id, name
HAVING count(DISTINCT value_text) > 1;

INSERT INTO contested_attribute FROM contested_in_range;

INSERT INTO contested_value
SELECT DISTINCT person_id, name, value_text
FROM value_in_range
SEMI JOIN contested_in_range USING (person_id, name)
WHERE NOT is_bookkeeping;

INSERT INTO attribute
WITH decided AS MATERIALIZED (
  SELECT c.person_id, c.name, substr(d.decision, length('value=') + 1) AS value_text, true AS is_decided
  FROM contested_in_range c
  JOIN person p USING (person_id)
  JOIN decision d ON d.conflict_id = 'ATTR_CONFLICT:' || p.person_key || '/' || c.name
  WHERE starts_with(d.decision, 'value=')
)
SELECT v.person_id, v.name, v.value_text, v.value_json
FROM value_in_range v
LEFT JOIN decided USING (person_id, name, value_text)
QUALIFY row_number() OVER (
  PARTITION BY v.person_id, v.name
  ORDER BY is_decided IS NULL, v.updated_at DESC NULLS LAST, v.priority, v.value_text
) = 1;
