-- merge-rules §6: every conflict, with a stable id `CODE:subject`, so that a decision survives a new merge.
-- `detail` is for people, `suggestion` has the form of a decision. Sources are a set of bits (source_priority).
-- Long lists are told in part: a spreadsheet cuts cells off at 32,767 characters.
CREATE OR REPLACE MACRO told(items) AS
  array_to_string([left(item, 300) FOR item IN items[:20]], ', ')
  || CASE WHEN len(items) > 20 THEN ' and ' || (len(items) - 20) || ' more' ELSE '' END;

CREATE OR REPLACE TABLE conflict (
  conflict_id VARCHAR,
  code VARCHAR,
  user_ids VARCHAR[],
  emails VARCHAR[],
  sources BIGINT,
  detail VARCHAR,
  suggestion VARCHAR
);

-- A user_id whose records carry two or more email keys. Lists of text are not moved to disk: first find the few, then list.
INSERT INTO conflict
WITH several AS (SELECT person_id FROM person_address GROUP BY person_id HAVING count(*) > 1)
SELECT
  'ID_MANY_EMAILS:' || any_value(p.user_id),
  'ID_MANY_EMAILS',
  [any_value(p.user_id)],
  list(a.email_key ORDER BY a.email_key),
  any_value(p.sources),
  'One user_id has ' || count(*) || ' addresses: ' || told(list(a.email_key ORDER BY a.email_key)) || '. '
    || coalesce('The primary one is ' || any_value(main.email_key) || '; the others are kept as alternatives.',
      'None can be the primary one, because each also belongs to another user_id.'),
  coalesce('primary=' || any_value(main.email_key), 'accept')
FROM several
JOIN person p USING (person_id)
JOIN person_address c USING (person_id)
JOIN address a USING (address_id)
LEFT JOIN address main ON main.address_id = p.primary_address_id
WHERE p.user_id IS NOT NULL
GROUP BY p.person_id;

-- An address with two or more user_ids.
INSERT INTO conflict
WITH contested AS (
  SELECT r.address_id, r.identifier_id, max(r.updated_at) AS updated_at, min(r.priority) AS priority, bit_or(r.source_bit) AS sources
  FROM person_record r
  JOIN owned_address o USING (address_id)
  WHERE o.owners > 1 AND r.identifier_id IS NOT NULL AND NOT r.identifier_ignored
  GROUP BY r.address_id, r.identifier_id
)
SELECT
  'EMAIL_MANY_IDS:' || any_value(a.email_key),
  'EMAIL_MANY_IDS',
  list(i.user_id ORDER BY i.user_id),
  [any_value(a.email_key)],
  bit_or(c.sources),
  any_value(a.email_key) || ' belongs to ' || count(*) || ' user_ids: ' || told(list(i.user_id ORDER BY i.user_id))
    || '. It is held back from all of them until you name its owner.',
  'owner=' || first(i.user_id ORDER BY c.updated_at DESC NULLS LAST, c.priority, i.user_id)
FROM contested c
JOIN address a USING (address_id)
JOIN identifier i USING (identifier_id)
GROUP BY c.address_id;

-- Email-only records on a contested address.
INSERT INTO conflict
SELECT
  'AMBIGUOUS_EMAIL:' || any_value(a.email_key),
  'AMBIGUOUS_EMAIL',
  list(i.user_id ORDER BY i.user_id),
  [any_value(a.email_key)],
  any_value(p.sources),
  CASE WHEN any_value(p.records) = 1 THEN '1 record names ' ELSE any_value(p.records) || ' records name ' END || any_value(a.email_key) || ' without a user_id, and it belongs to '
    || count(*) || ' user_ids. '
    || CASE WHEN any_value(p.records) = 1 THEN 'It stays a lead of its own and is' ELSE 'They stay a lead of their own and are' END
    || ' not uploaded as a profile.',
  'accept'
FROM person p
JOIN address a ON a.address_id = p.person_id
JOIN address_owner o ON o.address_id = a.address_id
JOIN identifier i ON i.identifier_id = o.identifier_id
WHERE p.is_ambiguous
GROUP BY p.person_id;

-- A person's own records hold both a suppressing state and an opted-in or implied one.
INSERT INTO conflict
WITH said AS (
  SELECT person_id, min(level) AS strongest, max(level) AS weakest, bit_or(source_bit) AS sources
  FROM counting_state
  WHERE person_id IS NOT NULL
  GROUP BY person_id
  HAVING bool_or(level <= 4) AND bool_or(level >= 7)
)
SELECT
  'CONSENT_CONFLICT:' || any_value(p.person_key),
  'CONSENT_CONFLICT',
  CASE WHEN any_value(p.user_id) IS NULL THEN [] ELSE [any_value(p.user_id)] END,
  coalesce(list(a.email_key ORDER BY a.email_key) FILTER (a.email_key IS NOT NULL), []),
  any_value(said.sources),
  'The sources disagree: one says ' || any_value(strong.word) || ', another says ' || any_value(weak.word)
    || '. The strongest word holds; an opt-in lifts nothing.',
  'accept'
FROM said
JOIN person p USING (person_id)
JOIN level_word strong ON strong.level = said.strongest
JOIN level_word weak ON weak.level = said.weakest
LEFT JOIN person_address c ON c.person_id = p.person_id
LEFT JOIN address a ON a.address_id = c.address_id
GROUP BY said.person_id;

-- Different non-empty values of one attribute.
INSERT INTO conflict
WITH differing AS (
  SELECT c.person_id, c.name, any_value(c.sources) AS sources, any_value(c.value_count) AS value_count,
    list(v.value_text ORDER BY v.value_text) AS value_texts
  FROM contested_attribute c
  JOIN contested_value v USING (person_id, name)
  GROUP BY c.person_id, c.name
)
SELECT
  'ATTR_CONFLICT:' || p.person_key || '/' || d.name,
  'ATTR_CONFLICT',
  CASE WHEN p.user_id IS NULL THEN [] ELSE [p.user_id] END,
  CASE WHEN a.email_key IS NULL THEN [] ELSE [a.email_key] END,
  d.sources,
  d.name || ' has ' || d.value_count || ' values: ' || told(d.value_texts) || '. The newest is taken.',
  'value=' || w.value_text
FROM differing d
JOIN person p USING (person_id)
JOIN attribute w ON w.person_id = d.person_id AND w.name = d.name
LEFT JOIN address a ON a.address_id = p.primary_address_id;

-- user_ids that differ only by letter case.
INSERT INTO conflict
SELECT
  'ID_CASE_TWIN:' || folded,
  'ID_CASE_TWIN',
  list(DISTINCT user_id ORDER BY user_id),
  [],
  bit_or(r.source_bit),
  count(DISTINCT user_id) || ' user_ids differ only by letter case: ' || told(list(DISTINCT user_id ORDER BY user_id))
    || '. They are kept apart as different people.',
  'accept'
FROM identifier i
JOIN person_record r USING (identifier_id)
WHERE NOT r.identifier_ignored
  AND folded IN (
    SELECT folded
    FROM identifier
    WHERE identifier_id NOT IN (SELECT identifier_id FROM ignored_identifier)
    GROUP BY folded
    HAVING count(*) > 1
  )
GROUP BY folded;

-- One key, several spellings after trimming and unwrapping, before anything else.
INSERT INTO conflict
WITH several AS (
  SELECT n.address_id
  FROM source_record r
  JOIN numbered_record n USING (record)
  WHERE n.address_id IS NOT NULL
  GROUP BY n.address_id
  HAVING min(hash(r.email_spelling)) <> max(hash(r.email_spelling))
)
SELECT
  'EMAIL_CASE_TWIN:' || any_value(a.email_key),
  'EMAIL_CASE_TWIN',
  [],
  [any_value(a.email_key)],
  bit_or(n.source_bit),
  'One address is spelled in ' || count(DISTINCT r.email_spelling) || ' ways: '
    || told(list(DISTINCT r.email_spelling ORDER BY r.email_spelling)) || '. They count as one.',
  'accept'
FROM several
JOIN numbered_record n USING (address_id)
JOIN source_record r USING (record)
JOIN address a USING (address_id)
GROUP BY n.address_id;

-- Blocked or quarantined identifiers.
INSERT INTO conflict
SELECT
  'ID_BLOCKED:' || any_value(i.user_id),
  'ID_BLOCKED',
  [any_value(i.user_id)],
  [],
  bit_or(r.source_bit),
  CASE
    WHEN any_value(g.is_dummy) THEN any_value(i.user_id) || ' is a dummy value that identifies nobody. '
    ELSE any_value(i.user_id) || ' appears with ' || any_value(g.addresses) || ' different addresses, more than one person can have. '
  END || 'It is ignored on ' || CASE WHEN count(*) = 1 THEN '1 record.' ELSE count(*) || ' records.' END,
  'accept'
FROM ignored_identifier g
JOIN identifier i USING (identifier_id)
JOIN person_record r USING (identifier_id)
GROUP BY i.identifier_id;

-- Addresses that are none. The record keeps its user_id, if it has one.
INSERT INTO conflict
SELECT
  'BAD_EMAIL:' || t.name,
  'BAD_EMAIL',
  coalesce(list(DISTINCT r.user_id ORDER BY r.user_id) FILTER (r.user_id IS NOT NULL), []),
  list(DISTINCT r.email_spelling ORDER BY r.email_spelling),
  any_value(p.source_bit),
  'This is no e-mail address: ' || min(r.email_spelling) || ' (' || min(r.bad_email) || '). It is left out.',
  'accept'
FROM troubled_record t
JOIN source_record r USING (record)
JOIN source_priority p USING (source)
WHERE r.bad_email IS NOT NULL
GROUP BY t.name;

-- Records left with neither key.
INSERT INTO conflict
SELECT
  'NO_IDENTIFIER:' || t.name,
  'NO_IDENTIFIER',
  coalesce(list(DISTINCT r.user_id ORDER BY r.user_id) FILTER (r.user_id IS NOT NULL), []),
  coalesce(list(DISTINCT r.email_spelling ORDER BY r.email_spelling) FILTER (r.email_spelling IS NOT NULL), []),
  any_value(p.source_bit),
  'The record has no usable user_id and no usable address, so it belongs to nobody.'
    || CASE WHEN bool_or(j.carries_suppression) THEN ' It carries a suppression: the gate stays locked until you account for it.' ELSE '' END,
  'accept'
FROM rejected_record j
JOIN troubled_record t USING (record)
JOIN source_record r USING (record)
JOIN source_priority p USING (source)
GROUP BY t.name;
