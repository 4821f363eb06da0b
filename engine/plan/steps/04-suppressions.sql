-- The suppression writes whose numbers are at least `first_operation` and below `end_operation`.
INSERT INTO planned_operation
WITH due AS (
  SELECT * FROM numbered_write
  WHERE operation_id >= getvariable('first_operation') AND operation_id < getvariable('end_operation')
),
-- Of the large tables only what is due is joined: whatever stands on the right of a LEFT JOIN is held in memory.
due_email AS (SELECT * FROM planned_email SEMI JOIN due ON due.number = planned_email.person_id),
due_topic AS (SELECT * FROM planned_topic SEMI JOIN due ON due.number = planned_topic.person_id),
due_person AS (SELECT * FROM planned_person SEMI JOIN due ON due.number = planned_person.person_id),
listing AS (
  SELECT
    operation_id,
    number AS address_id,
    CASE place WHEN 1 THEN 'esp_spam_reports' WHEN 2 THEN 'esp_bounces' ELSE 'esp_invalid_emails' END AS mechanism
  FROM due
  WHERE place <= 3
),
operation AS (
  SELECT
    l.operation_id,
    l.mechanism,
    l.mechanism || ':' || a.email_key AS subject,
    spelled.send AS email,
    NULL AS item
  FROM listing l
  JOIN address a USING (address_id)
  JOIN address_spelling spelled USING (address_id)

  UNION ALL
  SELECT d.operation_id, 'unsubscribe_person', 'id:' || p.user_id, NULL,
    '{"type":"person","action":"identify","identifiers":{"id":' || to_json(p.user_id)
      || '},"attributes":{"unsubscribed":true'
      || coalesce(',"email":' || to_json(e.send), '')
      || ',"sendgate_source":' || to_json(p.source_names) || ',"sendgate_level":' || to_json(p.level_name)
      || coalesce(',' || t.fields, '') || '}}'
  FROM due d
  JOIN due_person p ON p.person_id = d.number
  LEFT JOIN due_email e ON e.person_id = d.number
  LEFT JOIN due_topic t ON t.person_id = d.number
  WHERE d.place = 4

  UNION ALL
  SELECT d.operation_id, 'topic_preference', coalesce('id:' || p.user_id, 'email:' || e.email_key), NULL,
    '{"type":"person","action":"identify","identifiers":{'
      || coalesce('"id":' || to_json(p.user_id), '"email":' || to_json(e.send))
      || '},"attributes":{"_update":true,' || t.fields || '}}'
  FROM due d
  JOIN due_person p ON p.person_id = d.number
  JOIN due_topic t ON t.person_id = d.number
  LEFT JOIN due_email e ON e.person_id = d.number
  WHERE d.place = 5

  -- A lead has the number of its address.
  UNION ALL
  SELECT d.operation_id, 'unsubscribe_address', 'email:' || a.email_key, NULL,
    '{"type":"person","action":"identify","identifiers":{"email":' || to_json(spelled.send)
      || '},"attributes":{"unsubscribed":true,"sendgate_source":' || to_json(coalesce(p.source_names, names.names))
      || ',"sendgate_level":' || to_json(w.name)
      || coalesce(',' || t.fields, '') || '}}'
  FROM due d
  JOIN address a ON a.address_id = d.number
  JOIN address_spelling spelled ON spelled.address_id = d.number
  JOIN suppression s ON s.address_id = d.number
  JOIN source_set names ON names.bits = s.sources
  LEFT JOIN due_person p ON p.person_id = d.number AND NOT p.is_ambiguous
  LEFT JOIN due_topic t ON t.person_id = p.person_id
  JOIN level_word w ON w.level = s.level
  WHERE d.place = 6
)
SELECT
  'suppressions',
  operation_id,
  mechanism,
  subject,
  email,
  item,
  strlen(coalesce(item, email)) + 1,
  sha256(mechanism || chr(10) || coalesce(item, email))
FROM operation
ORDER BY operation_id;
