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

CREATE OR REPLACE TABLE missing_list AS
SELECT l.address_id, l.mechanism
FROM planned_listing l
JOIN address a USING (address_id)
ANTI JOIN readback_listed e ON e.mechanism = l.mechanism AND lower(e.email_key) = lower(a.email_key);

CREATE OR REPLACE TABLE missing_address AS
WITH listed AS (
  SELECT DISTINCT a.address_id FROM address a JOIN readback_listed e ON lower(e.email_key) = lower(a.email_key)
),
holding AS (
  SELECT
    address_id,
    bool_and(unsubscribed) AS all_unsubscribed,
    bool_or(same_address) AS same_address
  FROM readback_holder
  GROUP BY address_id
),
-- Persons who stand for the address, and whether all of them are unsubscribed.
standing AS (
  SELECT c.address_id, bool_and(m.person_id IS NULL) AS covered
  FROM person_address c
  JOIN planned_person p USING (person_id)
  LEFT JOIN missing_person m USING (person_id)
  WHERE p.suppressed AND p.has_id AND NOT p.is_forgotten
  GROUP BY c.address_id
),
-- Addresses that a profile was told to carry.
carried AS (
  SELECT e.address_id FROM planned_email e JOIN planned_person p USING (person_id) WHERE p.suppressed AND p.has_id
),
judged AS (
  SELECT
    s.address_id,
    CASE
      WHEN r.address_id IS NULL THEN 'address_unread'
      WHEN s.address_id IN (SELECT address_id FROM missing_list) THEN 'not_listed'
      WHEN h.address_id IS NOT NULL AND h.all_unsubscribed AND h.same_address THEN NULL
      WHEN h.address_id IS NOT NULL AND n.address_id IS NOT NULL THEN 'address_subscribed'
      WHEN l.address_id IS NOT NULL THEN NULL
      WHEN h.address_id IS NOT NULL THEN 'address_subscribed'
      WHEN n.address_id IS NOT NULL THEN 'address_absent'
      WHEN NOT coalesce(st.covered, false) THEN 'claimant_missing'
      WHEN c.address_id IS NOT NULL THEN 'address_not_taken'
    END AS reason
  FROM suppression s
  LEFT JOIN readback_address r USING (address_id)
  LEFT JOIN holding h USING (address_id)
  LEFT JOIN listed l USING (address_id)
  LEFT JOIN standing st USING (address_id)
  LEFT JOIN (SELECT DISTINCT address_id FROM carried) c USING (address_id)
  LEFT JOIN address_by_name n USING (address_id)
)
SELECT address_id, a.email_key, reason FROM judged JOIN address a USING (address_id) WHERE reason IS NOT NULL;
