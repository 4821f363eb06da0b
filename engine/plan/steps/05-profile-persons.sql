-- Persons who get a profile. A lead is nothing but its address. Who meets somebody else there stays home until decided.
CREATE OR REPLACE TABLE profile_person AS
SELECT p.*, e.email_key, e.send, coalesce(f.unsubscribed_there, false) AS unsubscribed_there
FROM planned_person p
LEFT JOIN planned_email e USING (person_id)
LEFT JOIN destination_fate f USING (person_id)
WHERE NOT p.is_forgotten
  AND NOT coalesce(f.held, false)
  AND (
    p.has_id
    OR (
      p.user_id IS NULL AND NOT p.is_ambiguous AND e.send IS NOT NULL
      AND NOT (p.suppressed AND getvariable('lead_suppression') = 'esp')
    )
  );

-- Attributes that stay here, filled by the next step: why, and of how many persons.
CREATE OR REPLACE TABLE attribute_left_out (left_out VARCHAR, name VARCHAR, persons INTEGER);
