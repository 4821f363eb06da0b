-- Which suppressed persons and addresses the read-back does not show as safe. Whatever was not read counts as missing.
-- Addresses are compared without letter case, as Customer.io does.

CREATE OR REPLACE TABLE missing_person AS
SELECT
  p.person_id,
  p.user_id,
  CASE
    WHEN r.person_id IS NULL THEN 'person_unread'
    WHEN NOT r.found THEN 'person_absent'
    WHEN p.is_forgotten THEN 'forgotten_subscribed'
    ELSE 'person_subscribed'
  END AS reason
FROM planned_person p
LEFT JOIN readback_person r USING (person_id)
WHERE p.suppressed AND p.has_id
  AND NOT coalesce(r.unsubscribed, false)
  -- Nobody makes a profile for somebody who asked to be forgotten.
  AND NOT (p.is_forgotten AND coalesce(NOT r.found, false));

-- Whether bounces and invalid addresses are lists of their own is not said (reference/customerio.md §2.2): either keeps
-- all mail from the address.
CREATE OR REPLACE TABLE missing_list AS
SELECT l.address_id, l.mechanism
FROM planned_listing l
JOIN address a USING (address_id)
ANTI JOIN (
  SELECT DISTINCT mechanism = 'esp_spam_reports' AS of_complaints, lower(email_key) AS email_key FROM readback_listed
) e
  ON e.of_complaints = (l.mechanism = 'esp_spam_reports') AND e.email_key = lower(a.email_key);

-- What is known of each address, one row a fact and one after the other: joined all at once, a million of them would
-- not fit into memory.
CREATE OR REPLACE TEMP TABLE address_fact (address_id INTEGER, fact VARCHAR);
INSERT INTO address_fact SELECT address_id, 'suppressed' FROM suppression;
INSERT INTO address_fact SELECT address_id, 'read' FROM readback_address;
INSERT INTO address_fact SELECT address_id, 'not_listed' FROM missing_list;
INSERT INTO address_fact
SELECT a.address_id, 'listed' FROM address a JOIN readback_listed e ON lower(e.email_key) = lower(a.email_key);
INSERT INTO address_fact
SELECT address_id, CASE WHEN unsubscribed THEN 'unsubscribed' ELSE 'subscribed' END FROM readback_holder;
INSERT INTO address_fact SELECT address_id, 'same_address' FROM readback_holder WHERE same_address;
-- Whether the persons who stand for the address are unsubscribed.
INSERT INTO address_fact
SELECT c.address_id, CASE WHEN m.person_id IS NULL THEN 'covered' ELSE 'uncovered' END
FROM person_address c
JOIN planned_person p USING (person_id)
LEFT JOIN missing_person m USING (person_id)
WHERE p.suppressed AND p.has_id AND NOT p.is_forgotten;
-- A profile was told to carry it.
INSERT INTO address_fact
SELECT e.address_id, 'carried' FROM planned_email e JOIN planned_person p USING (person_id) WHERE p.suppressed AND p.has_id;
INSERT INTO address_fact SELECT address_id, 'by_name' FROM address_by_name;

CREATE OR REPLACE TABLE missing_address AS
WITH known AS (
  SELECT
    address_id,
    bool_or(fact = 'read') AS read,
    bool_or(fact = 'not_listed') AS not_listed,
    bool_or(fact = 'listed') AS listed,
    bool_or(fact IN ('unsubscribed', 'subscribed')) AS held,
    bool_or(fact = 'subscribed') AS subscribed,
    bool_or(fact = 'same_address') AS same_address,
    bool_or(fact = 'covered') AND NOT bool_or(fact = 'uncovered') AS covered,
    bool_or(fact = 'carried') AS carried,
    bool_or(fact = 'by_name') AS by_name
  FROM address_fact
  GROUP BY address_id
  HAVING bool_or(fact = 'suppressed')
),
judged AS (
  SELECT
    address_id,
    CASE
      WHEN NOT read THEN 'address_unread'
      WHEN not_listed THEN 'not_listed'
      WHEN held AND NOT subscribed AND same_address THEN NULL
      WHEN held AND by_name THEN 'address_subscribed'
      WHEN listed THEN NULL
      WHEN held THEN 'address_subscribed'
      WHEN by_name THEN 'address_absent'
      WHEN NOT covered THEN 'claimant_missing'
      WHEN carried THEN 'address_not_taken'
    END AS reason
  FROM known
)
SELECT address_id, a.email_key, reason FROM judged JOIN address a USING (address_id) WHERE reason IS NOT NULL;

DROP TABLE address_fact;
