import { useMemo, useState } from "preact/hooks";
import type { Endpoint } from "../api";
import { Method, StatusBar, count } from "./common";
import { VirtualTable } from "./virtual_list";

interface Branch {
  /** The way to it, which names it. */
  path: string;
  segment: string;
  depth: number;
  children: Map<string, Branch>;
  endpoints: Endpoint[];
  /** Endpoints at or below it, and what was seen of them. */
  size: number;
  observations: number;
}

type Row = { branch: Branch; endpoint?: undefined } | { branch: Branch; endpoint: Endpoint };

const branch = (path: string, segment: string, depth: number): Branch => ({
  path,
  segment,
  depth,
  children: new Map(),
  endpoints: [],
  size: 0,
  observations: 0,
});

function grow(endpoints: Endpoint[]): Branch {
  const root = branch("", "", -1);
  for (const endpoint of endpoints) {
    let at = root;
    const way = [root];
    for (const segment of endpoint.path.split("/").slice(1)) {
      const known = at.children.get(segment) ?? branch(`${at.path}/${segment}`, segment, at.depth + 1);
      at.children.set(segment, known);
      at = known;
      way.push(at);
    }
    at.endpoints.push(endpoint);
    for (const passed of way) {
      passed.size += 1;
      passed.observations += endpoint.observations;
    }
  }
  return root;
}

/** Branches that nobody has to open one by one: few enough to be seen at once. */
const OPEN_MAX = 60;

/** Templates as a tree; only what is seen of it exists. */
export function TemplateTree(props: { endpoints: Endpoint[]; open: boolean }) {
  const root = useMemo(() => grow(props.endpoints), [props.endpoints]);
  const openAll = props.open || root.size <= OPEN_MAX;
  // What a person has opened or closed, against what is so without them.
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const isOpen = (path: string) => openAll !== turned.has(path);
  const rows: Row[] = [];
  const walk = (from: Branch) => {
    for (const child of [...from.children.values()].sort((a, b) => (a.segment < b.segment ? -1 : 1))) {
      rows.push({ branch: child });
      if (!isOpen(child.path)) continue;
      for (const endpoint of child.endpoints) rows.push({ branch: child, endpoint });
      walk(child);
    }
  };
  walk(root);
  const open = ({ branch, endpoint }: Row) => {
    if (endpoint) {
      location.hash = `#/endpoints/${endpoint.id}`;
      return;
    }
    const next = new Set(turned);
    if (!next.delete(branch.path)) next.add(branch.path);
    setTurned(next);
  };
  return (
    <VirtualTable<Row>
      label="Templates as a tree"
      items={rows}
      rowHeight={34}
      rowKey={({ branch, endpoint }) => endpoint?.id ?? branch.path}
      onOpen={open}
      columns={[
        { name: "Template", class: "wide" },
        { name: "Endpoints", class: "number" },
        { name: "Seen", class: "number" },
        { name: "Answers", class: "statuses" },
      ]}
      row={({ branch, endpoint }) => [
        <span class="ellipsis mono" style={{ paddingLeft: `${(branch.depth + (endpoint ? 1 : 0)) * 18}px` }}>
          {endpoint ? (
            <Method method={endpoint.method} />
          ) : (
            <>
              <span class="twist" aria-hidden="true">
                {isOpen(branch.path) ? "▾" : "▸"}
              </span>
              /{branch.segment}
              <span class="unseen">{isOpen(branch.path) ? ", open" : ", closed"}</span>
            </>
          )}
        </span>,
        endpoint ? "" : count(branch.size),
        count(endpoint ? endpoint.observations : branch.observations),
        endpoint ? <StatusBar statuses={endpoint.statuses} /> : "",
      ]}
    />
  );
}
