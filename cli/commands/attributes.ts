import { type Command, Option } from "commander";
import type { AttributeMapping, AttributePreview } from "../../contract/destination.ts";
import { badInput } from "../../contract/failure.ts";
import { onProject } from "../on-project.ts";
import { collect, json } from "../options.ts";
import { counted, tell } from "../output.ts";

/** `attributes`: under which names attributes go to Customer.io, with examples; and other names for them. */
export function addAttributesCommand(program: Command): void {
  program
    .command("attributes")
    .description("preview the attributes of profiles; send them under other names, or leave them here")
    .argument("<dir>")
    .addOption(
      new Option(
        "--map <attribute=name>",
        "send it under this name, e.g. klaviyo.Date Added=created_at",
      ).argParser(collect),
    )
    .addOption(new Option("--leave-out <attribute>", "leave it here").argParser(collect))
    .addOption(json())
    .action((folder: string, options: { map?: string[]; leaveOut?: string[]; json?: boolean }) =>
      onProject(folder, async (client) => {
        const mappings = [
          ...(options.map ?? []).map(parseMapping),
          ...(options.leaveOut ?? []).map((name) => ({ name, destination: null })),
        ];
        const attributes =
          mappings.length > 0
            ? await client.destination.mapAttributes(mappings)
            : await client.destination.attributes();
        tell(options.json, { attributes }, () => attributes.map(attributeWords).join("\n"));
      }),
    );
}

function attributeWords({ name, persons, destination, stays, examples }: AttributePreview): string {
  const shown = examples.map(({ value, sent }) =>
    sent === null ? `${value} (stays)` : sent === JSON.stringify(value) ? value : `${value} as ${sent}`,
  );
  const way = destination === null ? "stays here" : destination === name ? "goes" : `goes as ${destination}`;
  return [
    `${name} ${way}, ${counted(persons, "person", "people")}: ${shown.join("; ")}`,
    ...(stays === null ? [] : [`  ${stays}`]),
  ].join("\n");
}

/** The last `=` parts the two: an attribute's name may hold one, a good new name does not. */
function parseMapping(value: string): AttributeMapping {
  const parting = value.lastIndexOf("=");
  const [name, destination] = [value.slice(0, parting), value.slice(parting + 1)];
  if (parting <= 0 || destination === "") {
    throw badInput(
      "USAGE",
      `--map ${value} is not ATTRIBUTE=NAME.`,
      "For example --map klaviyo.Date Added=created_at, in quotes.",
    );
  }
  return { name, destination };
}
