import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { levelWords, sourceTitles, wordsFor } from "../shared/words.ts";
import { additionWords, type AdditionsChart as Chart, type Panel } from "./additions.ts";
import { isStopped } from "./runs.tsx";
import "./additions-chart.css";

/** Pixels from the base line to the top of the scale. */
const plotHeight = 84;
/** Pixels over it, for the scale's number. */
const headroom = 16;
/** What is there is seen: no segment is drawn lower than this, in pixels. */
const leastHeight = 2;
/** Places for bars: a few runs do not become a few walls. */
const leastPlaces = 14;

/**
 * New suppressions over time: a row of bars for each source, a bar for each run, a colour for each reason.
 * The list of runs on the same screen says the same in words and numbers.
 */
export function AdditionsChart({ chart }: { chart: Chart }) {
  const { runs, panels, levels, top } = chart;
  const places = Math.max(runs.length, leastPlaces);
  return (
    <figure className="additions">
      <ul className="additions-legend" aria-label="Colours of the reasons">
        {levels.map((level) => (
          <li key={level}>
            <span className="additions-swatch" data-level={level} aria-hidden />
            {wordsFor(levelWords, level)}
          </li>
        ))}
      </ul>
      {panels.map((panel) => (
        <SourcePanel key={panel.source} panel={panel} runs={runs} top={top} places={places} />
      ))}
      <RunMarks runs={runs} places={places} />
    </figure>
  );
}

interface SourcePanelProps {
  panel: Panel;
  runs: Chart["runs"];
  top: number;
  places: number;
}

function SourcePanel({ panel, runs, top, places }: SourcePanelProps) {
  const title = wordsFor(sourceTitles, panel.source);
  const base = headroom + plotHeight;
  return (
    <div className="additions-panel">
      <div className="additions-source">
        <strong>{title}</strong>
        <span className="dimmed small">{formatNumber(panel.total)} in all</span>
      </div>
      <svg
        role="img"
        aria-label={`${title}: ${formatCount(panel.total, "new suppression")} in ${formatCount(runs.length, "run")}. The list of runs says how many in each.`}
        width="100%"
        height={base + 1}
      >
        <line className="additions-line" x1="0" x2="100%" y1={headroom} y2={headroom} />
        <text className="additions-scale" x="100%" y={headroom - 4} textAnchor="end">
          {formatNumber(top)}
        </text>
        {panel.bars.map((bar, index) => (
          <g key={runs[index]?.startedAt}>
            {bar.map(({ level, addresses, below }) => {
              // A line of the ground between two reasons.
              const height = Math.max(leastHeight, (addresses / top) * plotHeight - (below > 0 ? 1 : 0));
              return (
                <rect
                  key={level}
                  className="additions-bar"
                  data-level={level}
                  x={`${middleOf(index, places)}%`}
                  y={base - (below / top) * plotHeight - (below > 0 ? 1 : 0) - height}
                  height={height}
                  style={{ width: `min(${70 / places}%, 26px)` }}
                />
              );
            })}
            <rect
              className="additions-hover"
              x={`${(index / places) * 100}%`}
              width={`${100 / places}%`}
              y={0}
              height={base}
            >
              <title>{hoverWords(panel.source, runs[index])}</title>
            </rect>
          </g>
        ))}
        <line className="additions-base" x1="0" x2="100%" y1={base} y2={base} />
      </svg>
    </div>
  );
}

/** Under the bars: when the first and the last run were, and which ones stopped. */
function RunMarks({ runs, places }: { runs: Chart["runs"]; places: number }) {
  const [first, last] = [runs[0], runs.at(-1)].map((run) => run && formatTime(run.startedAt));
  const stopped = runs.filter(isStopped).length;
  return (
    <div className="additions-panel">
      <span className="dimmed small">{stopped > 0 && `${formatCount(stopped, "run")} stopped`}</span>
      <div>
        {stopped > 0 && (
          <svg width="100%" height={12} aria-hidden="true">
            {runs.map(
              (run, index) =>
                isStopped(run) && (
                  <text
                    key={run.startedAt}
                    className="additions-stopped"
                    x={`${middleOf(index, places)}%`}
                    y={10}
                    textAnchor="middle"
                  >
                    ×
                  </text>
                ),
            )}
          </svg>
        )}
        <p className="additions-times" style={{ width: `${(runs.length / places) * 100}%` }}>
          <span>{first}</span>
          {last !== first && (
            <span>
              {runs.length < leastPlaces / 2 && "to "}
              {last}
            </span>
          )}
        </p>
      </div>
    </div>
  );
}

function middleOf(index: number, places: number): number {
  return ((index + 0.5) / places) * 100;
}

function hoverWords(source: string, run: Chart["runs"][number] | undefined): string {
  if (!run) return "";
  const [words] = additionWords(run.added.filter((entry) => entry.source === source));
  return `${formatTime(run.startedAt)}. ${words ?? `${wordsFor(sourceTitles, source)}: none`}`;
}
