// biome-ignore-all lint/a11y/useSemanticElements: table elements cannot be laid out row by row out of the flow
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys for its marked row

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { RowRange } from "./paged-rows.ts";
import "./long-table.css";

const rowHeight = 40;
/** The head stays at the top of the scrolled part and covers that much of it. */
const headHeight = 40;
/** A browser draws no element higher than about 33 million pixels. */
const mostRows = 500_000;

export interface LongTableColumn<Row> {
  title: string;
  /** A CSS grid track: `120px`, `minmax(0, 2fr)`. */
  width: string;
  cell: (row: Row) => ReactNode;
}

interface LongTableProps<Row> {
  /** The table's name for screen readers. */
  label: string;
  columns: LongTableColumn<Row>[];
  total: number;
  /** Null while the row is on its way. */
  row: (index: number) => Row | null;
  onRange: (range: RowRange) => void;
  /** Enter or a click on a row. */
  onOpen?: (index: number) => void;
  /** Pixels. */
  height: number;
}

/**
 * A table of any length: only the rows on show are drawn. Arrow keys, Page Up and Down, Home and End move the
 * marked row, Enter opens it.
 */
export function LongTable<Row>({ label, columns, total, row, onRange, onOpen, height }: LongTableProps<Row>) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [marked, setMarked] = useState(0);
  const count = Math.min(total, mostRows);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const markedRow = Math.min(marked, Math.max(0, count - 1));

  useEffect(() => onRange({ first, last }), [onRange, first, last]);

  const mark = (index: number) => {
    const within = Math.max(0, Math.min(count - 1, index));
    setMarked(within);
    virtualizer.scrollToIndex(within);
    scroller.current?.scrollIntoView({ block: "nearest" });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const pageRows = Math.max(1, Math.floor(height / rowHeight) - 2);
    const moves: Record<string, () => void> = {
      ArrowDown: () => mark(markedRow + 1),
      ArrowUp: () => mark(markedRow - 1),
      PageDown: () => mark(markedRow + pageRows),
      PageUp: () => mark(markedRow - pageRows),
      Home: () => mark(0),
      End: () => mark(count - 1),
      Enter: () => onOpen?.(markedRow),
    };
    const move = moves[event.key];
    if (!move || count === 0) return;
    event.preventDefault();
    move();
  };

  const gridTemplateColumns = columns.map((column) => column.width).join(" ");
  const rowId = (index: number) => `${id}-${index}`;
  const markedIsDrawn = count > 0 && markedRow >= first && markedRow <= last;

  return (
    <div className="long-table-frame">
      <div
        className="long-table"
        role="grid"
        aria-label={label}
        aria-rowcount={total + 1}
        aria-readonly="true"
        {...(markedIsDrawn && { "aria-activedescendant": rowId(markedRow) })}
        tabIndex={0}
        onKeyDown={onKeyDown}
        ref={scroller}
        style={{ maxHeight: height }}
      >
        <div role="rowgroup" className="long-table-head">
          <div
            role="row"
            aria-rowindex={1}
            className="long-table-row"
            style={{ gridTemplateColumns, height: headHeight }}
          >
            {columns.map((column) => (
              <div key={column.title} role="columnheader" className="long-table-cell">
                {column.title}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="long-table-body" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const content = row(index);
            return (
              <div
                key={index}
                id={rowId(index)}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={index === markedRow}
                className={onOpen ? "long-table-row long-table-row-opens" : "long-table-row"}
                style={{
                  gridTemplateColumns,
                  height: rowHeight,
                  transform: `translateY(${start - headHeight}px)`,
                }}
                onClick={() => {
                  setMarked(index);
                  if (content !== null) onOpen?.(index);
                }}
              >
                {columns.map((column) => (
                  <div key={column.title} role="gridcell" className="long-table-cell">
                    {content === null ? <span className="long-table-coming">…</span> : column.cell(content)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {total > mostRows && (
        <p className="long-table-remark">
          The table shows the first {mostRows.toLocaleString("en")} rows. Filter to see the others.
        </p>
      )}
    </div>
  );
}
