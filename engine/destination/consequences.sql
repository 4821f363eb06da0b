-- What the conflicts and the decisions on them mean for the plan.

CREATE OR REPLACE TABLE destination_fate AS
WITH acted AS (
  SELECT *, coalesce(nullif(decision, 'accept'), suggestion) AS action FROM destination_conflict
)
SELECT
  person_id,
  bool_or(action = 'hold') AS held,
  bool_or(code <> 'UNSUBSCRIBED_THERE' AND action IN ('hold', 'without_email')) AS without_email,
  -- The stub becomes part of the profile, or stays beside it as the same person: what it knows of consent must not be lost
  -- on the way.
  bool_or(code = 'EMAIL_STUB' AND there_unsubscribed) AS unsubscribed_there
FROM acted
GROUP BY person_id;

-- Nothing that is written about somebody who stays home may carry the address: it would change identifiers over there
-- or merge people, which nobody can undo.
CREATE OR REPLACE TEMP TABLE dropped_email AS
SELECT e.person_id, e.address_id, e.send
FROM planned_email e
JOIN destination_fate f USING (person_id)
JOIN planned_person p USING (person_id)
WHERE f.without_email AND p.user_id IS NOT NULL;

DELETE FROM planned_email WHERE person_id IN (SELECT person_id FROM dropped_email);

-- Suppressed addresses among them are then written on their own: by name where somebody has the address, so that
-- whoever it is is unsubscribed; else as addresses without a person are.
CREATE OR REPLACE TEMP TABLE dropped_suppression AS
SELECT DISTINCT
  d.address_id,
  d.send IN (
    SELECT value FROM destination_profile WHERE workspace_id = getvariable('workspace_id') AND kind = 'email'
  ) AS is_there
FROM dropped_email d
SEMI JOIN suppression s ON s.address_id = d.address_id
ANTI JOIN planned_listing l ON l.address_id = d.address_id;

INSERT INTO address_alone
SELECT address_id FROM dropped_suppression
WHERE NOT is_there AND address_id NOT IN (SELECT address_id FROM address_alone);

INSERT INTO planned_listing
SELECT address_id, 'esp_bounces' FROM dropped_suppression
WHERE NOT is_there AND getvariable('lead_suppression') = 'esp';

INSERT INTO address_by_name
SELECT address_id FROM dropped_suppression
WHERE (is_there OR getvariable('lead_suppression') = 'profile')
  AND address_id NOT IN (SELECT address_id FROM address_by_name);
