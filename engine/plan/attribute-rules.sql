-- What may be sent as an attribute, and how. Variables: phone_identifies, reserved_names.

-- How a time becomes unix seconds (reference/customerio.md §1.1): of a number by its digits, seconds or milliseconds, of
-- years from 1973 on; of an ISO 8601 time, also without seconds or with a space before the zone, as Iterable writes it.
-- What is written day first or month first says nothing for sure and stays here.
CREATE OR REPLACE TEMP MACRO iso_time(value) AS
  regexp_replace(regexp_replace(value, '([T ]\d{2}:\d{2})($|[^:\d])', '\1:00\2'), ' +([-+]\d)', '\1');
CREATE OR REPLACE TEMP MACRO unix_seconds(value) AS CASE
  WHEN regexp_full_match(value, '\d{9,11}(\.\d+)?') THEN floor(value::DOUBLE)::BIGINT
  WHEN regexp_full_match(value, '\d{12,13}') THEN value::BIGINT // 1000
  WHEN regexp_matches(value, '^\d{4}-\d{2}-\d{2}')
    THEN nullif(greatest(floor(epoch(TRY_CAST(iso_time(value) AS TIMESTAMPTZ)))::BIGINT, 0), 0)
END;

-- The JSON that goes along.
CREATE OR REPLACE TEMP MACRO sent_value(destination, value_text, value_json) AS
  CASE destination WHEN 'created_at' THEN unix_seconds(value_text)::VARCHAR ELSE value_json::VARCHAR END;

-- Why one value stays here; null: it goes along under that name.
CREATE OR REPLACE TEMP MACRO reason_to_stay(destination, value_text, value_json) AS CASE
  WHEN destination IS NULL THEN 'by_choice'
  WHEN regexp_matches(destination, getvariable('reserved_names')) THEN 'reserved'
  WHEN destination = 'phone' AND getvariable('phone_identifies') THEN 'identifier_there'
  WHEN destination = 'created_at' AND unix_seconds(value_text) IS NULL THEN 'unreadable_time'
  WHEN strlen(destination) > getvariable('attribute_name_bytes') THEN 'long_name'
  WHEN strlen(CASE json_type(value_json) WHEN 'VARCHAR' THEN value_text ELSE value_json::VARCHAR END)
    > getvariable('attribute_value_bytes') THEN 'long_value'
END;
