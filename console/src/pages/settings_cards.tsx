import { useState } from "preact/hooks";
import { type Page, type Schemas, get, post } from "../api";
import { Card, Empty, Failure, count, moment } from "../components/common";
import { useLoaded } from "../hooks";

/** The backends of this double. */
export function Routes() {
  const loaded = useLoaded(() => get<Page<Schemas["RouteDocument"]>>("routes?per_page=500"), 0, 5_000);
  return (
    <Card title="Backends">
      <Failure error={loaded.error} />
      <ul class="lines">
        {(loaded.data?.items ?? []).map((route) => (
          <li key={route.name} class="wrap">
            <strong>{route.name}</strong>
            <span class="grow ellipsis mono">
              {route.match ?? "all other requests"} → {route.target}
            </span>
            <span class={`tag ${route.up ? "state-active" : "status-5"}`}>{route.up ? "up" : "down"}</span>
            <span class="muted">{route.mode ?? "mode of the double"}</span>
            <span class="muted">{count(route.endpoints)} endpoints</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What changed since a baseline was kept. */
export function Drift() {
  const loaded = useLoaded(() => get<Page<Schemas["BaselineSummary"]>>("baselines?per_page=100"), 0);
  const [drift, setDrift] = useState<Schemas["Drift"] | null>(null);
  const [name, setName] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const keep = async (event: Event) => {
    event.preventDefault();
    await post(`baselines/${encodeURIComponent(name)}`).then(() => setError(null), setError);
    setName("");
    await loaded.reload();
  };
  const compare = (name: string) =>
    get<Schemas["Drift"]>(`drift?against=${encodeURIComponent(name)}`).then((found) => {
      setDrift(found);
      setError(null);
    }, setError);
  const items = loaded.data?.items ?? [];
  return (
    <Card title="Drift">
      <Failure error={error ?? loaded.error} />
      <form class="toolbar" onSubmit={(event) => void keep(event)}>
        <label class="unseen" for="baseline">
          Name of the baseline
        </label>
        <input
          id="baseline"
          required
          placeholder="release-7"
          value={name}
          onInput={(event) => setName((event.target as HTMLInputElement).value)}
        />
        <button type="submit">Keep what is known now</button>
      </form>
      {items.length === 0 ? (
        <Empty title="No baseline is kept">
          <p>A baseline is what is known now, by a name: later it says what has changed since.</p>
        </Empty>
      ) : (
        <ul class="lines">
          {items.map((baseline) => (
            <li key={baseline.name}>
              <strong class="grow ellipsis">{baseline.name}</strong>
              <span class="muted">{count(baseline.observations)} exchanges</span>
              <span class="muted">{moment(baseline.created_at)}</span>
              <button type="button" class="quiet" onClick={() => void compare(baseline.name)}>
                What changed?<span class="unseen"> since {baseline.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {drift && <Findings drift={drift} />}
    </Card>
  );
}

const TAGS: Record<string, string> = { breaking: "status-5", warning: "status-4", info: "status-3" };

function Findings(props: { drift: Schemas["Drift"] }) {
  const { drift } = props;
  return (
    <div role="status">
      <h3>
        Since {drift.against}, {moment(drift.since)}
      </h3>
      {drift.findings.length === 0 ? (
        <p class="muted">
          {drift.endpoints === 0 ? "Nothing has been seen since." : `Nothing has changed at ${count(drift.endpoints)} endpoints that were seen since.`}
        </p>
      ) : (
        <ul class="lines">
          {drift.findings.map((finding, at) => (
            <li key={at}>
              <span class={`tag ${TAGS[finding.severity] ?? ""}`}>{finding.severity}</span>
              <span class="grow">
                <code>{finding.endpoint}</code> {finding.text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
