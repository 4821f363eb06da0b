import { Table } from "@mantine/core";
import type { PullStream } from "../../contract/pulls.ts";
import { formatNumber } from "../shared/format.ts";
import { ScrollRegion } from "../shared/scroll-region.tsx";

interface PullStreamsProps {
  /** The table's name for screen readers. */
  label: string;
  streams: PullStream[];
}

/** Every part of an export with the numbers that prove it complete. */
export function PullStreams({ label, streams }: PullStreamsProps) {
  return (
    <ScrollRegion label={label} maxHeight={320}>
      <Table fz="sm" verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Part</Table.Th>
            <Table.Th className="number">Declared</Table.Th>
            <Table.Th className="number">Received</Table.Th>
            <Table.Th className="number">Rejected</Table.Th>
            <Table.Th>Read to its end</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {streams.map((stream) => (
            <Table.Tr key={stream.id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {capitalised(stream.title)}
                {stream.carriesSuppressions && <span className="dimmed">, opt-outs</span>}
              </Table.Td>
              <Table.Td className="number">
                {stream.declared === null ? (
                  <span className="dimmed">not said</span>
                ) : (
                  formatNumber(stream.declared)
                )}
              </Table.Td>
              <Table.Td className="number">{formatNumber(stream.received)}</Table.Td>
              <Table.Td className="number">{formatNumber(stream.rejected)}</Table.Td>
              <Table.Td>{stream.complete ? "Yes" : <strong className="pull-open">Not yet</strong>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollRegion>
  );
}

function capitalised(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
