import { useMemo, useState } from "preact/hooks";
import { type Endpoint, type Schemas, all, get } from "../api";
import { Card, Empty, Failure, Method, Spread, StatusBar, count, ms, score } from "../components/common";
import { TemplateTree } from "../components/template_tree";
import { VirtualTable } from "../components/virtual_list";
import { useLoaded } from "../hooks";

type Sort = "path" | "observations" | "error_rate" | "p50" | "p95" | "p99" | "fidelity";

interface Row extends Endpoint {
  /** How well it was predicted; null while too little is known. */
  fidelity: number | null;
}

const VALUE: Record<Sort, (endpoint: Row) => string | number> = {
  path: (endpoint) => `${endpoint.path} ${endpoint.method}`,
  observations: (endpoint) => endpoint.observations,
  error_rate: (endpoint) => endpoint.error_rate,
  p50: (endpoint) => endpoint.latency_ms.p50,
  p95: (endpoint) => endpoint.latency_ms.p95,
  p99: (endpoint) => endpoint.latency_ms.p99,
  fidelity: (endpoint) => endpoint.fidelity ?? -1,
};

/** All scores by id, page after page. */
async function scores(): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  for (let page = 1, seen = 0; ; page++) {
    const { endpoints } = await get<Schemas["WholeFidelity"]>(`fidelity?per_page=500&page=${page}`);
    for (const one of endpoints.items) if (one.fidelity) known.set(one.id, one.fidelity.score);
    seen += endpoints.items.length;
    // Those without a score come last.
    if (seen >= endpoints.total || !endpoints.items.at(-1)?.fidelity) return known;
  }
}

export function Endpoints() {
  const loaded = useLoaded(() => all<Endpoint>("endpoints"), 0, 10_000);
  const measured = useLoaded(scores, 0, 20_000);
  const [view, setView] = useState<"table" | "tree">("table");
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<{ by: Sort; down: boolean }>({ by: "path", down: false });
  const shown = useMemo(() => {
    const wanted = search.toLowerCase();
    const found: Row[] = (loaded.data ?? [])
      .filter((endpoint) => `${endpoint.method} ${endpoint.path}`.toLowerCase().includes(wanted))
      .map((endpoint) => ({ ...endpoint, fidelity: measured.data?.get(endpoint.id) ?? null }));
    const value = VALUE[sort.by];
    found.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      const order = x < y ? -1 : x > y ? 1 : 0;
      return sort.down ? -order : order;
    });
    return found;
  }, [loaded.data, measured.data, search, sort]);
  const column = (name: string, by: Sort, cell = "") => ({
    name,
    class: cell,
    sorted: sort.by === by ? (sort.down ? ("descending" as const) : ("ascending" as const)) : undefined,
    sort: () => setSort({ by, down: sort.by === by ? !sort.down : by !== "path" }),
  });
  return (
    <>
      <Failure error={loaded.error} />
      <Card>
        <div class="toolbar wrap">
          <label class="unseen" for="search">
            Search endpoints
          </label>
          <input
            id="search"
            type="search"
            placeholder="Search method or path"
            value={search}
            onInput={(event) => setSearch((event.target as HTMLInputElement).value)}
          />
          <div class="segmented" role="group" aria-label="View">
            {(["table", "tree"] as const).map((kind) => (
              <button key={kind} type="button" class="quiet" aria-pressed={view === kind} onClick={() => setView(kind)}>
                {kind === "table" ? "Table" : "Tree"}
              </button>
            ))}
          </div>
          <span class="muted" role="status">
            {count(shown.length)} of {count(loaded.data?.length ?? 0)}
          </span>
        </div>
        {loaded.data?.length === 0 ? (
          <Empty title="Nothing is learned yet">
            <p>Send traffic through the double in proxy mode; endpoints appear within a second.</p>
          </Empty>
        ) : view === "tree" ? (
          <TemplateTree endpoints={shown} open={search !== ""} />
        ) : (
          <VirtualTable
            label="Endpoints"
            items={shown}
            rowHeight={40}
            rowKey={(endpoint) => endpoint.id}
            onOpen={(endpoint) => {
              location.hash = `#/endpoints/${endpoint.id}`;
            }}
            columns={[
              column("Endpoint", "path", "wide"),
              column("Seen", "observations", "number"),
              column("Answers", "error_rate", "statuses"),
              column("p50", "p50", "number"),
              column("p95", "p95", "number hide-phone"),
              column("p99", "p99", "number hide-phone"),
              { name: "Spread", class: "spread-cell hide-phone" },
              column("Fidelity", "fidelity", "number hide-phone"),
              { name: "Mode", class: "mode-cell hide-phone" },
            ]}
            row={(endpoint) => [
              <span class="ellipsis mono" title={`${endpoint.method} ${endpoint.path}`}>
                <Method method={endpoint.method} /> {endpoint.path}
              </span>,
              count(endpoint.observations),
              <StatusBar statuses={endpoint.statuses} />,
              ms(endpoint.latency_ms.p50),
              ms(endpoint.latency_ms.p95),
              ms(endpoint.latency_ms.p99),
              <Spread {...endpoint.latency_ms} />,
              endpoint.fidelity == null ? "–" : score(endpoint.fidelity),
              <>
                {endpoint.mode === "inherit" ? <span class="muted">inherit</span> : <span class="tag">{endpoint.mode}</span>}
                {endpoint.chaos_active && <span class="tag source-chaos">chaos</span>}
              </>,
            ]}
          />
        )}
      </Card>
    </>
  );
}
