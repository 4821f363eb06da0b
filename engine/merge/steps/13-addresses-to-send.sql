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
