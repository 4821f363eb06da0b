import { Table } from "@mantine/core";
import type { Plan } from "../../contract/delivery.ts";
import { formatBytes, formatNumber } from "../shared/format.ts";
import { mechanismWords } from "../shared/words.ts";

/** What is written in each way that Customer.io has of not mailing somebody. */
export function MechanismTable({ suppressions }: Pick<Plan, "suppressions">) {
  const used = suppressions.byMechanism.filter(({ operations }) => operations > 0);
  if (used.length === 0) {
    return (
      <div className="empty">
        <p>Nobody is suppressed, so nothing is written.</p>
      </div>
    );
  }
  return (
    <Table fz="sm" aria-label="What is written">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What is written</Table.Th>
          <Table.Th className="number">Writes</Table.Th>
          <Table.Th className="number">Data</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {used.map(({ mechanism, operations, bytes }) => (
          <Table.Tr key={mechanism}>
            <Table.Td>
              {mechanismWords[mechanism].title}
              <div className="dimmed small">{mechanismWords[mechanism].explanation}</div>
            </Table.Td>
            <Table.Td className="number">{formatNumber(operations)}</Table.Td>
            <Table.Td className="number">{formatBytes(bytes)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
