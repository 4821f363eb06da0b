import { Button } from "@mantine/core";
import { useSaveFile } from "../shared/use-save-file.tsx";
import { useClients } from "../shell/clients-context.tsx";

/** Has the engine write the certificate of the open gate. */
export function SaveCertificate() {
  const { engine } = useClients();
  const saving = useSaveFile({
    title: "Save the certificate",
    defaultName: "certificate.json",
    filter: { name: "JSON", extensions: ["json"] },
    write: (file) => engine.gate.saveCertificate({ file }),
    tell: () => "Anybody can check it with “sendgate gate --certificate”.",
  });
  return (
    <div>
      <Button size="xs" variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>
        Save certificate…
      </Button>
    </div>
  );
}
