import { Button, Group, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { Workspace } from "../../contract/project.ts";
import { longestSchedule, shortestSchedule } from "../../contract/sync.ts";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { formatCount, formatTime } from "../shared/format.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

/** Minutes. */
const usual = 60;

interface ScheduleProps {
  everyMinutes: number | null;
  nextRunAt: string | null;
  workspace: Workspace;
  folder: string;
}

/** Runs by themselves while the window is open. */
export function Schedule({ everyMinutes, nextRunAt, workspace, folder }: ScheduleProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const [minutes, setMinutes] = useState<number | string>(everyMinutes ?? usual);
  const [asking, setAsking] = useState(false);
  const scheduling = useTask((every: number | null) => engine.sync.schedule({ everyMinutes: every }));
  const valid =
    typeof minutes === "number" &&
    Number.isInteger(minutes) &&
    minutes >= shortestSchedule &&
    minutes <= longestSchedule;
  const save = () => {
    if (valid) scheduling.mutate(minutes);
  };
  return (
    <Section
      title="Schedule"
      explanation={
        everyMinutes === null
          ? "The sync runs by hand alone. It can run by itself while this window is open."
          : `The sync runs by itself every ${formatCount(everyMinutes, "minute")} while this window is open.`
      }
      aside={nextRunAt !== null && <span className="small">Next run: {formatTime(nextRunAt)}</span>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!valid) return;
          if (workspace.role === "production") setAsking(true);
          else save();
        }}
      >
        <Group align="flex-end">
          <NumberInput
            label="Minutes between runs"
            w={180}
            min={shortestSchedule}
            max={longestSchedule}
            clampBehavior="none"
            allowDecimal={false}
            allowNegative={false}
            value={minutes}
            error={valid ? null : `From ${shortestSchedule} to ${longestSchedule}`}
            onChange={setMinutes}
          />
          <Button
            type="submit"
            variant="default"
            disabled={activity !== null || !valid || minutes === everyMinutes}
            loading={scheduling.isPending && scheduling.variables !== null}
          >
            {everyMinutes === null ? "Run by itself" : "Save"}
          </Button>
          {everyMinutes !== null && (
            <Button
              variant="default"
              disabled={activity !== null}
              loading={scheduling.isPending && scheduling.variables === null}
              onClick={() => scheduling.mutate(null)}
            >
              Stop running by itself
            </Button>
          )}
        </Group>
      </form>
      {scheduling.isError && <FailureNotice error={scheduling.error} />}
      <p className="dimmed small sync-cron">
        While Sendgate is closed nothing runs here. For that, have the system’s own scheduler (cron) run the
        command line with the keys in its environment: <code>sendgate sync "{folder}"</code>
      </p>
      <ConfirmWrite
        title="Sync by schedule?"
        action="Run by itself"
        workspace={workspace}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={save}
      >
        <p style={{ margin: 0 }}>
          Each run writes new opt-outs to <WorkspaceName workspace={workspace} /> without asking again.
        </p>
      </ConfirmWrite>
    </Section>
  );
}
