import { Button } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { IconFileImport } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { useClients } from "../shell/clients-context.tsx";
import "./add-files.css";

interface AddFilesProps {
  disabled: boolean;
  /** Gets the paths of the chosen files. */
  onFiles: (paths: string[]) => void;
}

/** Files by dropping them or by the system's dialog. */
export function AddFiles({ disabled, onFiles }: AddFilesProps) {
  const { host } = useClients();
  const [notOnDisk, setNotOnDisk] = useState(false);
  const choosing = useMutation({
    mutationFn: () =>
      host.dialogs.openFiles({
        title: "Choose export files",
        filters: [{ name: "Exports", extensions: ["csv", "zip", "ndjson", "json", "jsonl", "txt"] }],
      }),
    onSuccess: (paths) => {
      if (paths.length > 0) onFiles(paths);
    },
  });
  return (
    <Section title="Add export files">
      <Dropzone
        className="add-files"
        disabled={disabled}
        activateOnClick={false}
        activateOnKeyboard={false}
        tabIndex={-1}
        inputProps={{ "aria-label": "Export files" }}
        onDrop={(files) => {
          const paths = files.map((file) => window.sendgate.pathForFile(file));
          setNotOnDisk(paths.includes(""));
          const onDisk = paths.filter((path) => path !== "");
          if (onDisk.length > 0) onFiles(onDisk);
        }}
      >
        <div className="add-files-content">
          <IconFileImport size={30} stroke={1.5} aria-hidden />
          <div>
            <p className="add-files-title">Drop files here</p>
            <p className="dimmed small">
              CSV, ZIP or NDJSON, as Mailchimp, Klaviyo and Iterable export them, or any other CSV.
            </p>
          </div>
          <Button
            variant="default"
            disabled={disabled}
            loading={choosing.isPending}
            onClick={() => choosing.mutate()}
          >
            Choose files…
          </Button>
        </div>
      </Dropzone>
      {notOnDisk && (
        <Notice kind="problem" title="Some of what was dropped is no file on this computer." live>
          Save it as a file first, then drop it here or choose it.
        </Notice>
      )}
      {choosing.isError && <FailureNotice error={choosing.error} />}
    </Section>
  );
}
