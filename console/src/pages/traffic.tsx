import { useMemo, useState } from "preact/hooks";
import { type Exchange, type Page, get } from "../api";
import { Card, Copy, Dialog, Empty, Source, Status, clock, count, ms } from "../components/common";
import { VirtualTable } from "../components/virtual_list";
import { type Live, useLoaded } from "../hooks";

const SOURCES = ["upstream", "mock", "failover", "override", "chaos", "double"];

interface Filter {
  text: string;
  source: string;
  status: string;
  session: string;
  rule: string;
}

export function Traffic(props: { live: Live; query: URLSearchParams }) {
  const [filter, setFilter] = useState<Filter>({
    text: "",
    source: "",
    status: "",
    session: props.query.get("session") ?? "",
    rule: props.query.get("rule") ?? "",
  });
  const [open, setOpen] = useState<Exchange | null>(null);
  const [held, setHeld] = useState<Exchange[] | null>(null);
  const before = useLoaded(() => get<Page<Exchange>>("requests?limit=200"), 0);
  const all = useMemo(() => {
    const live = held ?? props.live.exchanges;
    const known = new Set(live.map((exchange) => exchange.request_id));
    return [...live, ...(before.data?.items ?? []).filter((exchange) => !known.has(exchange.request_id))].slice(0, 500);
  }, [held, props.live.exchanges, before.data]);
  const shown = all.filter((exchange) => matches(exchange, filter));
  const set = (name: keyof Filter) => (event: Event) =>
    setFilter({ ...filter, [name]: (event.target as HTMLInputElement).value });
  return (
    <>
      <Card>
        <div class="toolbar wrap">
          <label class="unseen" for="traffic-text">
            Method, path or template
          </label>
          <input id="traffic-text" type="search" placeholder="Method, path or template" value={filter.text} onInput={set("text")} />
          <label class="unseen" for="traffic-source">
            Who answered
          </label>
          <select id="traffic-source" value={filter.source} onChange={set("source")}>
            <option value="">any source</option>
            {SOURCES.map((source) => (
              <option key={source}>{source}</option>
            ))}
          </select>
          <label class="unseen" for="traffic-status">
            Status
          </label>
          <input id="traffic-status" class="short" placeholder="status, 5xx" value={filter.status} onInput={set("status")} />
          <label class="unseen" for="traffic-session">
            Session
          </label>
          <input id="traffic-session" class="short" placeholder="session" value={filter.session} onInput={set("session")} />
          <label class="unseen" for="traffic-rule">
            Chaos rule
          </label>
          <input id="traffic-rule" class="short" placeholder="rule" value={filter.rule} onInput={set("rule")} />
          <button type="button" class="quiet" aria-pressed={held !== null} onClick={() => setHeld(held ? null : props.live.exchanges)}>
            {held ? "Go on" : "Pause"}
          </button>
          <span class="muted">
            {count(shown.length)} shown{props.live.skipped > 0 && `, ${count(props.live.skipped)} passed by unseen`}
          </span>
        </div>
        {all.length === 0 ? (
          <Empty title="Nothing yet">
            <p>Requests through the double appear here as they are answered.</p>
          </Empty>
        ) : (
          <VirtualTable
            label="Exchanges, newest first"
            items={shown}
            rowHeight={36}
            rowKey={(exchange) => exchange.request_id}
            onOpen={setOpen}
            columns={[
              { name: "Time", class: "time hide-phone" },
              { name: "Request", class: "wide" },
              { name: "Status", class: "status-cell" },
              { name: "By", class: "source-cell" },
              { name: "Why", class: "reason hide-phone" },
              { name: "Took", class: "number hide-phone" },
              { name: "Session", class: "session hide-phone" },
            ]}
            row={(exchange) => [
              clock(exchange.at),
              <span class="ellipsis mono" title={exchange.endpoint}>
                {method(exchange)} {exchange.path}
              </span>,
              <Status status={exchange.status} />,
              <Source source={exchange.source} />,
              <span class="ellipsis muted">{exchange.error ?? exchange.reason ?? exchange.chaos?.effects ?? ""}</span>,
              ms(exchange.duration_ms),
              <span class="ellipsis muted">{exchange.session ?? ""}</span>,
            ]}
          />
        )}
      </Card>
      {open && <ExchangeDialog exchange={open} onClose={() => setOpen(null)} />}
    </>
  );
}

const method = (exchange: Exchange) => exchange.endpoint.split(" ")[0];

function matches(exchange: Exchange, filter: Filter): boolean {
  const text = `${exchange.endpoint} ${exchange.path}`.toLowerCase();
  const status = filter.status.trim().toLowerCase();
  const own = String(exchange.status ?? "");
  return (
    text.includes(filter.text.toLowerCase()) &&
    (!filter.source || exchange.source === filter.source) &&
    (!status || own === status || (status.endsWith("xx") && own[0] === status[0])) &&
    (!filter.session || (exchange.session ?? "").includes(filter.session)) &&
    (!filter.rule || (exchange.chaos?.rules ?? []).some((hit) => hit.rule.includes(filter.rule)))
  );
}

function ExchangeDialog(props: { exchange: Exchange; onClose: () => void }) {
  const { exchange } = props;
  const facts: [string, string | null | undefined][] = [
    ["Endpoint", exchange.endpoint],
    ["Arrived", exchange.at],
    ["Took", ms(exchange.duration_ms)],
    ["Mode", exchange.mode ? `${exchange.mode.effective}, from ${exchange.mode.from}` : null],
    ["Why", exchange.reason],
    ["Error", exchange.error],
    ["Session", exchange.session],
    ["Drawn latency", exchange.draw ? `${ms(exchange.draw.latency_ms)}, draw ${exchange.draw.sequence}` : null],
    ["Chaos", exchange.chaos ? `${exchange.chaos.effects || "nothing to act on"} (held ${ms(exchange.chaos.held_ms)})` : null],
    ["Rules", exchange.chaos?.rules.map((hit) => hit.rule).join(", ")],
    ["Request id", exchange.request_id],
  ];
  const parts = ["curl", "-i"];
  if (method(exchange) !== "GET") parts.push("-X", method(exchange));
  if (exchange.session) parts.push("-H", `'X-Mock-Session: ${exchange.session}'`);
  parts.push(`'${location.origin}${exchange.path}'`);
  const query = new URLSearchParams({ new: "1", method: method(exchange), path: exchange.path });
  if (exchange.session) query.set("session", exchange.session);
  return (
    <Dialog title={`${method(exchange)} ${exchange.path}`} onClose={props.onClose}>
      <p>
        <Status status={exchange.status} /> <Source source={exchange.source} />
      </p>
      <dl class="table">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <h3>Repeat it</h3>
      <Copy text={parts.join(" ")} />
      <div class="actions">
        <a class="button" href={`#/overrides?${query}`}>
          Make an override of this
        </a>
        {exchange.endpoint_id && (
          <a class="button" href={`#/endpoints/${exchange.endpoint_id}`}>
            Endpoint
          </a>
        )}
      </div>
    </Dialog>
  );
}
