import { sourceNames } from "../../contract/source.ts";
import { limits } from "../../customerio/limits.ts";
import { reservedNames } from "../../customerio/reserved-names.ts";
import { factVariables, type WorkspaceFacts } from "../destination/workspace-facts.ts";
import macros from "./attribute-rules.sql";

/** SQL that lays down what may be sent as an attribute to a workspace of which `facts` are known, and how; for one connection. */
export function attributeRules(facts: WorkspaceFacts | null): string {
  return `
    SET TimeZone = 'UTC';
    SET VARIABLE attribute_name_bytes = ${limits.attributeNameBytes};
    SET VARIABLE attribute_value_bytes = ${limits.attributeValueBytes};
    SET VARIABLE bookkeeping = '^(${sourceNames.join("|")})\\.';
    SET VARIABLE reserved_names = '${reservedNames.source}';
    ${factVariables(facts)}
    ${macros}`;
}
