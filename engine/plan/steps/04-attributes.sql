-- What happens to each attribute of each person who gets a profile. Null: it goes along.

-- Persons who get a profile. A lead is nothing but its address.
CREATE OR REPLACE TABLE profile_person AS
SELECT p.*, e.email_key, e.send
FROM planned_person p
LEFT JOIN planned_email e USING (person_id)
WHERE NOT p.is_forgotten
  AND (
    p.has_id
    OR (
      p.user_id IS NULL AND NOT p.is_ambiguous AND e.send IS NOT NULL
      AND NOT (p.suppressed AND getvariable('lead_suppression') = 'esp')
    )
  );

-- Vendors' bookkeeping (`mailchimp.LEID`) stays here. Names that Customer.io reserves would change who somebody is
-- or whether he gets mail.
CREATE OR REPLACE TABLE attribute_fate AS
SELECT
  a.person_id,
  a.name,
  CASE
    WHEN a.name IN ('id', 'email', 'cio_id', 'anonymous_id', 'unsubscribed', '_update', '_timestamp')
      OR starts_with(a.name, 'cio_') OR starts_with(a.name, 'sendgate_') THEN 'reserved'
    WHEN a.name = 'created_at' AND unix_seconds(a.value_text) IS NULL THEN 'unreadable_time'
    WHEN strlen(a.name) > getvariable('attribute_name_bytes') THEN 'long_name'
    WHEN strlen(CASE json_type(a.value_json) WHEN 'VARCHAR' THEN a.value_text ELSE a.value_json::VARCHAR END)
      > getvariable('attribute_value_bytes') THEN 'long_value'
    WHEN row_number() OVER (PARTITION BY a.person_id ORDER BY a.name) > getvariable('attributes_left') THEN 'too_many'
  END AS left_out
FROM attribute a
SEMI JOIN profile_person p ON p.person_id = a.person_id
WHERE NOT regexp_matches(a.name, getvariable('bookkeeping'));
