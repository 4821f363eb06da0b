-- merge-rules §2: the spelling for the destination is that of the newest record, then by source priority, then the smallest.
CREATE OR REPLACE TABLE address_spelling AS
SELECT a.address_id, coalesce(s.send, a.email_key) AS send
FROM address a
LEFT JOIN (
  SELECT n.address_id, r.email_send AS send
  FROM source_record r
  JOIN numbered_record n USING (record)
  WHERE n.address_id IN (
    SELECT address_id FROM source_record JOIN numbered_record USING (record) WHERE email_send <> email_key
  )
  QUALIFY row_number() OVER (
    PARTITION BY n.address_id
    ORDER BY n.updated_at DESC NULLS LAST, n.priority, r.email_send
  ) = 1
) s USING (address_id);

-- Filled by the next step.
CREATE OR REPLACE TABLE contested_attribute (person_id INTEGER, name VARCHAR, value_count INTEGER, sources INTEGER);
CREATE OR REPLACE TABLE contested_value (person_id INTEGER, name VARCHAR, value_text VARCHAR);
CREATE OR REPLACE TABLE attribute (person_id INTEGER, name VARCHAR, value_text VARCHAR, value_json JSON);
