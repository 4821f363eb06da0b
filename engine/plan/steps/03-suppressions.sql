-- The suppression writes, in order. ESP lists come first: they block an address whoever holds it and make no profile.
-- Persons and addresses are numbered in the code-point order of their keys, so the order is the same everywhere.
DELETE FROM planned_operation;

INSERT INTO planned_operation
WITH operation AS (
  SELECT
    CASE l.mechanism WHEN 'esp_spam_reports' THEN 1 WHEN 'esp_bounces' THEN 2 ELSE 3 END AS place,
    a.address_id AS number,
    l.mechanism,
    l.mechanism || ':' || a.email_key AS subject,
    spelled.send AS email,
    NULL AS item
  FROM planned_listing l
  JOIN address a USING (address_id)
  JOIN address_spelling spelled USING (address_id)

  UNION ALL
  SELECT 4, p.person_id, 'unsubscribe_person', 'id:' || p.user_id, NULL,
    '{"type":"person","action":"identify","identifiers":{"id":' || to_json(p.user_id)
      || '},"attributes":{"unsubscribed":true'
      || coalesce(',"email":' || to_json(e.send), '')
      || ',"sendgate_source":' || to_json(p.source_names) || ',"sendgate_level":' || to_json(p.level_name)
      || coalesce(',' || t.fields, '') || '}}'
  FROM planned_person p
  LEFT JOIN planned_email e USING (person_id)
  LEFT JOIN planned_topic t USING (person_id)
  WHERE p.suppressed AND p.has_id AND NOT p.is_forgotten

  -- Nobody is suppressed by a topic alone, so it must not make a profile before the gate has opened:
  -- `_update` changes only profiles that are there. The profile's own upload carries the topic too.
  UNION ALL
  SELECT 5, p.person_id, 'topic_preference', coalesce('id:' || p.user_id, 'email:' || e.email_key), NULL,
    '{"type":"person","action":"identify","identifiers":{'
      || coalesce('"id":' || to_json(p.user_id), '"email":' || to_json(e.send))
      || '},"attributes":{"_update":true,' || t.fields || '}}'
  FROM planned_person p
  JOIN planned_topic t USING (person_id)
  LEFT JOIN planned_email e USING (person_id)
  WHERE NOT p.suppressed AND (p.has_id OR (p.user_id IS NULL AND NOT p.is_ambiguous AND e.send IS NOT NULL))

  -- A lead has the number of its address.
  UNION ALL
  SELECT 6, a.address_id, 'unsubscribe_address', 'email:' || a.email_key, NULL,
    '{"type":"person","action":"identify","identifiers":{"email":' || to_json(spelled.send)
      || '},"attributes":{"unsubscribed":true,"sendgate_source":' || to_json(coalesce(p.source_names, names.names))
      || ',"sendgate_level":' || to_json(w.name)
      || coalesce(',' || t.fields, '') || '}}'
  FROM address_by_name n
  JOIN address a USING (address_id)
  JOIN address_spelling spelled USING (address_id)
  JOIN suppression s USING (address_id)
  JOIN source_set names ON names.bits = s.sources
  LEFT JOIN planned_person p ON p.person_id = a.address_id AND NOT p.is_ambiguous
  LEFT JOIN planned_topic t ON t.person_id = p.person_id
  JOIN level_word w ON w.level = s.level
)
SELECT
  'suppressions',
  row_number() OVER (ORDER BY place, number),
  mechanism,
  subject,
  email,
  item,
  strlen(coalesce(item, email)) + 1,
  sha256(mechanism || chr(10) || coalesce(item, email))
FROM operation
ORDER BY place, number;
