-- The profiles of the persons from `first_person` up to, not including, `end_person`. Piece by piece, since text that is
-- being put together is never moved to disk.

-- What happens to each attribute: its name over there, and why it stays here. Null: it goes along.
-- Vendors' bookkeeping (`mailchimp.LEID`) stays here unless the operator gave it a name. An attribute that the operator
-- named goes before one that bears the name.
CREATE OR REPLACE TEMP TABLE attribute_fate AS
WITH named AS (
  SELECT
    a.person_id,
    a.name,
    CASE WHEN m.name IS NULL THEN a.name ELSE m.destination END AS destination,
    m.name IS NOT NULL AS is_chosen,
    a.value_text,
    a.value_json
  FROM attribute a
  SEMI JOIN profile_person p ON p.person_id = a.person_id
  LEFT JOIN attribute_mapping m USING (name)
  WHERE a.person_id >= getvariable('first_person') AND a.person_id < getvariable('end_person')
    AND (m.destination IS NOT NULL OR NOT regexp_matches(a.name, getvariable('bookkeeping')))
),
judged AS (
  SELECT
    *,
    coalesce(
      reason_to_stay(destination, value_text, value_json),
      CASE
        WHEN NOT is_chosen AND (person_id, destination) IN (SELECT (person_id, destination) FROM named WHERE is_chosen)
          THEN 'same_name'
      END
    ) AS reason
  FROM named
)
-- Only what goes along takes one of the places.
SELECT
  *,
  CASE
    WHEN reason IS NULL
      AND row_number() OVER (PARTITION BY person_id, reason IS NULL ORDER BY name) > getvariable('attributes_left')
      THEN 'too_many'
    ELSE reason
  END AS left_out
FROM judged;

INSERT INTO attribute_left_out
SELECT left_out, name, count(*) FROM attribute_fate WHERE left_out <> 'by_choice' GROUP BY left_out, name;

INSERT INTO planned_operation
WITH fields AS (
  SELECT
    a.person_id,
    string_agg(
      to_json(a.destination) || ':' || sent_value(a.destination, a.value_text, a.value_json),
      ',' ORDER BY a.destination
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
      || CASE WHEN p.suppressed OR p.unsubscribed_there THEN '"unsubscribed":true,' ELSE '' END
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
