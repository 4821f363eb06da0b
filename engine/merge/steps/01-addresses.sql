-- Every email key of the data set, numbered in code-point order.
-- From here on the merge works with numbers: DuckDB compares and aggregates them in little memory.
CREATE OR REPLACE TABLE address AS
SELECT (row_number() OVER (ORDER BY email_key))::INTEGER AS address_id, email_key
FROM (SELECT DISTINCT email_key FROM live_record WHERE email_key IS NOT NULL);
