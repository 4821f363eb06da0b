-- The profiles of the persons from `first_person` up to, not including, `end_person`. Piece by piece, since text that is
-- being put together is never moved to disk.
INSERT INTO planned_operation
WITH fields AS (
  SELECT
    a.person_id,
    string_agg(
      to_json(a.name) || ':'
        || CASE a.name WHEN 'created_at' THEN unix_seconds(a.value_text)::VARCHAR ELSE a.value_json::VARCHAR END,
      ',' ORDER BY a.name
    ) AS fields
  FROM attribute a
  JOIN attribute_fate f USING (person_id, name)
  WHERE f.left_out IS NULL
    AND a.person_id >= getvariable('first_person') AND a.person_id < getvariable('end_person')
    AND f.person_id >= getvariable('first_person') AND f.person_id < getvariable('end_person')
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
