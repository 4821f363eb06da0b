import { Table } from "@mantine/core";
import type { Rehearsal, Stage, StageRun } from "../../contract/workspaces.ts";
import { formatNumber, formatSpan, formatTime } from "../shared/format.ts";
import { Hash } from "../shared/hash.tsx";
import { Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { windowWords } from "../shared/window-words.ts";
import { useRehearsal } from "../shell/queries.ts";

const stageWords: Record<Stage, string> = {
  practice: "Simulator",
  staging: "Staging",
  production: "Production",
};

/** Where each plan was written to so far, and what differed in production. Shows nothing before the first upload. */
export function RehearsalSection() {
  const { data } = useRehearsal();
  if (!data) return null;
  const runs = data.stages.flatMap(({ stage, runs }) => runs.map((run) => ({ stage, run })));
  if (runs.length === 0) return null;
  return (
    <Section
      title="Rehearsal"
      explanation="The same plan is written to staging first, then to production. What differs shows here."
    >
      <Table fz="sm" aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Where</Table.Th>
            <Table.Th>Plan</Table.Th>
            <Table.Th className="number">Delivered</Table.Th>
            <Table.Th className="number">Refused</Table.Th>
            <Table.Th className="number">Read back</Table.Th>
            <Table.Th className="number">Missing</Table.Th>
            <Table.Th className="number">Time</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map(({ stage, run }) => (
            <RunRow key={`${stage} ${run.planHash} ${run.workspaceId}`} stage={stage} run={run} />
          ))}
        </Table.Tbody>
      </Table>
      <Outcome rehearsal={data} />
    </Section>
  );
}

function RunRow({ stage, run }: { stage: Stage; run: StageRun }) {
  const { suppressions, readBack } = run;
  const shown = (count: number | undefined) => (count === undefined ? "–" : formatNumber(count));
  return (
    <Table.Tr>
      <Table.Td>
        {stageWords[stage]}
        {run.simulated && stage !== "practice" && ", simulated"}
        <div className="dimmed small">{formatTime(run.at)}</div>
      </Table.Td>
      <Table.Td>
        <Hash hash={run.planHash} name="plan hash" />
      </Table.Td>
      <Table.Td className="number">{shown(suppressions?.delivered)}</Table.Td>
      <Table.Td className="number">{shown(suppressions?.failed)}</Table.Td>
      <Table.Td className="number">{shown(readBack?.covered)}</Table.Td>
      <Table.Td className="number">{shown(readBack?.missing)}</Table.Td>
      <Table.Td className="number">{formatSpan(run.seconds)}</Table.Td>
    </Table.Tr>
  );
}

function Outcome({ rehearsal }: { rehearsal: Rehearsal }) {
  const { rehearsedIn, differences, warning } = rehearsal;
  if (warning !== null) {
    return (
      <Notice kind="attention" title="Not rehearsed">
        {windowWords(warning)}
      </Notice>
    );
  }
  if (rehearsedIn === null || differences.length === 0) return null;
  return (
    <Table fz="sm" aria-label="What differed in production">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What differed</Table.Th>
          <Table.Th className="number">{stageWords[rehearsedIn]}</Table.Th>
          <Table.Th className="number">Production</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {differences.map(({ what, rehearsed, production }) => (
          <Table.Tr key={what}>
            <Table.Td>{what}</Table.Td>
            <Table.Td className="number">{rehearsed}</Table.Td>
            <Table.Td className="number">{production}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
