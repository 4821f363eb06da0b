import { Button, Progress } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Activity } from "../../contract/activity.ts";
import { shownFailure } from "../shared/failure.ts";
import { useActivity } from "./activity-context.tsx";
import {
  activityTitles,
  announcement,
  percentDone,
  progressWords,
  rateWords,
  timeLeftWords,
  waitingWords,
} from "./activity-words.ts";
import { useClients } from "./clients-context.tsx";
import { useTask } from "./queries.ts";
import "./activity-bar.css";

/** What runs now, how far it is and how long it still takes; nothing while nothing runs. */
export function ActivityBar() {
  const activity = useActivity();
  return (
    <footer className="activity">
      <ActivityAnnouncer activity={activity} />
      {activity && <RunningActivity activity={activity} />}
    </footer>
  );
}

function RunningActivity({ activity }: { activity: Activity }) {
  const { engine } = useClients();
  const pausing = useTask(() => (activity.paused ? engine.activity.resume() : engine.activity.pause()));
  const cancelling = useTask(() => engine.activity.cancel());
  const failed = pausing.error ?? cancelling.error;
  const percent = percentDone(activity);
  const particulars = [
    progressWords(activity),
    rateWords(activity),
    timeLeftWords(activity),
    waitingWords(activity),
  ];
  const title = activityTitles[activity.kind];
  return (
    <div className="activity-bar">
      <div className="activity-words">
        <p className="activity-step">
          <strong>{title}</strong>
          <span>{failed ? shownFailure(failed).message : activity.step}</span>
        </p>
        <p className="activity-particulars">{particulars.filter(Boolean).join(" · ")}</p>
      </div>
      <Progress.Root className="activity-progress" size="md">
        <Progress.Section
          value={percent ?? 100}
          animated={percent === null && !activity.paused}
          striped={percent === null}
          aria-label={title}
          aria-valuetext={percent === null ? "in progress" : `${percent} percent`}
        />
      </Progress.Root>
      <Button
        size="xs"
        variant="default"
        disabled={activity.cancelling}
        loading={pausing.isPending}
        onClick={() => pausing.mutate()}
      >
        {activity.paused ? "Resume" : "Pause"}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={activity.cancelling}
        loading={cancelling.isPending}
        onClick={() => cancelling.mutate()}
      >
        Cancel
      </Button>
    </div>
  );
}

/** Tells a screen reader the turning points, not every number. */
function ActivityAnnouncer({ activity }: { activity: Activity | null }) {
  const before = useRef<Activity | null>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    const next = announcement(before.current, activity);
    before.current = activity;
    if (next !== null) setWords(next);
  }, [activity]);
  return (
    <div className="for-screen-readers" role="status">
      {words}
    </div>
  );
}
