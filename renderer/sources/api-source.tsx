import { Button, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleMinus } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { PulledSource, PullRequest } from "../../contract/pulls.ts";
import { formatAge, formatCount, formatTime } from "../shared/format.ts";
import { Waiting } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { windowWords } from "../shared/window-words.ts";
import { type ApiSourceName, sourceTitles } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { PullStreams } from "./pull-streams.tsx";
import { changeWords, type PulledStanding, partsRead, proofWords, standingOf } from "./pull-words.ts";
import { RetireSource } from "./retire-source.tsx";
import { SourceKey } from "./source-key.tsx";
import { UserIdChoice } from "./user-id-choice.tsx";

interface ApiSourceProps {
  source: ApiSourceName;
  /** Null where it was never exported over its API. */
  pulled: PulledSource | null;
  /** The simulator that stands in for it in a practice migration; null for the vendor itself. */
  endpoint: string | null;
}

/** One old tool: connecting it, choosing the user ID, exporting, and what the exports amount to. */
export function ApiSource({ source, pulled, endpoint }: ApiSourceProps) {
  const { engine, host } = useClients();
  const activity = useActivity();
  const id = useId();
  const [enteringKey, setEnteringKey] = useState(false);
  const [retiring, setRetiring] = useState(false);
  const at = endpoint === null ? {} : { endpoint };

  const connecting = useTask(async (key: string | null) => {
    if (key !== null) await host.keychain.storeSource({ source, key });
    const connection = await engine.sources.connect({ source, ...at });
    setEnteringKey(false);
    return connection;
  });
  const pulling = useTask((request: Pick<PullRequest, "userIdField" | "full">) =>
    engine.sources.pull({ source, ...at, ...request }),
  );
  const connect = () => {
    connecting.reset();
    pulling.reset();
    // A simulator's key is handed to the engine by the shell.
    if (endpoint === null) setEnteringKey(true);
    else connecting.mutate(null);
  };
  const pull = (request: Pick<PullRequest, "userIdField" | "full">) => {
    connecting.reset();
    pulling.mutate(request);
  };

  const busy = activity !== null || pulling.isPending || connecting.isPending;
  const title = sourceTitles[source];
  const choosing = enteringKey || connecting.data !== undefined;
  return (
    <section className="api-source" aria-labelledby={id}>
      <div className="api-source-head">
        <Title order={3} id={id}>
          {title}
        </Title>
        <Standing pulled={pulled} running={pulling.isPending} />
        {!choosing && (
          <SourceButtons
            title={title}
            pulled={pulled}
            busy={busy}
            connecting={connecting.isPending}
            pulling={pulling.isPending}
            practice={endpoint !== null}
            onConnect={connect}
            onPull={(full) => pull(full ? { full } : {})}
            onRetire={() => setRetiring(true)}
          />
        )}
      </div>

      {enteringKey && (
        <SourceKey
          source={source}
          pending={connecting.isPending}
          disabled={busy}
          onConnect={(key) => connecting.mutate(key)}
          onCancel={() => {
            setEnteringKey(false);
            connecting.reset();
          }}
        />
      )}
      {connecting.isPending && <Waiting>Asking {title} what the key opens…</Waiting>}
      {connecting.isError && <FailureNotice error={connecting.error} />}
      {connecting.data && (
        <UserIdChoice
          connection={connecting.data}
          disabled={busy}
          onChoose={(userIdField) => pull({ userIdField })}
          onCancel={() => connecting.reset()}
        />
      )}
      {pulling.isError && <FailureNotice error={pulling.error} />}
      {pulled && (
        <PulledParticulars pulled={pulled} running={activity?.kind === "pull" || activity?.kind === "sync"} />
      )}
      {retiring && <RetireSource source={source} onClose={() => setRetiring(false)} />}
    </section>
  );
}

const standings: Record<PulledStanding, { Icon: typeof IconCircleCheck; words: string; className: string }> =
  {
    complete: { Icon: IconCircleCheck, words: "Exported", className: "api-source-good" },
    unfinished: { Icon: IconAlertTriangle, words: "Not finished", className: "api-source-open" },
    unconfirmed: { Icon: IconAlertTriangle, words: "User ID not confirmed", className: "api-source-open" },
    incomplete: { Icon: IconAlertTriangle, words: "Not complete", className: "api-source-open" },
    retired: { Icon: IconCircleMinus, words: "Retired", className: "dimmed" },
  };

function Standing({ pulled, running }: { pulled: PulledSource | null; running: boolean }) {
  if (running || !pulled) {
    return (
      <span className="api-source-standing dimmed">
        <IconCircleDashed size={16} aria-hidden />
        {running ? "Being exported" : "Not exported over its API"}
      </span>
    );
  }
  const { Icon, words, className } = standings[standingOf(pulled)];
  return (
    <span className={`api-source-standing ${className}`}>
      <Icon size={16} stroke={2} aria-hidden />
      {words}
    </span>
  );
}

interface SourceButtonsProps {
  title: string;
  pulled: PulledSource | null;
  busy: boolean;
  connecting: boolean;
  pulling: boolean;
  practice: boolean;
  onConnect: () => void;
  onPull: (full: boolean) => void;
  onRetire: () => void;
}

function SourceButtons({ title, pulled, busy, connecting, pulling, practice, ...on }: SourceButtonsProps) {
  const button = (words: string, act: () => void, more: { filled?: boolean; loading?: boolean } = {}) => (
    <Button
      size="xs"
      variant={more.filled ? "filled" : "default"}
      aria-label={`${words} (${title})`}
      disabled={busy && !more.loading}
      loading={more.loading ?? false}
      onClick={act}
    >
      {words}
    </Button>
  );
  if (!pulled) {
    const words = practice ? "Export over the API" : "Connect…";
    return (
      <div className="api-source-buttons">
        {button(words, on.onConnect, { filled: true, loading: connecting || pulling })}
      </div>
    );
  }
  const standing = standingOf(pulled);
  const unfinished = standing === "unfinished";
  return (
    <div className="api-source-buttons">
      {button(unfinished ? "Go on" : "Pull again", () => on.onPull(false), {
        filled: unfinished,
        loading: pulling,
      })}
      {button("Pull everything again", () => on.onPull(true), { filled: standing === "incomplete" })}
      {button(practice ? "Change user ID…" : "Change key or user ID…", on.onConnect, {
        filled: pulled.unconfirmed !== null,
        loading: connecting,
      })}
      {/* What was never read to its end holds opt-outs that nobody knows. */}
      {standing !== "unfinished" && standing !== "retired" && button("Retire…", on.onRetire)}
    </div>
  );
}

function PulledParticulars({ pulled, running }: { pulled: PulledSource; running: boolean }) {
  const { account, endpoint, userIdField, unfinished, last, retired, unconfirmed, fullPulledAt, pulledAt } =
    pulled;
  const title = sourceTitles[pulled.source];
  const standing = standingOf(pulled);
  const streams = unfinished?.streams ?? last?.streams ?? [];
  const open = streams.filter(({ complete }) => !complete).length;
  return (
    <>
      <p className="api-source-account">
        {account}
        {endpoint !== null && <span className="dimmed"> at {endpoint}</span>}
        {" · "}
        {userIdField === null ? (
          "people are known by their address alone"
        ) : (
          <>
            user ID from <code>{userIdField}</code>
          </>
        )}
      </p>
      {retired && (
        <Notice kind="info" title={`No longer asked since ${formatTime(retired.at)}.`}>
          Reason: {retired.reason} To have it asked again, pull again.
        </Notice>
      )}
      {!running && unfinished && !retired && (
        <Notice
          kind="attention"
          title={`The ${unfinished.kind === "full" ? "export" : "export of what changed"} of ${formatTime(unfinished.startedAt)} was not read to its end: ${partsRead(unfinished.streams)}.`}
        >
          Nothing of it counts yet, and the gate stays locked. It goes on where it stopped; nothing is lost or
          counted twice.
        </Notice>
      )}
      {unconfirmed !== null && (
        <Notice
          kind="attention"
          title="Nobody has said yet which field holds the user ID, so the gate stays locked."
        >
          People are known by their address alone until then. It could be {unconfirmed}.
        </Notice>
      )}
      {standing === "incomplete" && !running && (
        <Notice
          kind="attention"
          title="The last export could not be proven complete, so the gate stays locked."
        >
          {formatCount(open, "part")} of it {open === 1 ? "was" : "were"} not read to the end. Pull everything
          again.
        </Notice>
      )}
      {last && (
        <p className="api-source-proof">
          {last.kind === "delta" && "What changed: "}
          {proofWords(last)} {changeWords(last)}
        </p>
      )}
      <dl className="api-source-times">
        <div>
          <dt>Last pull</dt>
          <dd>
            {pulledAt === null ? (
              "never to its end"
            ) : (
              <>
                {formatTime(pulledAt)}
                {last?.kind === "delta" && <span className="dimmed">, what changed</span>}
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Last pull of everything</dt>
          <dd>
            {fullPulledAt === null ? (
              "never to its end"
            ) : (
              <>
                {formatAge(fullPulledAt)} <span className="dimmed">({formatTime(fullPulledAt)})</span>
              </>
            )}
          </dd>
        </div>
      </dl>
      {(last?.opted_in_again ?? 0) > 0 && (
        <p className="small api-source-remark">
          {formatCount(last?.opted_in_again ?? 0, "person", "people")} opted in again there and stay
          suppressed; they are listed under Sync.
        </p>
      )}
      {last && <Notes title={title} notes={last.notes} />}
      {streams.length > 0 && (
        // Opened where something is left to do; else the sum above is the proof.
        <details className="api-source-parts" open={open > 0}>
          <summary>
            {partsRead(streams)} read to {streams.length === 1 ? "its" : "their"} end
          </summary>
          <PullStreams label={`Parts of the export of ${title}`} streams={streams} />
        </details>
      )}
    </>
  );
}

/** More than these few are opened by hand. */
const fewNotes = 3;

function Notes({ title, notes }: { title: string; notes: string[] }) {
  if (notes.length === 0) return null;
  const list = (
    <ul className="api-source-notes" aria-label={`Notes on the export of ${title}`}>
      {notes.map((note) => (
        <li key={note}>{windowWords(note)}</li>
      ))}
    </ul>
  );
  if (notes.length <= fewNotes) return list;
  return (
    <details className="api-source-parts">
      <summary>{formatCount(notes.length, "note")}</summary>
      {list}
    </details>
  );
}
