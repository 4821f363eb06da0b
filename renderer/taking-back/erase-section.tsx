import { Button, Checkbox, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Workspace } from "../../contract/project.ts";
import type { EraseReport, EraseRequest } from "../../contract/workspaces.ts";
import { formatCount, formatNumber } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { Problems } from "../shared/upload-result.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { ErasePhrase } from "./erase-phrase.tsx";
import { LeftAddresses } from "./left-addresses.tsx";
import { typedLines } from "./typed-lines.ts";

type Whom = Omit<EraseRequest, "confirm">;

/** Erases people for ever: first whom it means, then a phrase typed to the letter (invariant 8). */
export function EraseSection({ workspace }: { workspace: Workspace }) {
  const { engine } = useClients();
  const activity = useActivity();
  const [userIds, setUserIds] = useState("");
  const [emails, setEmails] = useState("");
  const [forgotten, setForgotten] = useState(false);
  const previewing = useTask((whom: Whom) => engine.erasure.preview(whom));
  const erasing = useTask((request: EraseRequest) => engine.erasure.run(request));
  const whom: Whom = { userIds: typedLines(userIds), emails: typedLines(emails), forgotten };
  const isAnybody = forgotten || whom.userIds.length + whom.emails.length > 0;
  // What was shown before no longer says whom a changed form means.
  const changed = () => {
    previewing.reset();
    erasing.reset();
  };
  const failed = previewing.error ?? erasing.error;
  return (
    <Section
      title="Erase people"
      explanation={
        <>
          For people who asked to be forgotten, in <WorkspaceName workspace={workspace} />. It comes last,
          once every suppression is uploaded.
        </>
      }
    >
      <Notice kind="problem" title="Erasing is for ever.">
        The profiles are deleted, and their IDs and addresses are blocked from coming back. Nothing brings
        them back: not Sendgate, not another import. To stop mail to somebody, a suppression is enough.
      </Notice>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isAnybody) return;
          erasing.reset();
          previewing.mutate(whom);
        }}
      >
        <Stack>
          <Group align="flex-start" grow>
            <Textarea
              label="User IDs to erase"
              description="One on each line."
              value={userIds}
              disabled={erasing.isPending}
              autosize
              minRows={3}
              maxRows={10}
              onChange={(event) => {
                setUserIds(event.currentTarget.value);
                changed();
              }}
            />
            <Textarea
              label="Addresses to erase"
              description="One on each line."
              value={emails}
              disabled={erasing.isPending}
              autosize
              minRows={3}
              maxRows={10}
              onChange={(event) => {
                setEmails(event.currentTarget.value);
                changed();
              }}
            />
          </Group>
          <Checkbox
            label="Everybody who asked a source to be forgotten"
            checked={forgotten}
            disabled={erasing.isPending}
            onChange={(event) => {
              setForgotten(event.currentTarget.checked);
              changed();
            }}
          />
          <Group justify="flex-end">
            <Button
              type="submit"
              variant="default"
              disabled={!isAnybody || activity !== null || erasing.isPending}
              loading={previewing.isPending}
            >
              See whom it means
            </Button>
          </Group>
        </Stack>
      </form>
      {failed !== null && <FailureNotice error={failed} />}
      {previewing.isSuccess && (
        <ErasePhrase
          key={previewing.data.confirm}
          preview={previewing.data}
          disabled={activity !== null}
          erasing={erasing.isPending}
          onErase={(confirm) =>
            erasing.mutate({ ...previewing.variables, confirm }, { onSettled: () => previewing.reset() })
          }
        />
      )}
      {erasing.isSuccess && <Outcome report={erasing.data} />}
    </Section>
  );
}

function Outcome({ report }: { report: EraseReport }) {
  const { workspace, people, identifiers, erased, stillThere, refused, left } = report;
  return (
    <>
      <Notice
        kind={stillThere + refused.length > 0 ? "problem" : "good"}
        title={`${formatNumber(erased)} of ${formatCount(identifiers, "ID or address", "IDs and addresses")} of ${formatCount(people, "person", "people")} erased in ${workspace.name}.`}
        live
      >
        {stillThere > 0 && (
          <p>{formatNumber(stillThere)} were taken and are still seen. Erase the same people again.</p>
        )}
        <p>Whoever was erased counts as forgotten in the next plan.</p>
      </Notice>
      <Problems label="Refused by Customer.io" problems={refused} total={refused.length} />
      <LeftAddresses left={left} />
    </>
  );
}
