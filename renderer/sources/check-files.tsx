import { Button, Group, Select, Table, Title } from "@mantine/core";
import { useState } from "react";
import { type FileMeaning, fileMeanings, type MappableField, sourceNames } from "../../contract/source.ts";
import type { FilePreview, ImportRequest } from "../../contract/sources.ts";
import { fileName, formatCount } from "../shared/format.ts";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { sourceTitles } from "../shared/words.ts";
import {
  type FileChoice,
  firstChoice,
  importRequests,
  isUnreadable,
  missingFromChoice,
} from "./file-choices.ts";

const meaningWords: Record<FileMeaning, string> = {
  profiles: "People and their attributes",
  unsubscribed: "People who unsubscribed",
  bounced: "Addresses that bounced for good",
  complained: "People who complained about spam",
  manual: "People who were suppressed by hand",
};

const fieldWords: Record<MappableField, { label: string; description: string }> = {
  email: { label: "Address", description: "The e-mail address" },
  user_id: { label: "User ID", description: "Your own ID of the person" },
  updated_at: { label: "Changed at", description: "When the row last changed" },
  at: { label: "Opted out at", description: "When the opt-out happened" },
  reason: { label: "Reason", description: "Why the person is suppressed" },
  record_id: { label: "Row ID", description: "The old tool’s key of the row" },
};

/** In place of the engine's words, which list every header that it knows and the options of the command line. */
const notRecognised =
  "Not recognised as an export of Mailchimp, Klaviyo or Iterable. If it is one, export it again and leave its name and columns as they are. Else it is another CSV.";

interface CheckFilesProps {
  previews: FilePreview[];
  importing: boolean;
  disabled: boolean;
  onImport: (requests: ImportRequest[]) => void;
  onCancel: () => void;
}

/** What each file was recognised as, for the operator to confirm or complete before anything is imported. */
export function CheckFiles({ previews, importing, disabled, onImport, onCancel }: CheckFilesProps) {
  const [choices, setChoices] = useState(() => previews.map(firstChoice));
  const ready = choices.every((choice) => missingFromChoice(choice) === null);
  return (
    <Section
      title={`Check ${formatCount(choices.length, "file")} before the import`}
      explanation="Nothing is imported until you say so. Where Sendgate cannot tell what a file is, it does not guess."
    >
      {choices.map((choice, index) => (
        <CheckFile
          key={choice.preview.file}
          choice={choice}
          onChange={(next) => setChoices(choices.with(index, next))}
          {...(choices.length > 1 && {
            onLeaveOut: () => setChoices(choices.filter((other) => other !== choice)),
          })}
        />
      ))}
      <Group justify="flex-end">
        <Button variant="default" disabled={importing} onClick={onCancel}>
          Cancel
        </Button>
        <Button
          disabled={!ready || disabled}
          loading={importing}
          onClick={() => onImport(importRequests(choices))}
        >
          Import {formatCount(choices.length, "file")}
        </Button>
      </Group>
    </Section>
  );
}

interface CheckFileProps {
  choice: FileChoice;
  onChange: (choice: FileChoice) => void;
  onLeaveOut?: () => void;
}

function CheckFile({ choice, onChange, onLeaveOut }: CheckFileProps) {
  const { preview, source } = choice;
  const name = fileName(preview.file);
  const missing = missingFromChoice(choice);
  return (
    <div className="check-file">
      <div className="check-file-head">
        <div>
          <Title order={3}>{name}</Title>
          <ul className="check-file-parts">
            {preview.parts.map((part) => (
              <li key={part.name}>
                {preview.parts.length > 1 && `${part.name}: `}
                {part.problem ? (
                  <span className="check-file-problem">
                    {preview.source === null && part.headers.length > 0 ? notRecognised : part.problem}
                  </span>
                ) : (
                  <>
                    Recognised as {preview.source ? sourceTitles[preview.source] : "a table"}
                    {part.kind && `, ${part.kind.replaceAll("_", " ")}`}
                  </>
                )}
              </li>
            ))}
          </ul>
          {onLeaveOut && (
            <Button
              mt={6}
              size="compact-xs"
              variant="default"
              onClick={onLeaveOut}
              aria-label={`Leave out ${name}`}
            >
              Leave out
            </Button>
          )}
        </div>
        {!isUnreadable(preview) && (
          <Select
            label="Comes from"
            aria-label={`Where ${name} comes from`}
            placeholder="Choose…"
            data={sourceNames.map((value) => ({ value, label: sourceTitles[value] }))}
            value={source}
            allowDeselect={false}
            onChange={(value) => onChange({ ...choice, source: value })}
          />
        )}
      </div>
      {source === "csv" && <OtherCsv choice={choice} onChange={onChange} />}
      {missing && <p className="check-file-missing">{missing}</p>}
    </div>
  );
}

function OtherCsv({ choice, onChange }: CheckFileProps) {
  const part = choice.preview.parts[0];
  if (!part) return null;
  // A select cannot offer one name twice; of two columns with the same header the first counts (interfaces §4).
  const headers = [...new Set(part.headers)].filter((header) => header !== "");
  return (
    <>
      <Select
        maw={420}
        label="The rows of this file are"
        placeholder="Choose…"
        data={fileMeanings.map((value) => ({ value, label: meaningWords[value] }))}
        value={choice.means}
        allowDeselect={false}
        onChange={(means) => onChange({ ...choice, means })}
      />
      <div className="check-file-mapping">
        {(Object.keys(fieldWords) as MappableField[]).map((field) => (
          <Select
            key={field}
            label={fieldWords[field].label}
            description={fieldWords[field].description}
            placeholder="No such column"
            data={headers}
            value={choice.map[field] ?? null}
            clearable
            clearButtonProps={{ "aria-label": `No column for ${fieldWords[field].label}` }}
            onChange={(column) => {
              const { [field]: _, ...others } = choice.map;
              onChange({ ...choice, map: column === null ? others : { ...others, [field]: column } });
            }}
          />
        ))}
      </div>
      <ScrollRegion label="First rows of the file">
        <Table withTableBorder fz="xs" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {part.headers.map((header, index) => (
                <Table.Th key={index}>{header || "(no name)"}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {part.sample.map((row, line) => (
              <Table.Tr key={line}>
                {row.map((cell, index) => (
                  <Table.Td key={index}>{cell}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </>
  );
}
