import { Button, Table } from "@mantine/core";
import type { Plan, ProfilesVerifyReport } from "../../contract/delivery.ts";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { RunningNotice } from "../shared/running-notice.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { Problems } from "../shared/upload-result.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useReports, useTask } from "../shell/queries.ts";

/** Whether the uploaded profiles are there: Customer.io writes after it has answered, and drops some in silence. */
export function ReadBackProfiles({ plan }: { plan: Plan }) {
  const { engine } = useClients();
  const activity = useActivity();
  const reports = useReports();
  const verifying = useTask(() => engine.delivery.verifyProfiles());
  const latest = verifying.data ?? reports.data?.verifyProfiles ?? null;
  const report = latest?.planHash === plan.hash ? latest : null;
  const uploaded = reports.data?.profiles;
  const isUploaded = uploaded?.planHash === plan.hash && !uploaded.dryRun && uploaded.delivered > 0;
  const running = activity?.kind === "verify_profiles";
  return (
    <Section
      title="Read back"
      explanation="Looks up every uploaded profile in Customer.io and compares it with what was written."
      aside={
        <Button
          variant={isUploaded && report?.missing !== 0 ? "filled" : "default"}
          disabled={activity !== null}
          loading={running || verifying.isPending}
          onClick={() => verifying.mutate()}
        >
          Read back
        </Button>
      }
    >
      {running && <RunningNotice title="The profiles are being read back." />}
      {!running && verifying.isError && <FailureNotice error={verifying.error} />}
      {!running && !verifying.isError && report && <ReadBackResult report={report} />}
      {!running && !verifying.isError && !report && (
        <div className="empty">
          <p>
            {isUploaded
              ? "No profile is read back yet. Customer.io drops some in silence: only a reading shows that all arrived."
              : "No profile is read back yet. Upload the profiles first."}
          </p>
        </div>
      )}
    </Section>
  );
}

function ReadBackResult({ report }: { report: ProfilesVerifyReport }) {
  const { profiles, arrived, missing, missingItems, subscribed, differingAttributes, verifiedAt } = report;
  return (
    <>
      {missing === 0 ? (
        <Notice
          kind={profiles === 0 ? "info" : "good"}
          title={
            profiles === 0 ? "There is nothing to read back." : `All ${formatNumber(arrived)} have arrived.`
          }
          live
        >
          {formatCount(profiles, "profile")} looked up, {formatTime(verifiedAt)}.
        </Notice>
      ) : (
        <Notice kind="problem" title={`${formatNumber(missing)} did not arrive in Customer.io.`} live>
          {formatCount(profiles, "profile")} looked up, {formatTime(verifiedAt)}.{" "}
          {subscribed > 0
            ? `${formatCount(subscribed, "suppressed person is", "suppressed people are")} not unsubscribed there, so the gate is locked again: read the suppressions back first.`
            : "Upload the profiles again: what did not arrive is sent once more."}
        </Notice>
      )}
      <Problems label="Missing profiles" problems={missingItems} total={missing} />
      {differingAttributes.length > 0 && <DifferingAttributes attributes={differingAttributes} />}
    </>
  );
}

function DifferingAttributes({ attributes }: { attributes: ProfilesVerifyReport["differingAttributes"] }) {
  return (
    <>
      <p style={{ margin: 0 }}>
        These attributes are not what was written. Somebody may have changed them in Customer.io, so nothing
        writes them again by itself.
      </p>
      <ScrollRegion label="Attributes that differ" maxHeight={240}>
        <Table fz="sm" stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Attribute</Table.Th>
              <Table.Th ta="right">Profiles</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {attributes.map(({ name, profiles }) => (
              <Table.Tr key={name}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{name}</Table.Td>
                <Table.Td ta="right">{formatNumber(profiles)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </>
  );
}
