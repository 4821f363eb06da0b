-- What may be sent as an attribute, and how. Variable: phone_identifies.

-- How a time becomes unix seconds (reference/customerio.md §1.1).
CREATE OR REPLACE TEMP MACRO plausible_seconds(seconds) AS
  CASE WHEN seconds > 999999999 AND seconds < 100000000000 THEN seconds END;
CREATE OR REPLACE TEMP MACRO unix_seconds(value) AS CASE
  WHEN regexp_full_match(value, '\d{10,11}') THEN plausible_seconds(value::BIGINT)
  WHEN regexp_matches(value, '^\d{4}-\d{2}-\d{2}') THEN plausible_seconds(epoch(TRY_CAST(value AS TIMESTAMPTZ))::BIGINT)
END;

-- Names that Customer.io reserves would change who somebody is or whether he gets mail.
CREATE OR REPLACE TEMP MACRO is_reserved(name) AS
  name IN ('', 'id', 'email', 'cio_id', 'anonymous_id', 'unsubscribed', '_update', '_timestamp')
  OR starts_with(name, 'cio_') OR starts_with(name, '_cio_') OR starts_with(name, 'sendgate_');

-- The JSON that goes along.
CREATE OR REPLACE TEMP MACRO sent_value(destination, value_text, value_json) AS
  CASE destination WHEN 'created_at' THEN unix_seconds(value_text)::VARCHAR ELSE value_json::VARCHAR END;

-- Why one value stays here; null: it goes along under that name.
CREATE OR REPLACE TEMP MACRO reason_to_stay(destination, value_text, value_json) AS CASE
  WHEN destination IS NULL THEN 'by_choice'
  WHEN is_reserved(destination) THEN 'reserved'
  WHEN destination = 'phone' AND getvariable('phone_identifies') THEN 'identifier_there'
  WHEN destination = 'created_at' AND unix_seconds(value_text) IS NULL THEN 'unreadable_time'
  WHEN strlen(destination) > getvariable('attribute_name_bytes') THEN 'long_name'
  WHEN strlen(CASE json_type(value_json) WHEN 'VARCHAR' THEN value_text ELSE value_json::VARCHAR END)
    > getvariable('attribute_value_bytes') THEN 'long_value'
END;
