import { Button, Group, Table, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AttributeMapping, AttributePreview } from "../../contract/destination.ts";
import { formatCount, formatNumber } from "../shared/format.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

/** Under which names attributes go to Customer.io, with examples as they are sent. For a plan that is up to date. */
export function AttributesSection() {
  const { engine } = useClients();
  const current = useQuery({ queryKey: ["attributes"], queryFn: () => engine.destination.attributes() });
  const mapping = useTask((given: AttributeMapping) => engine.destination.mapAttributes([given]));
  if (current.isError) return <FailureNotice error={current.error} />;
  const attributes = current.data ?? [];
  if (attributes.length === 0) return null;
  const going = attributes.filter(({ destination }) => destination !== null).length;
  return (
    <Section
      title="Attributes"
      explanation={`${formatCount(going, "attribute")} of profiles ${going === 1 ? "goes" : "go"} to Customer.io; change the name under which one goes, or leave it here. Times for created_at become unix seconds. sendgate_source goes with every profile, so that campaigns can leave the import out.`}
    >
      {mapping.isError && <FailureNotice error={mapping.error} />}
      <ScrollRegion label="Table of attributes">
        <Table fz="sm" verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Attribute</Table.Th>
              <Table.Th className="number">People</Table.Th>
              <Table.Th>Values, as sent</Table.Th>
              <Table.Th>Name in Customer.io</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {attributes.map((attribute) => (
              <Table.Tr key={attribute.name}>
                <Table.Td>{attribute.name}</Table.Td>
                <Table.Td className="number">{formatNumber(attribute.persons)}</Table.Td>
                <Table.Td>
                  {attribute.examples.map(({ value, sent }) => (
                    <div key={value} className={sent === null ? "dimmed" : undefined}>
                      {sent === null ? `${value} (stays here)` : sent}
                    </div>
                  ))}
                  {attribute.stays && <div className="dimmed small">{attribute.stays}</div>}
                </Table.Td>
                <Table.Td>
                  <Destination
                    key={attribute.destination}
                    attribute={attribute}
                    pending={mapping.isPending && mapping.variables.name === attribute.name}
                    onMap={(destination) => mapping.mutate({ name: attribute.name, destination })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </Section>
  );
}

interface DestinationProps {
  attribute: AttributePreview;
  pending: boolean;
  onMap: (destination: string | null) => void;
}

function Destination({ attribute: { name, destination }, pending, onMap }: DestinationProps) {
  const activity = useActivity();
  const [written, setWritten] = useState(destination ?? "");
  const wanted = written.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== "") onMap(wanted);
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          w={170}
          aria-label={`Name in Customer.io for ${name}`}
          placeholder="stays here"
          value={written}
          onChange={(event) => setWritten(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          aria-label={`Save the name for ${name}`}
          disabled={activity !== null || wanted === "" || wanted === destination}
          loading={pending}
        >
          Save
        </Button>
        {destination !== null && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Leave ${name} out`}
            disabled={activity !== null || pending}
            onClick={() => onMap(null)}
          >
            Leave out
          </Button>
        )}
      </Group>
    </form>
  );
}
