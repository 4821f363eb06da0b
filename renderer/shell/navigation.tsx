import { Button } from "@mantine/core";
import { IconCheck, IconExclamationMark, IconLock } from "@tabler/icons-react";
import { useActivity } from "./activity-context.tsx";
import { useClients } from "./clients-context.tsx";
import { useTask } from "./queries.ts";
import { type Step, type StepState, statusWords, steps, stepTitles } from "./steps.ts";
import "./navigation.css";

interface NavigationProps {
  current: Step | null;
  /** Null while they are being read. */
  states: Record<Step, StepState> | null;
  /** True where they could not be read; the screen of the step says why. */
  unknown: boolean;
  onGo: (step: Step) => void;
}

/** The steps of the migration with the state of each in words. Locked ones can be opened and say why. */
export function Navigation({ current, states, unknown, onGo }: NavigationProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const closing = useTask(() => engine.project.close());
  return (
    <nav className="navigation" aria-label="Steps of the migration">
      <ol className="navigation-steps">
        {steps.map((step, index) => {
          const state = states?.[step];
          return (
            <li key={step}>
              <button
                type="button"
                className={`navigation-step navigation-step-${state?.status ?? "waiting"}`}
                {...(step === current && { "aria-current": "page" })}
                onClick={() => onGo(step)}
              >
                <span className="navigation-node" aria-hidden>
                  <Node status={state?.status} number={index + 1} />
                </span>
                <span className="navigation-text">
                  <span className="navigation-title">{stepTitles[step]}</span>
                  <span className="navigation-state">
                    {state ? stateWords(state) : unknown ? "State not known" : "…"}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <Button
        variant="subtle"
        color="gray"
        size="xs"
        disabled={activity !== null}
        loading={closing.isPending}
        onClick={() => closing.mutate()}
      >
        Close this migration
      </Button>
    </nav>
  );
}

function stateWords({ status, note }: StepState): string {
  return note ? `${statusWords[status]}: ${note}` : statusWords[status];
}

function Node({ status, number }: { status: StepState["status"] | undefined; number: number }) {
  if (status === "done") return <IconCheck size={14} stroke={2.6} />;
  if (status === "attention") return <IconExclamationMark size={14} stroke={2.6} />;
  if (status === "locked") return <IconLock size={13} stroke={2.2} />;
  return number;
}
