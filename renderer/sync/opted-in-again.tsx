import { Button } from "@mantine/core";
import type { OptedInAgain } from "../../contract/pulls.ts";
import { formatCount, formatTime } from "../shared/format.ts";
import { Waiting } from "../shared/loaded.tsx";
import { LongTable, type LongTableColumn } from "../shared/long-table.tsx";
import { FailureNotice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { usePagedRows } from "../shared/paged-rows.ts";
import { levelWords, sourceTitles, wordsFor } from "../shared/words.ts";
import { useClients } from "../shell/clients-context.tsx";

const levels = (codes: string[]) => codes.map((code) => wordsFor<string>(levelWords, code)).join(", ");

const columns: LongTableColumn<OptedInAgain>[] = [
  {
    title: "Person",
    width: "minmax(0, 2.4fr)",
    cell: ({ email, userId }) => {
      const words = [email, userId].filter((part) => part !== null).join(", ");
      return <span title={words}>{words}</span>;
    },
  },
  { title: "Source", width: "110px", cell: ({ source }) => sourceTitles[source] },
  {
    title: "Before",
    width: "minmax(0, 2fr)",
    cell: ({ before }) => <span title={levels(before)}>{levels(before)}</span>,
  },
  {
    title: "Now",
    width: "minmax(0, 2fr)",
    cell: ({ now }) => <span title={levels(now)}>{levels(now) || "Nothing"}</span>,
  },
  { title: "Noticed", width: "170px", cell: ({ noticedAt }) => formatTime(noticedAt) },
];

/** People who opted out and now read as opted in. They are shown and never lifted. */
export function OptedInAgainList() {
  const { engine } = useClients();
  const rows = usePagedRows<OptedInAgain>(["opted-in-again"], async (range) => {
    const { total, people } = await engine.sources.optedInAgain(range);
    return { total, rows: people };
  });
  return (
    <Section
      title="Opted in again"
      explanation="They had opted out and now read as opted in at their source. That can be their wish, or an import that overwrote it: Sendgate cannot tell, so they stay suppressed. Who is sure can subscribe a person in Customer.io by hand."
      {...(rows.total !== null &&
        rows.total > 0 && {
          aside: <span className="dimmed small">{formatCount(rows.total, "person", "people")}</span>,
        })}
    >
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
      {rows.total === null && rows.error === null && <Waiting>Reading who opted in again…</Waiting>}
      {rows.total === 0 && (
        <div className="empty">
          <p>Nobody.</p>
        </div>
      )}
      {rows.total !== null && rows.total > 0 && (
        <LongTable
          label="People who opted in again"
          columns={columns}
          total={rows.total}
          row={rows.row}
          onRange={rows.onRange}
          height={320}
        />
      )}
    </Section>
  );
}
