import { Table } from "@mantine/core";
import type { Proof, ProofCount } from "../../contract/certificate.ts";
import { formatNumber } from "../shared/format.ts";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { levelWords, sourceTitles } from "../shared/words.ts";

const subjectWords: Record<ProofCount["subject"], string> = { address: "Addresses", person: "People" };

/** How many suppressed addresses and people got how far. Where a row's numbers are equal, nobody was lost on the way. */
export function ProofTable({ totals, bySource }: Pick<Proof, "totals" | "bySource">) {
  return (
    <ScrollRegion label="Exported, planned, uploaded and read back">
      <Table fz="sm" aria-label="Exported, planned, uploaded and read back">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Suppressed</Table.Th>
            <Table.Th>Source</Table.Th>
            <Table.Th>Reason</Table.Th>
            <Table.Th className="number">Exported</Table.Th>
            <Table.Th className="number">Planned</Table.Th>
            <Table.Th className="number">Uploaded</Table.Th>
            <Table.Th className="number">Read back</Table.Th>
          </Table.Tr>
        </Table.Thead>
        {totals.map((total) => (
          <Table.Tbody key={total.subject}>
            {bySource
              .filter(({ subject }) => subject === total.subject)
              .map((row) => (
                <Table.Tr key={`${row.source} ${row.reason}`}>
                  <Table.Td>{subjectWords[row.subject]}</Table.Td>
                  <Table.Td>{sourceTitles[row.source]}</Table.Td>
                  <Table.Td>{levelWords[row.reason]}</Table.Td>
                  <Counts of={row} />
                </Table.Tr>
              ))}
            <Table.Tr className="proof-total">
              <Table.Th scope="row">{subjectWords[total.subject]}</Table.Th>
              <Table.Td colSpan={2}>All, each counted once</Table.Td>
              <Counts of={total} />
            </Table.Tr>
          </Table.Tbody>
        ))}
      </Table>
    </ScrollRegion>
  );
}

function Counts({ of: { exported, planned, uploaded, readBack } }: { of: ProofCount }) {
  const differs = (count: number) => (count === exported ? "number" : "number proof-differs");
  return (
    <>
      <Table.Td className="number">{formatNumber(exported)}</Table.Td>
      <Table.Td className={differs(planned)}>{formatNumber(planned)}</Table.Td>
      <Table.Td className={differs(uploaded)}>{formatNumber(uploaded)}</Table.Td>
      <Table.Td className={differs(readBack)}>{formatNumber(readBack)}</Table.Td>
    </>
  );
}
