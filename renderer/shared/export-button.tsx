import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { formatCount } from "./format.ts";
import { useSaveFile } from "./use-save-file.tsx";

interface ExportButtonProps {
  children: ReactNode;
  /** The title of the system's dialog. */
  title: string;
  defaultName: string;
  disabled?: boolean;
  write: (file: string) => Promise<{ file: string; rows: number }>;
}

/** Has the engine write a CSV file, and tells how many rows it got. */
export function ExportButton({ children, title, defaultName, disabled = false, write }: ExportButtonProps) {
  const exporting = useSaveFile({
    title,
    defaultName,
    filter: { name: "CSV", extensions: ["csv"] },
    write,
    tell: ({ rows }) => `${formatCount(rows, "row")}.`,
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
