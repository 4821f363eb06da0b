-- merge-rules §5: an unsubscribe event is history. Where the same source has a user row with that email key
-- (or, for an event without a usable address, with that user_id), the user row is the state and the event counts for nothing.
CREATE OR REPLACE TABLE counting_state AS
WITH user_row_address AS (
  SELECT DISTINCT source, address_id FROM person_record WHERE NOT is_event AND address_id IS NOT NULL
),
user_row_identifier AS (
  SELECT DISTINCT source, identifier_id
  FROM person_record
  WHERE NOT is_event AND identifier_id IS NOT NULL AND NOT identifier_ignored
)
SELECT s.record, s.level, s.topic, s.stated_at, s.is_assumed, s.is_invalid_address,
  r.source, r.source_bit, r.person_id, r.address_id
FROM source_state s
JOIN person_record r USING (record)
LEFT JOIN user_row_address ua ON ua.source = r.source AND ua.address_id = r.address_id
LEFT JOIN user_row_identifier ui
  -- Within the equality, since a condition beside it would have every row compared with every other.
  ON ui.source = r.source AND ui.identifier_id = CASE WHEN r.address_id IS NULL THEN r.identifier_id END
WHERE NOT (s.is_history AND (ua.address_id IS NOT NULL OR ui.identifier_id IS NOT NULL));
