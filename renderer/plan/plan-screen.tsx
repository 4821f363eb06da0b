import { Button, Radio, Stack, Table } from "@mantine/core";
import type { LeadSuppression, Plan } from "../../contract/delivery.ts";
import { AttributesSection } from "../destination/attributes-section.tsx";
import { DestinationSection } from "../destination/destination-section.tsx";
import { Figures } from "../shared/figures.tsx";
import { formatBytes, formatCount, formatNumber, formatSpan, formatTime } from "../shared/format.ts";
import { Hash } from "../shared/hash.tsx";
import { Loaded } from "../shared/loaded.tsx";
import { LockedPanel } from "../shared/locked-panel.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { windowWords } from "../shared/window-words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { usePlan, useTask } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { MechanismTable } from "./mechanism-table.tsx";
import { Topics } from "./topics.tsx";

interface PlanScreenProps {
  lock: StepLock | null;
  onGo: (step: Step) => void;
}

/** Step 4: what would be written where. Writes nothing. */
export function PlanScreen({ lock, onGo }: PlanScreenProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const current = usePlan();
  const planning = useTask((leadSuppression: LeadSuppression | null) =>
    engine.plan.make(leadSuppression ? { leadSuppression } : {}),
  );
  const make = (label: string) => (
    <Button disabled={activity !== null} loading={planning.isPending} onClick={() => planning.mutate(null)}>
      {label}
    </Button>
  );
  return (
    <Page
      title="Plan"
      lead="What would be written to Customer.io, how much it is and how long it takes. Making a plan writes nothing."
    >
      {lock ? (
        <LockedPanel lock={lock} onGo={onGo} />
      ) : (
        <Loaded query={current} waiting="Reading the plan…">
          {(plan) => (
            <>
              {planning.isError && <FailureNotice error={planning.error} />}
              {plan === null ? (
                <div className="empty">
                  <p>There is no plan yet.</p>
                  <div style={{ marginTop: 14 }}>{make("Make the plan")}</div>
                </div>
              ) : (
                <>
                  {!plan.current && (
                    <Notice
                      kind="attention"
                      title="Files, decisions or choices changed since this plan was made."
                      actions={make("Plan again")}
                    >
                      An upload goes by a plan that is up to date.
                    </Notice>
                  )}
                  {plan.warnings.length > 0 && (
                    <Notice kind="attention" title="To know before you upload">
                      {plan.warnings.map((warning) => (
                        <p key={warning}>{windowWords(warning)}</p>
                      ))}
                    </Notice>
                  )}
                  <Suppressions plan={plan} onGo={onGo} />
                  <LeadChoice
                    plan={plan}
                    disabled={activity !== null || planning.isPending}
                    onChoose={(choice) => planning.mutate(choice)}
                  />
                  <DestinationSection />
                  <Topics topics={plan.topics} />
                  {plan.current && <AttributesSection />}
                  <Profiles plan={plan} />
                </>
              )}
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function Suppressions({ plan, onGo }: { plan: Plan; onGo: (step: Step) => void }) {
  const { suppressions } = plan;
  return (
    <Section
      title="Suppressions"
      explanation={
        suppressions.coveredByPersons > 0
          ? `${formatCount(suppressions.coveredByPersons, "address", "addresses")} need no write of their own: they are covered through the people they belong to.`
          : undefined
      }
      aside={
        <>
          <span className="dimmed small">
            Planned {formatTime(plan.plannedAt)}, plan <Hash hash={plan.hash} name="plan hash" />
          </span>
          {plan.current && <Button onClick={() => onGo("suppress")}>Go to Suppress</Button>}
        </>
      }
    >
      <Figures
        figures={[
          { value: formatNumber(suppressions.operations), label: "Writes" },
          {
            value: formatNumber(suppressions.trackCalls + suppressions.appCalls),
            label: "Calls",
            explanation: `${formatNumber(suppressions.trackCalls)} Track API, ${formatNumber(suppressions.appCalls)} App API`,
          },
          { value: formatBytes(suppressions.bytes), label: "Data" },
          {
            value: formatSpan(suppressions.seconds),
            label: "Time",
            explanation: "at Customer.io’s limits, reading back included",
          },
        ]}
      />
      <MechanismTable suppressions={suppressions} />
    </Section>
  );
}

interface LeadChoiceProps {
  plan: Plan;
  disabled: boolean;
  onChoose: (choice: LeadSuppression) => void;
}

function LeadChoice({ plan, disabled, onChoose }: LeadChoiceProps) {
  const { billableProfiles } = plan;
  return (
    <Section
      title="Suppressed addresses without a person"
      explanation="Customer.io can remember these addresses in two ways. The choice changes what you pay for."
    >
      <Radio.Group
        aria-label="How to remember suppressed addresses without a person"
        value={plan.leadSuppression}
        onChange={(value) => onChoose(value as LeadSuppression)}
      >
        <Stack gap="sm">
          <Radio
            value="profile"
            disabled={disabled}
            label={`As profiles that are unsubscribed: ${formatCount(billableProfiles.profile, "billable profile")} from suppressions`}
            description="Customer.io itself remembers the opt-out, whatever mail service it uses later."
          />
          <Radio
            value="esp"
            disabled={disabled}
            label={`On the mail service’s list alone: ${formatCount(billableProfiles.esp, "billable profile")} from suppressions`}
            description="No profile is made. The opt-out holds only as long as the workspace keeps this mail service."
          />
        </Stack>
      </Radio.Group>
    </Section>
  );
}

function Profiles({ plan: { profiles } }: { plan: Plan }) {
  const heldBack = profiles.heldBack.filter(({ persons }) => persons > 0);
  return (
    <Section title="Profiles" explanation="Uploaded last, and only when the gate is open.">
      <Figures
        figures={[
          { value: formatNumber(profiles.operations), label: "Profiles" },
          { value: formatNumber(profiles.calls), label: "Calls" },
          { value: formatBytes(profiles.bytes), label: "Data" },
          { value: formatSpan(profiles.seconds), label: "Time", explanation: "at Customer.io’s limits" },
        ]}
      />
      {heldBack.length > 0 && (
        <Table fz="sm" aria-label="People who are held back">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Held back because</Table.Th>
              <Table.Th className="number">People</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {heldBack.map(({ reason, persons }) => (
              <Table.Tr key={reason}>
                <Table.Td>{windowWords(reason)}</Table.Td>
                <Table.Td className="number">{formatNumber(persons)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
