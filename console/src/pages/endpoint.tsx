import { useState } from "preact/hooks";
import { type EndpointDetail, type Sample, type Schemas, type Series, get, patch, remove, through } from "../api";
import { Card, Empty, Failure, Field, Json, Method, Status, StatusBar, count, moment, ms, percent } from "../components/common";
import { Plot } from "../components/plot";
import { SchemaTree } from "../components/schema_tree";
import { useLoaded } from "../hooks";
import { FidelityCard, LatencyCard, NewestReal, PinCard, ReasonsCard } from "./endpoint_cards";

const QUANTILES = ["p50", "p95", "p99"] as const;

export function EndpointPage(props: { id: string }) {
  const at = `endpoints/${props.id}`;
  const loaded = useLoaded(() => get<EndpointDetail>(at), props.id, 5_000);
  const series = useLoaded(() => get<Series>(`${at}/series`), props.id, 5_000);
  const [error, setError] = useState<Error | null>(null);
  const endpoint = loaded.data;
  if (!endpoint) return loaded.error ? <Failure error={loaded.error} /> : <p class="loading">Loading…</p>;
  const change = async (body: unknown) => {
    await patch(at, body).then(() => setError(null), setError);
    await loaded.reload();
  };
  const forget = async () => {
    if (!confirm(`Forget what was learned of ${endpoint.method} ${endpoint.path}?`)) return;
    await remove(at).then(() => {
      location.hash = "#/endpoints";
    }, setError);
  };
  const seen = series.data?.items ?? [];
  const x = lastHour();
  const minutes = x.map((at) => seen.find((minute) => Date.parse(minute.at ?? "") / 1000 === at));
  return (
    <>
      <p>
        <a href="#/endpoints">← all endpoints</a>
      </p>
      <Failure error={error} />
      <Card>
        <div class="endpoint-head">
          <p class="endpoint-name mono">
            <Method method={endpoint.method} /> {endpoint.path}
          </p>
          <div class="actions">
            <Field label="Mode">
              {(id) => (
                <select id={id} value={endpoint.mode} onChange={(event) => void change({ mode: (event.target as HTMLSelectElement).value })}>
                  {["inherit", "proxy", "mock", "failover"].map((mode) => (
                    <option key={mode}>{mode}</option>
                  ))}
                </select>
              )}
            </Field>
            <label class="check">
              <input type="checkbox" checked={endpoint.learn} onChange={(event) => void change({ learn: (event.target as HTMLInputElement).checked })} />
              learn
            </label>
            <a class="button" href={`#/overrides?new=1&method=${endpoint.method}&path=${encodeURIComponent(endpoint.path)}`}>
              Override
            </a>
            <a class="button" href={`#/chaos?new=1&endpoint=${endpoint.id}`}>
              Disturb
            </a>
            <button type="button" class="danger" onClick={() => void forget()}>
              Forget
            </button>
          </div>
        </div>
        <dl class="facts">
          <div>
            <dt>Seen</dt>
            <dd>{count(endpoint.observations)}</dd>
          </div>
          <div>
            <dt>Errors</dt>
            <dd>{percent(endpoint.error_rate)}</dd>
          </div>
          {QUANTILES.map((quantile) => (
            <div key={quantile}>
              <dt>{quantile}</dt>
              <dd>{ms(endpoint.latency_ms[quantile])}</dd>
            </div>
          ))}
          <div>
            <dt>First seen</dt>
            <dd>{moment(endpoint.first_seen_at)}</dd>
          </div>
          <div>
            <dt>Last seen</dt>
            <dd>{moment(endpoint.last_seen_at)}</dd>
          </div>
        </dl>
        <StatusBar statuses={endpoint.statuses} />
      </Card>
      <div class="columns">
        <Card title="Answers, last hour">
          {seen.length === 0 ? (
            <Empty title="No answer in the last hour" />
          ) : (
            <Plot
              label="Answers a minute by status class"
              x={x}
              ys={(["2xx", "3xx", "4xx", "5xx"] as const).map((kind) => minutes.map((minute) => minute?.classes[kind] ?? 0))}
              series={[
                { label: "2xx", colour: "--c-2" },
                { label: "3xx", colour: "--c-3" },
                { label: "4xx", colour: "--c-4" },
                { label: "5xx", colour: "--c-5" },
              ]}
            />
          )}
        </Card>
        <Card title="Time to answer, last hour">
          {seen.length === 0 ? (
            <Empty title="No answer in the last hour" />
          ) : (
            <Plot
              label="Mean and longest time to answer"
              x={x}
              ys={[minutes.map((minute) => minute?.mean_ms ?? null), minutes.map((minute) => minute?.max_ms ?? null), minutes.map(() => endpoint.latency_ms.p50)]}
              series={[
                { label: "mean", colour: "--c-mock" },
                { label: "longest", colour: "--c-failover" },
                { label: "learned p50", colour: "--c-upstream" },
              ]}
              unit="ms"
            />
          )}
        </Card>
      </div>
      <div class="columns">
        <LatencyCard series={series.data} />
        <FidelityCard id={endpoint.id} />
      </div>
      <ReasonsCard id={endpoint.id} />
      <TryIt endpoint={endpoint} />
      {Object.entries(endpoint.answers).map(([status, answer]) => (
        <Card
          key={status}
          title={`Answers with ${status}`}
          aside={
            <span class="muted">
              {percent(answer.share)} · {count(answer.observations)} seen · p50 {ms(answer.latency_ms.p50)} · first byte {ms(answer.first_byte_ms.p50)}
            </span>
          }
        >
          <div class="columns">
            <div>
              <h3>Body ({answer.body.kind})</h3>
              <Body body={answer.body} />
            </div>
            <div>
              <h3>Headers</h3>
              {answer.headers.length === 0 ? (
                <p class="muted">None.</p>
              ) : (
                <ul class="lines">
                  {answer.headers.map((header) => (
                    <li key={header.name}>
                      <code class="grow ellipsis">{header.name}</code>
                      <span class="muted wraps">{describe(header)}</span>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </div>
        </Card>
      ))}
      {(endpoint.request.schema || (endpoint.request.opaque ?? []).length > 0) && (
        <Card title="Request bodies" aside={<span class="muted">{count(endpoint.request.observations)} seen</span>}>
          <Body body={endpoint.request} />
        </Card>
      )}
      {endpoint.parameters.length > 0 && (
        <Card title="Parameters">
          <ul class="lines">
            {endpoint.parameters.map((parameter) => (
              <li key={parameter.name}>
                <code class="grow">{parameter.name}</code>
                <span class="muted wraps">{parameter.kinds.join(", ") || parameter.placeholder}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <PinCard path={endpoint.path} />
    </>
  );
}

function Body(props: { body: Schemas["BodyView"] }) {
  const { body } = props;
  return (
    <>
      {(body.opaque ?? []).map((opaque) => (
        <p key={opaque.reason} class="notice">
          {count(opaque.bodies)} could not be read: {opaque.reason}
        </p>
      ))}
      {body.schema ? <SchemaTree schema={body.schema} echoes={body.echoes} /> : <p class="muted">No schema.</p>}
    </>
  );
}

/** The beginnings of the last sixty minutes, in seconds. */
function lastHour(): number[] {
  const now = Math.floor(Date.now() / 60_000) * 60;
  return Array.from({ length: 60 }, (_, at) => now - (59 - at) * 60);
}

/** How a header's value is made, and how often it is there. */
function describe(header: Schemas["HeaderDescription"]): string {
  const said: string[] = [header.kind];
  if (header.pattern) said.push(header.pattern);
  const values = (header.values ?? []).slice(0, 3).map((shown) => shown.value);
  if (values.length > 0) said.push(values.join(", "));
  if (header.presence < 0.9995) said.push(`in ${percent(header.presence)} of answers`);
  return said.join(" · ");
}

function TryIt(props: { endpoint: EndpointDetail }) {
  const { endpoint } = props;
  const [seed, setSeed] = useState("");
  const [status, setStatus] = useState("");
  const [session, setSession] = useState("");
  const [path, setPath] = useState(() => {
    let known = endpoint.path;
    for (const parameter of endpoint.parameters) {
      known = known.replace(/\{[^}]*\}/, parameter.example);
    }
    return known;
  });
  const [sample, setSample] = useState<Sample | null>(null);
  const [real, setReal] = useState<{ status: number; reason: string; text: string } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const query = () => {
    const given = Object.entries({ seed, status, path }).filter(([, value]) => value);
    return new URLSearchParams(given).toString();
  };
  const look = () =>
    get<Sample>(`endpoints/${endpoint.id}/sample?${query()}`).then((shown) => {
      setSample(shown);
      setError(null);
    }, setError);
  const ask = async () => {
    const steering: Record<string, string> = { "x-mock-enabled": "true" };
    if (seed) steering["x-mock-seed"] = seed;
    if (status) steering["x-mock-status"] = status;
    if (session) steering["x-mock-session"] = session;
    try {
      const answer = await through(endpoint.method, path, steering);
      setReal({ status: answer.status, reason: answer.headers.get("x-mock-reason") ?? "", text: pretty(answer.text) });
      setError(null);
    } catch (failure) {
      setError(failure as Error);
    }
  };
  const text = (set: (value: string) => void) => (event: Event) => set((event.target as HTMLInputElement).value);
  const shape = sample && endpoint.answers[String(sample.status)]?.body.schema;
  return (
    <Card title="Try it">
      <form class="inline-form" onSubmit={(event) => { event.preventDefault(); void look(); }}>
        <Field label="Path">{(id) => <input id={id} class="mono" value={path} onInput={text(setPath)} />}</Field>
        <Field label="Status">
          {(id) => (
            <select id={id} value={status} onChange={text(setStatus)}>
              <option value="">drawn</option>
              {Object.keys(endpoint.statuses).map((known) => (
                <option key={known}>{known}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Seed">{(id) => <input id={id} value={seed} onInput={text(setSeed)} />}</Field>
        <Field label="Session">{(id) => <input id={id} value={session} onInput={text(setSession)} />}</Field>
        <div class="actions">
          <button type="submit">Sample</button>
          <button type="button" class="quiet" onClick={() => void ask()}>
            Ask the double
          </button>
        </div>
      </form>
      <Failure error={error} />
      <div class="columns">
        {sample && (
          <div>
            <h3>
              Sample <Status status={sample.status} /> <span class="muted">{ms(sample.latency_ms)}</span>
            </h3>
            <Json value={sample.body} />
          </div>
        )}
        {sample && !real && (
          <div>
            <h3>Newest real answer</h3>
            <NewestReal endpoint={endpoint} />
            {shape ? <SchemaTree schema={shape} /> : <p class="muted">No shape is known.</p>}
          </div>
        )}
        {real && (
          <div>
            <h3>
              Answer <Status status={real.status} /> <span class="muted">{real.reason}</span>
            </h3>
            <Json value={real.text} />
          </div>
        )}
      </div>
    </Card>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
