import { useState } from "preact/hooks";
import { type Mode, type Page, type Rule, type Schemas, get, patch, post } from "../api";
import { Card, Copy, Empty, Failure, Source, clock, count, left, moment, ms, percent, score } from "../components/common";
import { Plot } from "../components/plot";
import { type Live, useLoaded } from "../hooks";

const MODES: [Mode, string, string][] = [
  ["proxy", "Proxy", "Every request goes to the backend, and its answers teach the double."],
  ["mock", "Mock", "The double answers from what it has learned; the backend is left alone."],
  ["failover", "Failover", "The backend answers; while it is down, the double stands in."],
];

const SOURCES: [string, string][] = [
  ["upstream", "--c-upstream"],
  ["mock", "--c-mock"],
  ["failover", "--c-failover"],
  ["override", "--c-override"],
  ["chaos", "--c-chaos"],
  ["error", "--c-error"],
];

export function Overview(props: { live: Live }) {
  const { live } = props;
  const [error, setError] = useState<Error | null>(null);
  const ready = useLoaded(() => get<Schemas["Readiness"]>("health/ready"), 0, 10_000);
  const rules = useLoaded(() => get<Page<Rule>>("chaos/rules?per_page=100"), live.state?.chaos_active, 5_000);
  const endpoints = useLoaded(() => get<Page<Schemas["EndpointSummary"]>>("endpoints?per_page=500"), live.state?.endpoints, 10_000);
  const fidelity = useLoaded(() => get<Schemas["WholeFidelity"]>("fidelity?per_page=1"), live.state?.endpoints, 10_000);
  const sessions = useLoaded(() => get<Page<Schemas["SessionSummary"]>>("sessions?per_page=100"), 0, 10_000);
  const state = live.state;
  const setMode = async (mode: Mode) => {
    try {
      await patch("settings", { mode });
      setError(null);
    } catch (failure) {
      setError(failure as Error);
    }
  };
  const stop = async (order: Promise<unknown>) => {
    await order.catch(setError);
    await rules.reload();
  };
  const active = rules.data?.items.filter((rule) => rule.state === "active") ?? [];
  const shown = SOURCES.filter(([source]) => (state?.requests[source] ?? 0) > 0);
  const last = live.rates.at(-1);
  const busiest = [...(endpoints.data?.items ?? [])].sort((a, b) => b.observations - a.observations).slice(0, 6);
  const known = endpoints.data?.items ?? [];
  const sure = known.filter((endpoint) => endpoint.observations >= 30).length;
  return (
    <>
      <Failure error={error} />
      {ready.data?.notices.map((notice) => (
        <p key={notice.notice} class="notice">
          {notice.detail}
        </p>
      ))}
      <Card title="Who answers">
        <div class="modes" role="radiogroup" aria-label="Mode">
          {MODES.map(([mode, name, text]) => (
            <button
              key={mode}
              type="button"
              role="radio"
              aria-checked={state?.mode === mode}
              class="mode"
              data-mode={mode}
              onClick={() => void setMode(mode)}
            >
              <strong>{name}</strong>
              <span>{text}</span>
            </button>
          ))}
        </div>
      </Card>
      <div class="tiles">
        <Tile name="Backend" value={state ? (state.backend_up ? "up" : "down") : "–"} tone={state && !state.backend_up ? "bad" : "good"} />
        <Tile name="Requests a second" value={last ? sum(last.rates).toFixed(1) : "–"} />
        <Tile name="In flight" value={state ? count(state.in_flight) : "–"} />
        <Tile
          name="How sure"
          value={fidelity.data?.score == null ? "–" : score(fidelity.data.score)}
          detail={fidelity.data ? `fidelity of ${count(fidelity.data.measured)} endpoints, ${count(fidelity.data.not_enough)} seen too rarely` : undefined}
        />
        <Tile name="Endpoints learned" value={state ? count(state.endpoints) : "–"} detail={known.length ? `${percent(sure / known.length)} seen 30 times or more` : undefined} />
      </div>
      {state?.endpoints === 0 && <FirstSteps />}
      <Card title="Traffic">
        {shown.length === 0 ? (
          <Empty title="No request has come yet" />
        ) : live.rates.length < 2 ? (
          <Empty title="Counting the first seconds" />
        ) : (
          <Plot
            label="Requests a second, by who answered"
            x={live.rates.map((point) => point.at)}
            ys={shown.map(([source]) => live.rates.map((point) => point.rates[source] ?? 0))}
            series={shown.map(([source, colour]) => ({ label: source, colour, fill: shown.length === 1 }))}
            unit="/s"
            window={120}
          />
        )}
        <p class="legend">
          {shown.map(([source]) => (
            <span key={source}>
              <Source source={source} /> {count(state?.requests[source] ?? 0)}
            </span>
          ))}
        </p>
      </Card>
      <div class="columns three">
        <Card
          title="Chaos"
          aside={
            active.length > 0 ? (
              <button type="button" class="danger" onClick={() => void stop(post("chaos/stop"))}>
                Stop all
              </button>
            ) : (
              <a href="#/chaos">make a rule</a>
            )
          }
        >
          {active.length === 0 ? (
            <Empty title="Nothing is disturbed" />
          ) : (
            <ul class="lines">
              {active.map((rule) => (
                <li key={rule.id}>
                  <a href="#/chaos" class="grow ellipsis">
                    {rule.name}
                  </a>
                  <span class="muted">{left(rule.expires_at)}</span>
                  <button type="button" class="quiet" onClick={() => void stop(patch(`chaos/rules/${encodeURIComponent(rule.id)}`, { enabled: false }))}>
                    Stop<span class="unseen"> {rule.name}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Busiest endpoints" aside={<a href="#/endpoints">all</a>}>
          {busiest.length === 0 ? (
            <Empty title="Nothing is learned yet" />
          ) : (
            <ul class="lines">
              {busiest.map((endpoint) => (
                <li key={endpoint.id}>
                  <a class="grow ellipsis mono" href={`#/endpoints/${endpoint.id}`}>
                    {endpoint.method} {endpoint.path}
                  </a>
                  <span class="muted">{count(endpoint.observations)}</span>
                  <span class="muted">{ms(endpoint.latency_ms.p50)}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Sessions" aside={<a href="#/world">all</a>}>
          {(sessions.data?.items ?? []).length === 0 ? (
            <Empty title="No consumer has written anything" />
          ) : (
            <ul class="lines">
              {sessions.data?.items.slice(0, 6).map((session) => (
                <li key={session.name}>
                  <a class="grow ellipsis" href={`#/traffic?session=${encodeURIComponent(session.name)}`}>
                    {session.name || "everybody without a session"}
                  </a>
                  <span class="muted" title={`last used ${moment(session.last_used_at)}`}>
                    {count(session.entities)} entities, {clock(session.last_used_at)}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
    </>
  );
}

const sum = (rates: Record<string, number>) => Object.values(rates).reduce((a, b) => a + b, 0);

function Tile(props: { name: string; value: string; detail?: string; tone?: string }) {
  return (
    <div class={`tile ${props.tone ?? ""}`}>
      <span class="tile-name">{props.name}</span>
      <span class="tile-value">{props.value}</span>
      {props.detail && <span class="tile-detail">{props.detail}</span>}
    </div>
  );
}

function FirstSteps() {
  const here = location.origin;
  return (
    <Card title="First steps">
      <ol class="steps">
        <li>
          <p>Send real traffic through the double: it passes every request on and learns from the answers.</p>
          <Copy text={`curl ${here}/users/7`} />
        </li>
        <li>
          <p>Ask for a mock of what it has seen.</p>
          <Copy text={`curl -H 'X-Mock-Enabled: true' ${here}/users/8`} />
        </li>
        <li>
          <p>Point your application at {here} and look at Traffic.</p>
        </li>
      </ol>
    </Card>
  );
}
