-- Topic opt-outs bind the named topic alone, for every claimant of the address; they suppress nothing.
CREATE OR REPLACE TABLE person_topic AS
SELECT DISTINCT coalesce(c.person_id, s.person_id) AS person_id, s.source, s.topic
FROM counting_state s
LEFT JOIN person_address c USING (address_id)
WHERE s.topic IS NOT NULL AND s.level = 5 AND coalesce(c.person_id, s.person_id) IS NOT NULL;
