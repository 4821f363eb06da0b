import { Button, Group, Table, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Plan } from "../../contract/delivery.ts";
import type { SourceName } from "../../contract/source.ts";
import { formatNumber } from "../shared/format.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { sourceTitles, topicWords, wordsFor } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

type Topic = Plan["topics"][number];

/** Opt-outs from single topics, and the Customer.io topics that they go to. */
export function Topics({ topics }: { topics: Topic[] }) {
  const { engine } = useClients();
  const mapping = useTask(({ topic, destination }: { topic: Topic; destination: string | null }) =>
    // The contract's plan has the source's name as text, its mapping wants the name: they are the same word.
    engine.plan.mapTopic({ source: topic.source as SourceName, topic: topic.topic, destination }),
  );
  if (topics.length === 0) return null;
  return (
    <Section
      title="Topics"
      explanation="Opt-outs from single topics. Give each the number of the Customer.io topic that takes its place, from the subscription center’s settings. One without a number is not written, and the plan warns of it."
    >
      {mapping.isError && <FailureNotice error={mapping.error} />}
      <ScrollRegion label="Table of topics">
        <Table fz="sm" verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Source</Table.Th>
              <Table.Th>Topic there</Table.Th>
              <Table.Th className="number">People opted out</Table.Th>
              <Table.Th>Topic in Customer.io</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {topics.map((topic) => (
              <Table.Tr key={`${topic.source} ${topic.topic}`}>
                <Table.Td>{wordsFor(sourceTitles, topic.source)}</Table.Td>
                <Table.Td>{topicWords(topic.topic)}</Table.Td>
                <Table.Td className="number">{formatNumber(topic.persons)}</Table.Td>
                <Table.Td>
                  <TopicMapping
                    key={topic.destination}
                    topic={topic}
                    pending={mapping.isPending && mapping.variables.topic === topic}
                    onMap={(destination) => mapping.mutate({ topic, destination })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </Section>
  );
}

interface TopicMappingProps {
  topic: Topic;
  pending: boolean;
  onMap: (destination: string | null) => void;
}

function TopicMapping({ topic, pending, onMap }: TopicMappingProps) {
  const activity = useActivity();
  const [number, setNumber] = useState(topic.destination?.replace("topic_", "") ?? "");
  const valid = /^\d+$/.test(number.trim());
  const name = `${wordsFor(sourceTitles, topic.source)} ${topicWords(topic.topic)}`;
  const destination = `topic_${number.trim()}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onMap(destination);
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          w={110}
          aria-label={`Number of the Customer.io topic for ${name}`}
          leftSection={<span className="dimmed">topic_</span>}
          leftSectionWidth={48}
          leftSectionPointerEvents="none"
          placeholder="none"
          inputMode="numeric"
          value={number}
          error={number.trim() !== "" && !valid}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          aria-label={`Save the topic for ${name}`}
          disabled={activity !== null || !valid || destination === topic.destination}
          loading={pending}
        >
          Save
        </Button>
        {topic.destination !== null && (
          <Button
            size="xs"
            variant="default"
            aria-label={`Take back the topic for ${name}`}
            disabled={activity !== null || pending}
            onClick={() => onMap(null)}
          >
            Take back
          </Button>
        )}
      </Group>
    </form>
  );
}
