import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useClients } from "../shell/clients-context.tsx";
import { shownFailure } from "./failure.ts";
import { fileName, formatCount } from "./format.ts";

interface ExportButtonProps {
  children: ReactNode;
  /** The title of the system's dialog. */
  title: string;
  defaultName: string;
  disabled?: boolean;
  write: (file: string) => Promise<{ file: string; rows: number }>;
}

/** Asks where to, has the engine write a CSV file there, and tells how many rows it got. */
export function ExportButton({ children, title, defaultName, disabled = false, write }: ExportButtonProps) {
  const { host } = useClients();
  const exporting = useMutation({
    mutationFn: async () => {
      const file = await host.dialogs.saveFile({
        title,
        defaultName,
        filters: [{ name: "CSV", extensions: ["csv"] }],
      });
      return file === null ? null : write(file);
    },
    onSuccess: (written) => {
      if (!written) return;
      notifications.show({
        title: `${fileName(written.file)} is written`,
        message: (
          <>
            {formatCount(written.rows, "row")}.{" "}
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => host.app.showInFolder({ file: written.file })}
            >
              Show in folder
            </Button>
          </>
        ),
      });
    },
    onError: (error) => {
      const { message, nextStep } = shownFailure(error);
      notifications.show({ color: "brick", title: message, message: nextStep, autoClose: false });
    },
  });
  return (
    <Button
      size="xs"
      variant="default"
      disabled={disabled}
      loading={exporting.isPending}
      onClick={() => exporting.mutate()}
    >
      {children}
    </Button>
  );
}
