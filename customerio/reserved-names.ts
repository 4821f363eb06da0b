/**
 * Attribute names that would change who somebody is or whether he gets mail (reference/customerio.md §1.4, §1.9), that
 * Customer.io fills itself (`_last_emailed`, `_created_in_customerio_at`), or that say where a profile came from. Spaces
 * around a name count for nothing, since they may be trimmed over there. For JavaScript and DuckDB alike.
 */
export const reservedNames = /^\s*(?:_|cio_|sendgate_|(?:id|email|anonymous_id|unsubscribed)?\s*$)/;
