import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { shownFailure } from "../shared/failure.ts";
import { fileName } from "../shared/format.ts";
import { useClients } from "../shell/clients-context.tsx";

/** Asks where to, and has the engine write the certificate of the open gate there. */
export function SaveCertificate() {
  const { engine, host } = useClients();
  const saving = useMutation({
    mutationFn: async () => {
      const file = await host.dialogs.saveFile({
        title: "Save the certificate",
        defaultName: "certificate.json",
        filters: [{ name: "JSON", extensions: ["json"] }],
      });
      return file === null ? null : engine.gate.saveCertificate({ file });
    },
    onSuccess: (written) => {
      if (!written) return;
      notifications.show({
        title: `${fileName(written.file)} is written`,
        message: (
          <>
            Anybody can check it with “sendgate gate --certificate”.{" "}
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
    <div>
      <Button size="xs" variant="default" loading={saving.isPending} onClick={() => saving.mutate()}>
        Save certificate…
      </Button>
    </div>
  );
}
