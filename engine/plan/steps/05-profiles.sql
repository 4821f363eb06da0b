-- The profiles of the persons from `first_person` up to, not including, `end_person`. Piece by piece, since text that is
-- being put together is never moved to disk.

-- What happens to each attribute. Null: it goes along.
-- Vendors' bookkeeping (`mailchimp.LEID`) stays here. Names that Customer.io reserves would change who somebody is
-- or whether he gets mail.
CREATE OR REPLACE TEMP TABLE attribute_fate AS
SELECT
  a.person_id,
  a.name,
  a.value_text,
  a.value_json,
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
WHERE a.person_id >= getvariable('first_person') AND a.person_id < getvariable('end_person')
  AND NOT regexp_matches(a.name, getvariable('bookkeeping'));

INSERT INTO attribute_left_out
SELECT left_out, name, count(*) FROM attribute_fate WHERE left_out IS NOT NULL GROUP BY left_out, name;

INSERT INTO planned_operation
WITH fields AS (
  SELECT
    a.person_id,
    string_agg(
      to_json(a.name) || ':'
        || CASE a.name WHEN 'created_at' THEN unix_seconds(a.value_text)::VARCHAR ELSE a.value_json::VARCHAR END,
      ',' ORDER BY a.name
    ) AS fields
  FROM attribute_fate a
  WHERE a.left_out IS NULL
  GROUP BY a.person_id
),
operation AS (
  SELECT
    p.person_id,
    coalesce('id:' || p.user_id, 'email:' || p.email_key) AS subject,
    '{"type":"person","action":"identify","identifiers":{'
      || coalesce('"id":' || to_json(p.user_id), '"email":' || to_json(p.send))
      || '},"attributes":{'
      || CASE WHEN p.suppressed THEN '"unsubscribed":true,' ELSE '' END
      || CASE WHEN p.user_id IS NOT NULL AND p.send IS NOT NULL THEN '"email":' || to_json(p.send) || ',' ELSE '' END
      || '"sendgate_source":' || to_json(p.source_names)
      || CASE WHEN p.suppressed THEN ',"sendgate_level":' || to_json(p.level_name) ELSE '' END
      || coalesce(',' || t.fields, '')
      || coalesce(',' || f.fields, '')
      || '}}' AS item
  FROM profile_person p
  LEFT JOIN planned_topic t USING (person_id)
  LEFT JOIN fields f USING (person_id)
  WHERE p.person_id >= getvariable('first_person') AND p.person_id < getvariable('end_person')
)
SELECT
  'profiles',
  (row_number() OVER (ORDER BY person_id))::INTEGER + getvariable('operations_before'),
  'profile',
  subject,
  NULL,
  item,
  strlen(item) + 1,
  sha256('profile' || chr(10) || item)
FROM operation
WHERE strlen(item) <= getvariable('item_bytes')
ORDER BY person_id;
