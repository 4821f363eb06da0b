-- merge-rules §2: dummy values, and values that appear with more than 5 different good email keys
-- over the whole data set, identify nobody.
CREATE OR REPLACE TABLE ignored_identifier AS
SELECT identifier_id, i.is_dummy, count(DISTINCT r.address_id)::INTEGER AS addresses
FROM numbered_record r
JOIN identifier i USING (identifier_id)
GROUP BY ALL
HAVING i.is_dummy OR count(DISTINCT r.address_id) > 5;
