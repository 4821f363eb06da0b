-- The records that count, by numbers only. `priority` is the place of the source in the operator's order, 1 first;
-- `source_bit` lets one number hold a set of sources.
CREATE OR REPLACE TABLE numbered_record AS
SELECT
  r.record,
  r.source,
  p.priority,
  p.source_bit,
  r.is_event,
  a.address_id,
  i.identifier_id,
  r.updated_at
FROM live_record r
JOIN source_priority p USING (source)
LEFT JOIN address a USING (email_key)
LEFT JOIN identifier i USING (user_id);
