import type { ReactNode } from "react";
import "./scroll-region.css";

interface ScrollRegionProps {
  /** The region's name for screen readers. */
  label: string;
  /** Pixels or a CSS length; without one only the width is limited. */
  maxHeight?: number | string;
  children: ReactNode;
}

/** A part that scrolls by itself, also by keyboard. */
export function ScrollRegion({ label, maxHeight, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without focus the arrow keys could not scroll it
    <section className="scroll-region" aria-label={label} tabIndex={0} style={{ maxHeight }}>
      {children}
    </section>
  );
}
