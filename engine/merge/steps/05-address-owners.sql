-- merge-rules §3.2: the user_ids of each email key, over the whole data set.
CREATE OR REPLACE TABLE address_owner AS
SELECT DISTINCT address_id, identifier_id
FROM numbered_record
WHERE address_id IS NOT NULL
  AND identifier_id IS NOT NULL
  AND identifier_id NOT IN (SELECT identifier_id FROM ignored_identifier);

-- A contested address has two or more.
CREATE OR REPLACE TABLE owned_address AS
SELECT address_id, count(*)::INTEGER AS owners, min(identifier_id) AS only_owner
FROM address_owner
GROUP BY address_id;
