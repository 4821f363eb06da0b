import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useClients } from "../shell/clients-context.tsx";
import { shownFailure } from "./failure.ts";
import { fileName } from "./format.ts";

interface SaveFile<T extends { file: string }> {
  /** The title of the system's dialog. */
  title: string;
  defaultName: string;
  filter: { name: string; extensions: string[] };
  write: (file: string) => Promise<T>;
  /** What there is to say about what was written. */
  tell: (written: T) => ReactNode;
}

/** Asks where to, has the engine write a file there, and shows where it lies, or why it could not be written. */
export function useSaveFile<T extends { file: string }>({
  title,
  defaultName,
  filter,
  write,
  tell,
}: SaveFile<T>) {
  const { host } = useClients();
  return useMutation({
    mutationFn: async () => {
      const file = await host.dialogs.saveFile({ title, defaultName, filters: [filter] });
      return file === null ? null : write(file);
    },
    onSuccess: (written) => {
      if (!written) return;
      notifications.show({
        title: `${fileName(written.file)} is written`,
        message: (
          <>
            {tell(written)}{" "}
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
}
