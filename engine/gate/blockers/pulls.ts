import { isoTime } from "../../clock.ts";
import { apiSources } from "../../pulls/api-sources.ts";
import { pullTimes } from "../../pulls/pulled-sources.ts";
import { unconfirmedWords } from "../../pulls/source-connection.ts";
import { streamsOf, unfinishedPull } from "../../pulls/unfinished-pull.ts";
import { type Blocker, clockTolerance, type FindBlockers } from "../blocker.ts";

/**
 * How old the last full pull may be, in microseconds: a week. What changed is asked for every day, but an opt-out
 * that moves no mark at its vendor shows in a full pull alone (reference/klaviyo.md §6).
 */
const fullPullValidity = 7 * 24 * 3_600_000_000;

/** Sources that are pulled over their APIs: each must have been read to its end, all of it, and of late. */
export const pullBlockers: FindBlockers = async ({ store }, { at, validity }) => {
  const blockers: Blocker[] = [];
  for (const { source, retired_at, unconfirmed, unanswered } of await apiSources(store)) {
    if (unconfirmed !== null) {
      blockers.push({
        code: "USER_ID_UNCONFIRMED",
        message: unconfirmedWords(source, unconfirmed),
        nextStep: `Pull ${source} again and say which field it is, or that there is none (pull --user-id FIELD, or --user-id none).`,
      });
    }
    const begun = await unfinishedPull(store, source);
    const { pulled_at, full_pulled_at } = await pullTimes(store, source);
    if (begun) {
      const streams = await streamsOf(store, begun.pull_id);
      const ended = streams.filter(({ complete }) => complete).length;
      blockers.push({
        code: "SOURCE_INCOMPLETE",
        message: `The export of ${source} that began at ${isoTime(begun.started_at)} was not read to its end (${ended} of ${streams.length} parts are), so opt-outs may be missing.${unanswered === null ? "" : ` ${unanswered}`}`,
        nextStep: `Pull ${source} again: it goes on where it stopped.`,
      });
    } else if (pulled_at === null || full_pulled_at === null) {
      blockers.push({
        code: "SOURCE_INCOMPLETE",
        message: `${source} is connected and was never read to its end.`,
        nextStep: `Pull ${source}.`,
      });
    } else if (retired_at === null && unanswered !== null) {
      blockers.push({
        code: "SOURCE_UNANSWERED",
        message: `${source} was asked and did not answer; who opted out there since ${isoTime(pulled_at)} is not known. ${unanswered}`,
        nextStep: `Mend that, then pull ${source} or run the sync; or retire it with a reason once its old links take no opt-outs any more.`,
      });
    } else if (retired_at === null && Math.max(pulled_at, full_pulled_at) > at + clockTolerance) {
      blockers.push({
        code: "SOURCE_FUTURE",
        message: `${source} was last read at ${isoTime(Math.max(pulled_at, full_pulled_at))}, a time still to come: a clock was set back. Who opted out there of late is not known.`,
        nextStep: `Set this computer's clock right; if it is, pull everything of ${source} again.`,
      });
    } else if (retired_at === null && pulled_at < at - validity) {
      blockers.push({
        code: "SOURCE_STALE",
        message: `${source} was last asked at ${isoTime(pulled_at)}; who opted out there since then is not known.`,
        nextStep:
          "Run the sync, or retire the source with a reason once its old links take no opt-outs any more.",
      });
    } else if (retired_at === null && full_pulled_at < at - fullPullValidity) {
      blockers.push({
        code: "FULL_PULL_OLD",
        message: `All of ${source} was last read at ${isoTime(full_pulled_at)}; silent changes since then may be missing.`,
        nextStep: `Pull everything of ${source} again.`,
      });
    }
  }
  return blockers;
};
