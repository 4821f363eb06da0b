import { Button } from "@mantine/core";
import type { PulledSource } from "../../contract/pulls.ts";
import { Loaded } from "../shared/loaded.tsx";
import { Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { apiSources } from "../shared/words.ts";
import type { Practice } from "../shell/opened-project.ts";
import { useGate, usePulledSources } from "../shell/queries.ts";
import type { Step } from "../shell/steps.ts";
import { ApiSource } from "./api-source.tsx";
import { standingOf } from "./pull-words.ts";
import "./api-sources.css";

/** The gate's words for a source that was asked in vain, not asked of late, under a wrong clock, or not read whole of late. */
const ageCodes = ["SOURCE_UNANSWERED", "SOURCE_STALE", "SOURCE_FUTURE", "FULL_PULL_OLD"];

interface ApiSourcesProps {
  /** Null in a real migration. */
  practice: { started: Practice | null } | null;
  onGo: (step: Step) => void;
}

/** The old tools that have an API: no hunt for files, and proof in numbers that nothing is missing. */
export function ApiSources({ practice, onGo }: ApiSourcesProps) {
  const pulled = usePulledSources();
  const gate = useGate();
  // How old an export may be is the gate's to say.
  const old = gate.data?.blockers.filter(({ code }) => ageCodes.includes(code)) ?? [];
  return (
    <Section
      title="Over the API"
      explanation={
        practice
          ? "The simulated Mailchimp, Klaviyo and Iterable on this computer hold the practice people. They need no keys."
          : "Sendgate reads everything from the old tools itself and proves in numbers that it is all there. It never writes to them. Where that is not possible, add export files below."
      }
      aside={<GoToMerge pulled={pulled.data ?? []} onGo={onGo} />}
    >
      {practice?.started === null && (
        <Notice kind="attention" title="The simulated old tools are not running.">
          Close this migration and open it again to start them.
        </Notice>
      )}
      {old.map(({ message, nextStep }) => (
        <Notice key={message} kind="attention" title={message}>
          {nextStep}
        </Notice>
      ))}
      <Loaded query={pulled} waiting="Reading what was exported…">
        {(list) => (
          <div className="api-sources">
            {apiSources.map((source) => {
              const known = list.find((entry) => entry.source === source) ?? null;
              const simulator = practice?.started?.sources.find((entry) => entry.source === source);
              // Without its simulator a source of a practice migration can only show what it brought.
              if (practice && !simulator && !known) return null;
              return (
                <ApiSource
                  key={source}
                  source={source}
                  pulled={known}
                  endpoint={practice ? (simulator?.endpoint ?? known?.endpoint ?? null) : null}
                />
              );
            })}
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function GoToMerge({ pulled, onGo }: { pulled: PulledSource[]; onGo: (step: Step) => void }) {
  if (!pulled.some((source) => standingOf(source) === "complete")) return null;
  return <Button onClick={() => onGo("merge")}>Go to Merge</Button>;
}
