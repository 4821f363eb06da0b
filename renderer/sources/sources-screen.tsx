import { Button } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../contract/project.ts";
import type { FilePreview, ImportReport, ImportRequest } from "../../contract/sources.ts";
import { fileName, formatCount } from "../shared/format.ts";
import { Loaded, Waiting } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page } from "../shared/page.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import type { Practice } from "../shell/opened-project.ts";
import { useSourceFiles, useTask } from "../shell/queries.ts";
import { isPulled, type Step } from "../shell/steps.ts";
import { AddFiles } from "./add-files.tsx";
import { ApiSources } from "./api-sources.tsx";
import { CheckFiles } from "./check-files.tsx";
import { joinReports } from "./file-choices.ts";
import { ImportResult } from "./import-result.tsx";
import { ImportedFiles } from "./imported-files.tsx";
import { RejectedRows } from "./rejected-rows.tsx";

interface SourcesScreenProps {
  project: Project;
  practice: Practice | null;
  /** What the last import of this window brought. */
  imported: ImportReport | null;
  onImported: (report: ImportReport | null) => void;
  onGo: (step: Step) => void;
}

/** Step 2: what the old tools hold, over their APIs or from export files, and the rows that could not be read. */
export function SourcesScreen({ project, practice, imported, onImported, onGo }: SourcesScreenProps) {
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
  const practicePaths = practiceFiles.flatMap((request) => request.files);
  const offersPracticeFiles =
    practiceFiles.length > 0 &&
    !files.data?.some(({ source }) => practiceFiles.some((request) => request.source === source));

  return (
    <Page
      title="Sources"
      lead="Bring in everything that your old tools hold, over their APIs or from export files. A row that cannot be read is never skipped in silence: it is listed here, and it keeps the gate locked if it could be an opt-out."
    >
      <ApiSources practice={project.practice ? { started: practice } : null} onGo={onGo} />

      {offersPracticeFiles && (
        <Notice
          kind="info"
          title="What has no API is ready as export files."
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
          {formatCount(practicePaths.length, "file")}: {practicePaths.map(fileName).join(", ")}.
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
            <ImportedFiles files={list.filter((file) => !isPulled(file))} />
            {/* Rows of an export that a later one took in stand with the later one. */}
            <RejectedRows files={list.filter((file) => !(isPulled(file) && file.replacedBy !== null))} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
