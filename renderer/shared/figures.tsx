import type { ReactNode } from "react";
import "./figures.css";

interface Figure {
  /** The number or words themselves. */
  value: ReactNode;
  label: string;
  /** A few words of explanation under the label. */
  explanation?: string;
}

/** A row of numbers with their meaning in words. */
export function Figures({ figures }: { figures: Figure[] }) {
  return (
    <dl className="figures">
      {figures.map((figure) => (
        <div key={figure.label} className="figure">
          <dt>
            {figure.label}
            {figure.explanation && <span className="figure-explanation">{figure.explanation}</span>}
          </dt>
          <dd>{figure.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Names and values in two columns. */
export function Particulars({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className="particulars">
      {items.map(([name, value]) => (
        <div key={name} className="particular">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
