-- merge-rules §4: the direct level of an address is the strongest among all records that carry its key.
-- Sources and times are those of its suppressing states (rank 4, `unsubscribed_all`, or stronger).
CREATE OR REPLACE TABLE address_level AS
SELECT
  address_id,
  min(level) AS level,
  bit_or(source_bit) FILTER (level <= 4) AS sources,
  min(stated_at) FILTER (level <= 4) AS first_at,
  max(stated_at) FILTER (level <= 4) AS last_at,
  -- The ESP list `invalid_emails` is for addresses that are nothing but invalid.
  coalesce(bool_and(is_invalid_address) FILTER (level = 2), false) AS is_invalid_address,
  coalesce(bool_or(level = 1), false) AS has_complaint,
  coalesce(bool_or(level = 2), false) AS has_hard_bounce
FROM counting_state
WHERE address_id IS NOT NULL
GROUP BY address_id;
