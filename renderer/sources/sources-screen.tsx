import { Button } from "@mantine/core";
import { useState } from "react";
import type { FilePreview, ImportReport, ImportRequest } from "../../contract/sources.ts";
import { formatCount } from "../shared/format.ts";
import { Loaded, Waiting } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page } from "../shared/page.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import type { Practice } from "../shell/opened-project.ts";
import { useSourceFiles, useTask } from "../shell/queries.ts";
import type { Step } from "../shell/steps.ts";
import { AddFiles } from "./add-files.tsx";
import { CheckFiles } from "./check-files.tsx";
import { joinReports } from "./file-choices.ts";
import { ImportResult } from "./import-result.tsx";
import { ImportedFiles } from "./imported-files.tsx";
import { RejectedRows } from "./rejected-rows.tsx";

interface SourcesScreenProps {
  practice: Practice | null;
  /** What the last import of this window brought. */
  imported: ImportReport | null;
  onImported: (report: ImportReport | null) => void;
  onGo: (step: Step) => void;
}

/** Step 2: the export files of the vendors, and the rows of them that could not be read. */
export function SourcesScreen({ practice, imported, onImported, onGo }: SourcesScreenProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const files = useSourceFiles();
  const [previews, setPreviews] = useState<FilePreview[] | null>(null);

  const previewing = useTask(async (paths: string[]) => {
    setPreviews(null);
    setPreviews(await engine.sources.preview({ files: paths }));
  });
  const importing = useTask(async (requests: ImportRequest[]) => {
    const reports: ImportReport[] = [];
    try {
      for (const request of requests) reports.push(await engine.sources.importFiles(request));
    } finally {
      // What came in before a failure counts and is shown.
      if (reports.length > 0) onImported(joinReports(reports));
    }
    setPreviews(null);
  });
  const practiceFiles = practice?.exports ?? [];

  return (
    <Page
      title="Sources"
      lead="Bring in the export files of your old tools. A row that cannot be read is never skipped in silence: it is listed here, and it keeps the gate locked if it could be an opt-out."
    >
      {practiceFiles.length > 0 && files.data?.length === 0 && (
        <Notice
          kind="info"
          title="The practice people’s export files are ready."
          actions={
            <Button
              disabled={activity !== null}
              loading={importing.isPending && importing.variables === practiceFiles}
              onClick={() => importing.mutate(practiceFiles)}
            >
              Import the practice files
            </Button>
          }
        >
          {formatCount(practiceFiles.flatMap(({ files }) => files).length, "file")}: exports as Mailchimp,
          Klaviyo and Iterable hand them out, and a do-not-mail list.
        </Notice>
      )}

      {previews ? (
        <CheckFiles
          previews={previews}
          importing={importing.isPending}
          disabled={activity !== null}
          onImport={(requests) => importing.mutate(requests)}
          onCancel={() => setPreviews(null)}
        />
      ) : (
        <AddFiles
          disabled={activity !== null || importing.isPending}
          onFiles={(paths) => previewing.mutate(paths)}
        />
      )}
      {previewing.isPending && <Waiting>Looking at the files…</Waiting>}
      {previewing.isError && <FailureNotice error={previewing.error} />}
      {importing.isError && <FailureNotice error={importing.error} />}

      <Loaded query={files} waiting="Reading the list of files…">
        {(list) => (
          <>
            {imported && (
              <ImportResult report={imported} files={list} onClose={() => onImported(null)} onGo={onGo} />
            )}
            <ImportedFiles files={list} />
            <RejectedRows files={list} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
