import { Button, Group, Modal, Radio, Select, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Reject, SourceFile } from "../../contract/sources.ts";
import { ExportButton } from "../shared/export-button.tsx";
import { Particulars } from "../shared/figures.tsx";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { Waiting } from "../shared/loaded.tsx";
import { LongTable, type LongTableColumn } from "../shared/long-table.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { usePagedRows } from "../shared/paged-rows.ts";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { windowWords } from "../shared/window-words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

const columns: LongTableColumn<Reject>[] = [
  { title: "File", width: "minmax(0, 2fr)", cell: ({ file }) => <span title={file}>{file}</span> },
  { title: "Line", width: "84px", cell: ({ line }) => formatNumber(line) },
  {
    title: "Reason",
    width: "minmax(0, 3fr)",
    cell: ({ reason }) => <span title={windowWords(reason)}>{windowWords(reason)}</span>,
  },
  { title: "Row", width: "minmax(0, 3fr)", cell: ({ row }) => <code title={row}>{row}</code> },
  {
    title: "Accepted",
    width: "minmax(0, 1.4fr)",
    cell: ({ acceptedAt, acceptedReason }) =>
      acceptedAt === null ? (
        "No"
      ) : (
        <span title={`${formatTime(acceptedAt)}: ${acceptedReason ?? ""}`}>Yes: {acceptedReason}</span>
      ),
  },
];

/** Rows that could not be read. They are mended and imported again, or accepted with a reason. */
export function RejectedRows({ files }: { files: SourceFile[] }) {
  const { engine } = useClients();
  const activity = useActivity();
  const [accepting, setAccepting] = useState(false);
  const [opened, setOpened] = useState<Reject | null>(null);
  const rows = usePagedRows<Reject>(["rejects"], async (range) => {
    const { total, rejects } = await engine.sources.rejects(range);
    return { total, rows: rejects };
  });
  const rejected = files.reduce((sum, file) => sum + file.rejected, 0);
  const open = files.reduce((sum, file) => sum + file.rejectedOpen, 0);
  const locking = files
    .filter((file) => file.carriesSuppressions && file.replacedBy === null)
    .reduce((sum, file) => sum + file.rejectedOpen, 0);
  if (files.length === 0) return null;
  if (rejected === 0) {
    return (
      <Section title="Rejected rows">
        <div className="empty">
          <p>None. Every row of every file was read.</p>
        </div>
      </Section>
    );
  }
  return (
    <Section
      title="Rejected rows"
      explanation={`${formatCount(rejected, "row")} could not be read, ${
        open === 0
          ? "all of them accounted for."
          : `${formatNumber(open)} of them not accounted for. Mend them where they come from and bring them in again, or accept them with a reason.`
      }`}
      aside={
        <>
          <ExportButton
            title="Save the rejected rows"
            defaultName="rejected-rows.csv"
            write={(file) => engine.sources.exportRejects({ file })}
          >
            Export…
          </ExportButton>
          <Button
            size="xs"
            variant="default"
            disabled={open === 0 || activity !== null}
            onClick={() => setAccepting(true)}
          >
            Accept…
          </Button>
        </>
      }
    >
      {locking > 0 && (
        <Notice
          kind="attention"
          title={`${formatCount(locking, "rejected row")} could be ${locking === 1 ? "an opt-out" : "opt-outs"}, so the gate stays locked.`}
        />
      )}
      {rows.error !== null && (
        <FailureNotice
          error={rows.error}
          actions={
            <Button size="xs" variant="default" onClick={rows.retry}>
              Try again
            </Button>
          }
        />
      )}
      {rows.total === null && rows.error === null && <Waiting>Reading the rejected rows…</Waiting>}
      {rows.total !== null && (
        <>
          <LongTable
            label="Rejected rows"
            columns={columns}
            total={rows.total}
            row={rows.row}
            onRange={rows.onRange}
            onOpen={(index) => setOpened(rows.row(index))}
            height={320}
          />
          <p className="dimmed small" style={{ margin: 0 }}>
            Arrow keys move, Enter opens the whole row.
          </p>
        </>
      )}
      <Modal opened={opened !== null} onClose={() => setOpened(null)} title="Rejected row" size="lg">
        {opened && <WholeRow reject={opened} />}
      </Modal>
      {accepting && (
        <AcceptRejects
          files={files.filter((file) => file.rejectedOpen > 0)}
          open={open}
          onClose={() => setAccepting(false)}
        />
      )}
    </Section>
  );
}

function WholeRow({ reject: { file, line, reason, row, acceptedAt, acceptedReason } }: { reject: Reject }) {
  return (
    <Stack gap="sm">
      <Particulars
        items={[
          ["File", file],
          ["Line", formatNumber(line)],
          ["Reason", windowWords(reason)],
          ["Accepted", acceptedAt === null ? "No" : `${formatTime(acceptedAt)}: ${acceptedReason ?? ""}`],
        ]}
      />
      <ScrollRegion label="The row as it stands in the file" maxHeight={240}>
        <code style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{row}</code>
      </ScrollRegion>
    </Stack>
  );
}

/** The word that the contract takes for the rejected rows of every file. */
const allFiles = "all";

function AcceptRejects({ files, open, onClose }: { files: SourceFile[]; open: number; onClose: () => void }) {
  const { engine } = useClients();
  const [which, setWhich] = useState<"all" | "file">("all");
  const [file, setFile] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const accepting = useTask(async (chosen: string) => {
    await engine.sources.acceptRejects({ file: chosen, reason: reason.trim() });
    onClose();
  });
  const chosen = which === "all" ? allFiles : file;
  return (
    <Modal opened onClose={onClose} title="Accept rejected rows">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== null && reason.trim()) accepting.mutate(chosen);
        }}
      >
        <Stack>
          <p style={{ margin: 0 }}>
            Accepted rows stay out of the migration. If one of them was an opt-out, it is lost, so look at
            them first.
          </p>
          <Radio.Group label="Accept" value={which} onChange={(value) => setWhich(value as typeof which)}>
            <Stack gap="xs" mt="xs">
              <Radio value="all" label={`All ${formatCount(open, "open row")}`} />
              <Radio value="file" label="The rows of one file" />
            </Stack>
          </Radio.Group>
          {which === "file" && (
            <Select
              label="File"
              placeholder="Choose…"
              data={[...new Set(files.map(({ name }) => name))]}
              value={file}
              allowDeselect={false}
              onChange={setFile}
            />
          )}
          <Textarea
            label="Reason"
            description="Kept on record with each row."
            value={reason}
            autosize
            minRows={2}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {accepting.isError && <FailureNotice error={accepting.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={chosen === null || !reason.trim()} loading={accepting.isPending}>
              Accept
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
