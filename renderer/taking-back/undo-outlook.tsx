import { Table } from "@mantine/core";
import type { UndoOutlook } from "../../contract/workspaces.ts";
import { formatNumber } from "../shared/format.ts";

/** What of the plan can be taken back once it is written, and why the rest cannot. */
export function UndoOutlookTable({ outlook: { takeBack, final } }: { outlook: UndoOutlook }) {
  if (takeBack.length + final.length === 0) return null;
  return (
    <Table fz="sm" aria-label="What can be taken back and what cannot">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What the plan writes</Table.Th>
          <Table.Th className="number">Writes</Table.Th>
          <Table.Th>Can it be taken back?</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {takeBack.map(({ what, operations }) => (
          <Table.Tr key={what}>
            <Table.Td>{what}</Table.Td>
            <Table.Td className="number">{formatNumber(operations)}</Table.Td>
            <Table.Td>
              <strong>Yes, below.</strong> What stood on the list before this migration stays there.
            </Table.Td>
          </Table.Tr>
        ))}
        {final.map(({ what, operations, why }) => (
          <Table.Tr key={what}>
            <Table.Td>{what}</Table.Td>
            <Table.Td className="number">{formatNumber(operations)}</Table.Td>
            <Table.Td>
              <strong>No.</strong> {why}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
