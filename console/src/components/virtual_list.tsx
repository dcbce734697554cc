import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** A table of any length of which only what is seen exists. Rows have one height. */
export function VirtualTable<T>(props: {
  label: string;
  items: T[];
  rowHeight: number;
  columns: { name: string; class?: string; sort?: () => void; sorted?: "ascending" | "descending" }[];
  row: (item: T) => ComponentChildren[];
  rowKey: (item: T) => string;
  onOpen?: (item: T) => void;
  height?: string;
}) {
  const viewport = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => setHeight(element.clientHeight));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const { rowHeight, items } = props;
  const first = Math.max(0, Math.floor(top / rowHeight) - 8);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + 8);
  const move = (event: KeyboardEvent, at: number) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -at, End: items.length - 1 - at }[event.key];
    if (event.key === "Enter") props.onOpen?.(items[at]);
    if (step === undefined) return;
    event.preventDefault();
    const to = Math.min(items.length - 1, Math.max(0, at + step));
    const element = viewport.current;
    if (!element) return;
    const y = to * rowHeight;
    if (y < element.scrollTop) element.scrollTop = y;
    if (y + rowHeight * 2 > element.scrollTop + height) element.scrollTop = y + rowHeight * 2 - height;
    requestAnimationFrame(() => {
      element.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus();
    });
  };
  return (
    <div class="vtable" role="table" aria-label={props.label} aria-rowcount={items.length + 1}>
      <div class="vrow vhead" role="row">
        {props.columns.map((column) => (
          <span key={column.name} role="columnheader" class={column.class} aria-sort={column.sorted}>
            {column.sort ? (
              <button type="button" class="sort" onClick={column.sort}>
                {column.name}
                <span aria-hidden="true">
                  {column.sorted === "ascending" ? "↑" : column.sorted === "descending" ? "↓" : ""}
                </span>
              </button>
            ) : (
              column.name
            )}
          </span>
        ))}
      </div>
      <div
        class="vbody"
        role="rowgroup"
        ref={viewport}
        tabIndex={-1}
        style={{ maxHeight: props.height ?? "max(280px, calc(100vh - 252px))" }}
        onScroll={(event) => setTop((event.target as HTMLElement).scrollTop)}
      >
        <div role="presentation" style={{ height: `${items.length * rowHeight}px`, position: "relative" }}>
          {items.slice(first, last).map((item, offset) => {
            const at = first + offset;
            return (
              <div
                key={props.rowKey(item)}
                class={props.onOpen ? "vrow opens" : "vrow"}
                role="row"
                aria-rowindex={at + 2}
                data-at={at}
                tabIndex={props.onOpen ? 0 : undefined}
                style={{ top: `${at * rowHeight}px`, height: `${rowHeight}px` }}
                onClick={() => props.onOpen?.(item)}
                onKeyDown={(event) => move(event, at)}
              >
                {props.row(item).map((cell, column) => (
                  <span key={column} role="cell" class={props.columns[column].class}>
                    {cell}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
