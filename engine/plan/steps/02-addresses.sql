-- How each suppressed address is reached.

-- Addresses on an ESP list, whoever holds them.
CREATE OR REPLACE TABLE planned_listing AS
SELECT address_id, 'esp_spam_reports' AS mechanism FROM suppression WHERE has_complaint
UNION
SELECT address_id, 'esp_spam_reports' FROM forgotten_address
UNION
SELECT address_id, CASE WHEN is_invalid_address THEN 'esp_invalid_emails' ELSE 'esp_bounces' END
FROM suppression
WHERE has_hard_bounce;

-- Suppressed addresses that no suppressed person with an id stands for: leads, and persons whose id cannot be written.
-- Every suppressed address is a person's, on a list, or here; none falls through.
CREATE OR REPLACE TABLE address_alone AS
SELECT s.address_id
FROM suppression s
ANTI JOIN forgotten_address f ON f.address_id = s.address_id
ANTI JOIN (
  SELECT c.address_id FROM person_address c JOIN planned_person p USING (person_id)
  WHERE p.suppressed AND p.has_id AND NOT p.is_forgotten
) standing ON standing.address_id = s.address_id
WHERE s.address_id NOT IN (SELECT address_id FROM planned_listing)
  OR s.address_id IN (
    SELECT c.address_id FROM person_address c JOIN planned_person p USING (person_id) WHERE p.suppressed
  );

-- The operator wants no billed profile for them: the ESP list alone.
INSERT INTO planned_listing
SELECT address_id, 'esp_bounces'
FROM address_alone
WHERE getvariable('lead_suppression') = 'esp'
  AND address_id NOT IN (SELECT address_id FROM planned_listing);

-- Addresses that get `unsubscribed: true` by their own name.
CREATE OR REPLACE TABLE address_by_name AS
SELECT address_id FROM address_alone WHERE getvariable('lead_suppression') = 'profile'
UNION
SELECT a.address_id
FROM uncovered_address u
JOIN address a USING (email_key)
JOIN suppression USING (address_id)
ANTI JOIN forgotten_address f ON f.address_id = a.address_id
WHERE u.workspace_id = getvariable('workspace_id');

-- Which addresses a profile may carry. A suppressed one only where it is unsubscribed in the same call or on an ESP list.
CREATE OR REPLACE TABLE planned_email AS
SELECT p.person_id, p.primary_address_id AS address_id, a.email_key, spelled.send
FROM planned_person p
JOIN address a ON a.address_id = p.primary_address_id
JOIN address_spelling spelled ON spelled.address_id = p.primary_address_id
ANTI JOIN forgotten_address f ON f.address_id = p.primary_address_id
WHERE p.suppressed
  OR p.primary_address_id NOT IN (SELECT address_id FROM suppression)
  OR p.primary_address_id IN (SELECT address_id FROM planned_listing);
