-- Every user_id of the data set, numbered in code-point order (merge-rules §2).
CREATE OR REPLACE TABLE identifier AS
SELECT (row_number() OVER (ORDER BY user_id))::INTEGER AS identifier_id, *
FROM (
  SELECT
    user_id,
    any_value(coalesce(user_id_folded, lower(user_id))) AS folded,
    bool_or(user_id_blocked) AS is_dummy
  FROM live_record
  WHERE user_id IS NOT NULL
  GROUP BY user_id
);
