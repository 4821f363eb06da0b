-- The order of the suppression writes. ESP lists come first: they block an address whoever holds it and make no profile;
-- complaints before hard bounces before invalid addresses. Persons and addresses are numbered in the code-point order
-- of their keys, so the order is the same everywhere.
DELETE FROM planned_operation;

CREATE OR REPLACE TABLE numbered_write AS
WITH write AS (
  SELECT
    CASE mechanism WHEN 'esp_spam_reports' THEN 1 WHEN 'esp_bounces' THEN 2 ELSE 3 END AS place,
    address_id AS number
  FROM planned_listing

  UNION ALL
  SELECT 4, person_id FROM planned_person WHERE suppressed AND has_id AND NOT is_forgotten

  -- Nobody is suppressed by a topic alone, so it must not make a profile before the gate has opened:
  -- `_update` changes only profiles that are there. The profile's own upload carries the topic too.
  UNION ALL
  SELECT 5, p.person_id
  FROM planned_person p
  SEMI JOIN planned_topic t ON t.person_id = p.person_id
  LEFT JOIN planned_email e ON e.person_id = p.person_id
  WHERE NOT p.suppressed AND (p.has_id OR (p.user_id IS NULL AND NOT p.is_ambiguous AND e.person_id IS NOT NULL))

  UNION ALL
  SELECT 6, address_id FROM address_by_name
)
SELECT (row_number() OVER (ORDER BY place, number))::INTEGER AS operation_id, place::TINYINT AS place, number FROM write;
