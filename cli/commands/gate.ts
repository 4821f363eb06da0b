import type { Command } from "commander";
import type { Certificate, CertificateCheck } from "../../contract/certificate.ts";
import { badInput } from "../../contract/failure.ts";
import { type Destination, workspace } from "../destination.ts";
import { onProject } from "../on-project.ts";
import { json } from "../options.ts";
import { counted, exitCodes, number, tell } from "../output.ts";
import { type EngineClient, withEngine } from "../session.ts";
import { gateWords } from "../words.ts";

interface GateOptions extends Pick<Destination, "workspace"> {
  certificate?: string;
  out?: string;
  differences?: string;
  json?: boolean;
}

/** `gate`: whether anything may be sent; its certificate written out, or one checked, with or without its project. */
export function addGateCommand(program: Command): void {
  program
    .command("gate")
    .description("whether anything may be sent, and why not; exit code 3 while locked")
    .argument("[dir]", "may be left out with --certificate")
    .option("--certificate <file>", "check a certificate, offline; with a project, whether it is of that one")
    .option("--out <file>", "write the certificate of the open gate")
    .option("--differences <file>", "write as CSV who did not get all the way when last read back")
    .addOption(workspace())
    .addOption(json())
    .action((folder: string | undefined, options: GateOptions) => {
      const asked = [options.certificate, options.out, options.differences].filter(Boolean);
      if (asked.length > 1) throw usage("Say one of --certificate, --out and --differences.");
      if (folder !== undefined) {
        return onProject(folder, (client) => ask(client, options, true), options.workspace);
      }
      if (options.certificate === undefined) throw usage("Say which project, or --certificate.");
      return withEngine((client) => ask(client, options, false));
    });
}

async function ask(client: EngineClient, options: GateOptions, ofProject: boolean): Promise<void> {
  const { certificate, out, differences, json } = options;
  if (certificate !== undefined) {
    const check = await client.gate.checkCertificate({ file: certificate, ofProject });
    tell(json, check, () => checkWords(certificate, check));
    if (!check.valid) process.exitCode = exitCodes.locked;
  } else if (out !== undefined) {
    const written = await client.gate.saveCertificate({ file: out });
    tell(json, written, () => `Wrote the certificate to ${written.file}`);
  } else if (differences !== undefined) {
    const written = await client.gate.exportDifferences({ file: differences });
    tell(json, written, () => `Wrote ${counted(written.rows, "difference")} to ${written.file}`);
  } else {
    const gate = await client.gate.state();
    tell(json, gate, () => gateWords(gate));
    if (!gate.open) process.exitCode = exitCodes.locked;
  }
}

function checkWords(file: string, { valid, trouble, certificate }: CertificateCheck): string {
  const verdict = valid
    ? `${file} is a valid certificate, until ${certificate!.validUntil}.`
    : `${file} is not valid. ${trouble}`;
  return certificate ? [verdict, ...certificateLines(certificate)].join("\n") : verdict;
}

function certificateLines(certificate: Certificate): string[] {
  const { workspace, totals, bySource } = certificate;
  const counts = (row: (typeof totals)[number]) =>
    `${row.subject === "address" ? "addresses" : "people"}: exported ${number(row.exported)}, planned ${number(row.planned)}, uploaded ${number(row.uploaded)}, read back ${number(row.readBack)}`;
  return [
    `  workspace ${workspace.name} (${workspace.id}), ${workspace.region.toUpperCase()}, ${workspace.role}`,
    `  read back ${certificate.verifiedAt}`,
    ...totals.map((row) => `  all ${counts(row)}`),
    ...bySource.map((row) => `  ${row.source} ${row.reason} ${counts(row)}`),
    `  exports ${certificate.exportHash}`,
    `  merge ${certificate.mergeHash}`,
    `  plan ${certificate.planHash}`,
    `  signed with the key ${certificate.publicKey}`,
  ];
}

function usage(message: string) {
  return badInput("USAGE", message, "See `sendgate gate --help`.");
}
