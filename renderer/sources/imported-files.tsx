import { Button, Table } from "@mantine/core";
import { useState } from "react";
import type { SourceFile } from "../../contract/sources.ts";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { Hash } from "../shared/hash.tsx";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { sourceTitles } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { ReplaceFile } from "./replace-file.tsx";

/** Every file that was imported, with the proof of its rows: imported and rejected add up. */
export function ImportedFiles({ files }: { files: SourceFile[] }) {
  const activity = useActivity();
  const [replacing, setReplacing] = useState<SourceFile | null>(null);
  const others = (file: SourceFile) =>
    files.filter(
      (other) => other.id !== file.id && other.source === file.source && other.replacedBy === null,
    );
  if (files.length === 0) {
    return (
      <Section title="Imported files">
        <div className="empty">
          <p>
            No file is imported yet. Add the exports of every tool that mailed your people and is not exported
            over its API.
          </p>
        </div>
      </Section>
    );
  }
  return (
    <Section
      title="Imported files"
      aside={<span className="dimmed small">{formatCount(files.length, "file")}</span>}
    >
      <ScrollRegion label="Table of imported files">
        <Table verticalSpacing={8} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>File</Table.Th>
              <Table.Th>Holds</Table.Th>
              <Table.Th className="number">Rows</Table.Th>
              <Table.Th className="number">Imported</Table.Th>
              <Table.Th className="number">Rejected</Table.Th>
              <Table.Th>Hash</Table.Th>
              <Table.Th>State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {files.map((file) => (
              <Table.Tr key={file.id}>
                <Table.Td style={{ minWidth: 200, overflowWrap: "anywhere" }}>
                  {file.name}
                  <div className="dimmed small">{formatTime(file.importedAt)}</div>
                </Table.Td>
                <Table.Td>
                  {sourceTitles[file.source]}
                  <div className="dimmed small">
                    {file.kind.replaceAll("_", " ")}
                    {file.carriesSuppressions && ", opt-outs"}
                  </div>
                </Table.Td>
                <Table.Td className="number">{formatNumber(file.rows)}</Table.Td>
                <Table.Td className="number">{formatNumber(file.imported)}</Table.Td>
                <Table.Td className="number">
                  {formatNumber(file.rejected)}
                  {file.rejectedOpen > 0 && (
                    <div className="dimmed small">{formatNumber(file.rejectedOpen)} open</div>
                  )}
                </Table.Td>
                <Table.Td>
                  <Hash hash={file.sha256} name={`hash of ${file.name}`} />
                </Table.Td>
                <Table.Td>
                  <FileState
                    file={file}
                    files={files}
                    {...(others(file).length > 0 &&
                      activity === null && { onReplace: () => setReplacing(file) })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {replacing && (
        <ReplaceFile earlier={replacing} candidates={others(replacing)} onClose={() => setReplacing(null)} />
      )}
    </Section>
  );
}

function FileState(props: { file: SourceFile; files: SourceFile[]; onReplace?: () => void }) {
  const { file, files, onReplace } = props;
  if (file.replacedBy !== null) {
    const by = files.find((other) => other.id === file.replacedBy);
    return <span className="dimmed">Replaced by {by?.name ?? `file ${file.replacedBy}`}</span>;
  }
  return (
    <>
      Counts
      {onReplace && (
        <div>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Replace ${file.name} by a newer file`}
            onClick={onReplace}
          >
            Replace…
          </Button>
        </div>
      )}
    </>
  );
}
