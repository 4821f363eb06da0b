import { Button, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Leaks as Found, Leak, Sent } from "../../contract/leaks.ts";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { windowWords } from "../shared/window-words.ts";
import { subjectWords } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { AcceptLeak } from "./accept-leak.tsx";
import "./leaks.css";

/** What sends in the workspace without asking the gate, and whom our sends have reached. */
export function Leaks({ connected }: { connected: boolean }) {
  const { engine } = useClients();
  const activity = useActivity();
  const leaks = useQuery({ queryKey: ["leaks"], queryFn: () => engine.leaks.state() });
  const looking = useTask(() => engine.leaks.look());
  return (
    <Section
      title="Sending without the gate"
      explanation="Campaigns, newsletters and broadcasts that go out in the workspace without asking this gate, and everybody whom a send from here has reached."
      aside={
        <Button
          size="xs"
          variant="default"
          disabled={!connected || activity !== null}
          loading={looking.isPending}
          onClick={() => looking.mutate()}
        >
          Look now
        </Button>
      }
    >
      {looking.isError && <FailureNotice error={looking.error} />}
      <Loaded query={leaks} waiting="Reading what was found…">
        {(found) => <Results found={found} connected={connected} />}
      </Loaded>
    </Section>
  );
}

interface ResultsProps {
  found: Found;
  connected: boolean;
}

function Results({ found: { lookedAt, failure, leaks, sent }, connected }: ResultsProps) {
  const [asked, setAsked] = useState<{ leak: Leak } | { sent: Sent } | null>(null);
  if (lookedAt === null) {
    return (
      <div className="empty">
        <p>
          {connected
            ? "Not looked for yet. Reading the suppressions back looks for it, or look now."
            : "Not looked for yet: no workspace is connected."}
        </p>
      </div>
    );
  }
  return (
    <>
      {failure !== null && (
        <Notice
          kind="attention"
          title={`On ${formatTime(lookedAt)} the workspace could not be looked through, so the gate stays locked.`}
        >
          {windowWords(failure)}
        </Notice>
      )}
      {leaks.length === 0 && failure === null && (
        <div className="empty">
          <p>Nothing sends without the gate, as of {formatTime(lookedAt)}.</p>
        </div>
      )}
      {leaks.length > 0 && (
        <ul className="leaks">
          {leaks.map((leak) => (
            <LeakRow key={leak.id} leak={leak} onAccept={() => setAsked({ leak })} />
          ))}
        </ul>
      )}
      {sent.length > 0 && (
        <>
          <Title order={3} className="leaks-heading">
            Sent from here
          </Title>
          <ul className="leaks">
            {sent.map((one) => (
              <SentRow key={one.id} sent={one} onAcknowledge={() => setAsked({ sent: one })} />
            ))}
          </ul>
        </>
      )}
      {asked && "leak" in asked && (
        <AcceptLeak
          id={asked.leak.id}
          title={`Accept “${asked.leak.name}”?`}
          action="Accept"
          onClose={() => setAsked(null)}
        >
          It goes on as it does now, to whomever Customer.io lets it reach. If it changes, you are asked
          again.
        </AcceptLeak>
      )}
      {asked && "sent" in asked && (
        <AcceptLeak
          id={asked.sent.id}
          title={`Acknowledge ${asked.sent.kind} ${asked.sent.number}?`}
          action="Acknowledge"
          onClose={() => setAsked(null)}
        >
          The people it reached stay on record. Whoever else it reaches locks the gate again.
        </AcceptLeak>
      )}
    </>
  );
}

const kinds = { campaign: "Campaign", newsletter: "Newsletter", broadcast: "Broadcast" };

function LeakRow({ leak, onAccept }: { leak: Leak; onAccept: () => void }) {
  const { kind, number, name, type, what, when, accepted } = leak;
  return (
    <li>
      <div>
        <p className="leak-name">
          {kinds[kind]} {number} “{name}”
        </p>
        <p className={accepted ? "dimmed small" : "leak-open small"}>
          It {what}
          {when && `, ${formatTime(when)}`}.{type && ` Type: ${type}.`}
        </p>
        {accepted && (
          <p className="dimmed small">
            Accepted on {formatTime(accepted.at)}: {accepted.reason}
          </p>
        )}
      </div>
      {!accepted && (
        <Button size="xs" variant="default" aria-label={`Accept ${kind} ${number}…`} onClick={onAccept}>
          Accept…
        </Button>
      )}
    </li>
  );
}

function SentRow({ sent, onAcknowledge }: { sent: Sent; onAcknowledge: () => void }) {
  const { kind, number, state, at, comparedAt, deliveries, pending, reached, acknowledged } = sent;
  const waits = sent.keepsGateShut;
  return (
    <li>
      <div>
        <p className="leak-name">
          {kinds[kind]} {number}, {state === "unclear" ? "perhaps sent" : "sent"} on {formatTime(at)}
        </p>
        <p className={waits ? "leak-open small" : "dimmed small"}>
          {comparedAt === null
            ? "Its deliveries are not compared with the suppressions yet."
            : `${formatCount(deliveries, "message")} compared, ${reached === 0 ? "none" : formatNumber(reached)} to suppressed people${pending > 0 ? `, ${formatNumber(pending)} more on the way` : ""}.`}
        </p>
        {reached > 0 && (
          <p className="dimmed small">
            {sent.reachedItems
              .slice(0, 5)
              .map(({ subject }) => subjectWords(subject))
              .join(", ")}
            {reached > 5 && `, and ${formatNumber(reached - 5)} more`}
          </p>
        )}
        {acknowledged && (
          <p className="dimmed small">
            Acknowledged on {formatTime(acknowledged.at)}: {acknowledged.reason}
          </p>
        )}
      </div>
      {waits && (
        <Button
          size="xs"
          variant="default"
          aria-label={`Acknowledge ${kind} ${number}…`}
          onClick={onAcknowledge}
        >
          Acknowledge…
        </Button>
      )}
    </li>
  );
}
