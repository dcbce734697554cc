import { useEffect, useState } from "preact/hooks";
import { type Endpoint, type FaultDescriptor, type Page, type Preview, type Rule, type Schemas, all, get, patch, post, remove } from "../api";
import { Card, Dialog, Empty, Failure, Field, State, count, left, moment, percent } from "../components/common";
import { useLoaded } from "../hooks";

export function Chaos(props: { query: URLSearchParams }) {
  const rules = useLoaded(() => all<Rule>("chaos/rules"), 0, 3_000);
  const profiles = useLoaded(() => get<Page<{ name: string; summary: string }>>("chaos/profiles?per_page=100"), 0);
  const [making, setMaking] = useState(props.query.has("new"));
  const [error, setError] = useState<Error | null>(null);
  const act = async (order: Promise<unknown>) => {
    await order.then(() => setError(null), setError);
    await rules.reload();
  };
  const start = (name: string) => {
    const session = prompt(`Whom does “${name}” mean? Name a session; nothing means everybody.`);
    if (session === null) return;
    const scope = session ? { session } : { everything: true };
    void act(post(`chaos/profiles/${name}/start`, { scope, ttl_s: 300 }));
  };
  const found = rules.data ?? [];
  const alive = found.filter((rule) => rule.state === "active" || rule.state === "scheduled");
  return (
    <>
      <Failure error={error ?? rules.error} />
      <div class="page-actions">
        <button type="button" onClick={() => setMaking(true)}>
          New rule
        </button>
        {alive.length > 0 && (
          <button type="button" class="danger" onClick={() => void act(post("chaos/stop"))}>
            Stop all
          </button>
        )}
      </div>
      <Card title="Rules">
        {found.length === 0 ? (
          <Empty title="No rule yet">
            <p>A rule disturbs the answers it means, for a while: late, failing, cut short, damaged.</p>
          </Empty>
        ) : (
          <ul class="rules">
            {found.map((rule) => (
              <RuleItem key={rule.id} rule={rule} act={act} />
            ))}
          </ul>
        )}
      </Card>
      <Card title="Profiles">
        <ul class="lines">
          {(profiles.data?.items ?? []).map((profile) => (
            <li key={profile.name}>
              <span class="grow">
                <strong>{profile.name}</strong> <span class="muted">{profile.summary}</span>
              </span>
              <button type="button" class="quiet" onClick={() => start(profile.name)}>
                Start<span class="unseen"> {profile.name}</span>
              </button>
            </li>
          ))}
        </ul>
      </Card>
      <History subject="chaos/rules" />
      {making && (
        <RuleDialog
          endpoint={props.query.get("endpoint") ?? ""}
          onClose={() => setMaking(false)}
          onMade={async () => {
            setMaking(false);
            await rules.reload();
          }}
        />
      )}
    </>
  );
}

function RuleItem(props: { rule: Rule; act: (order: Promise<unknown>) => Promise<void> }) {
  const { rule, act } = props;
  const at = `chaos/rules/${encodeURIComponent(rule.id)}`;
  const faults = (rule.faults as unknown as { type: string }[]).map((fault) => fault.type).join(", ");
  return (
    <li class="rule">
      <div class="rule-head">
        <strong class="grow ellipsis">{rule.name}</strong>
        <State state={rule.state} />
        {rule.state === "active" && <span class="muted">{left(rule.expires_at)}</span>}
      </div>
      <p class="muted">
        {faults} · {scopeText(rule.scope)} {rule.owner && `· ${rule.owner}`} {rule.reason && `· ${rule.reason}`}
      </p>
      <div class="rule-foot">
        <Rate rule={rule} />
        <span class="actions">
          {(rule.state === "active" || rule.state === "disabled") && (
            <button type="button" class="quiet" onClick={() => void act(patch(at, { enabled: !rule.enabled }))}>
              {rule.enabled ? "Disable" : "Enable"}
              <span class="unseen"> {rule.name}</span>
            </button>
          )}
          <a class="button quiet" href={`#/traffic?rule=${encodeURIComponent(rule.id)}`}>
            Hits
          </a>
          <button type="button" class="quiet" onClick={() => void act(remove(at))}>
            Delete<span class="unseen"> {rule.name}</span>
          </button>
        </span>
      </div>
    </li>
  );
}

function Rate(props: { rule: Rule }) {
  const { rule } = props;
  const interval = rule.achieved_interval;
  if (rule.achieved_rate == null) return <span class="muted">not matched yet, {percent(rule.probability)} wanted</span>;
  return (
    <span class="rate" title={interval ? `95 % between ${percent(interval.low)} and ${percent(interval.high)}` : ""}>
      <span class="bar wide-bar" aria-hidden="true">
        <span class="bar-part hit" style={{ width: `${rule.achieved_rate * 100}%` }} />
        <span class="wanted" style={{ left: `${(rule.requested_rate ?? rule.probability) * 100}%` }} />
      </span>
      <span class="muted">
        {percent(rule.achieved_rate)} of {count(rule.matched)} hit, {percent(rule.requested_rate ?? rule.probability)} wanted
      </span>
    </span>
  );
}

function scopeText(scope: Schemas["ScopeForm"]): string {
  const said: string[] = [];
  for (const [name, value] of Object.entries(scope)) {
    if (name === "everything") {
      if (value) said.push("everything");
    } else if (typeof value === "string") said.push(`${name} ${value}`);
    else if (Array.isArray(value)) said.push(`${name} ${value.map((one) => (typeof one === "string" ? one : (one.name ?? one.regex))).join(", ")}`);
  }
  return said.join(" · ");
}

export function History(props: { subject: string }) {
  const loaded = useLoaded(
    () => get<Page<Schemas["AuditEntry"]>>(`audit?per_page=50&search=${encodeURIComponent(props.subject)}`),
    props.subject,
    10_000,
  );
  const items = loaded.data?.items ?? [];
  return (
    <Card title="History">
      {items.length === 0 ? (
        <Empty title="Nothing was changed yet" />
      ) : (
        <ul class="lines">
          {items.map((entry, at) => (
            <li key={at}>
              <span class="grow ellipsis">
                {entry.action} <code>{entry.subject.slice(props.subject.length + 1)}</code>
              </span>
              <span class="muted">{entry.actor}</span>
              <span class="muted">{moment(entry.at)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

interface Draft {
  name: string;
  owner: string;
  reason: string;
  probability: number;
  ttl_s: number;
  session: string;
  methods: string;
  paths: string;
  endpoints: string[];
  everything: boolean;
}

function RuleDialog(props: { endpoint: string; onClose: () => void; onMade: () => Promise<void> }) {
  const catalogue = useLoaded(() => get<{ items: FaultDescriptor[] }>("chaos/faults"), 0);
  const endpoints = useLoaded(() => all<Endpoint>("endpoints"), 0);
  const [draft, setDraft] = useState<Draft>({
    name: "",
    owner: "",
    reason: "",
    probability: 100,
    ttl_s: 900,
    session: "",
    methods: "",
    paths: "",
    endpoints: props.endpoint ? [props.endpoint] : [],
    everything: false,
  });
  const [fault, setFault] = useState("status");
  const [values, setValues] = useState<Record<string, string>>({});
  const [error, setError] = useState<Error | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const descriptor = catalogue.data?.items.find((known) => known.name === fault);
  useEffect(() => {
    if (!descriptor) return;
    const example: Record<string, string> = {};
    for (const field of descriptor.fields) {
      const value = descriptor.example[field.name];
      if (value !== undefined) example[field.name] = typeof value === "string" ? value : JSON.stringify(value);
    }
    setValues(example);
  }, [descriptor]);
  const scope = () => {
    const list = (text: string) => text.split(/[\s,]+/).filter(Boolean);
    const said: Record<string, unknown> = {};
    if (draft.endpoints.length) said.endpoints = draft.endpoints;
    if (list(draft.methods).length) said.methods = list(draft.methods);
    if (list(draft.paths).length) said.paths = list(draft.paths);
    if (draft.session) said.session = draft.session;
    if (draft.everything) said.everything = true;
    return said;
  };
  const read = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  const make = async (event: Event) => {
    event.preventDefault();
    const given = Object.entries(values).filter(([, text]) => text !== "");
    const body = {
      name: draft.name,
      owner: draft.owner,
      reason: draft.reason,
      probability: draft.probability / 100,
      ttl_s: draft.ttl_s,
      scope: scope(),
      faults: [{ type: fault, ...Object.fromEntries(given.map(([name, text]) => [name, read(text)])) }],
    };
    await post("chaos/rules", body).then(props.onMade, setError);
  };
  const look = () => post<Preview>("chaos/preview", { scope: scope() }).then((seen) => { setPreview(seen); setError(null); }, setError);
  const text = (name: keyof Draft) => (event: Event) => setDraft({ ...draft, [name]: (event.target as HTMLInputElement).value });
  const number = (name: keyof Draft) => (event: Event) => setDraft({ ...draft, [name]: Number((event.target as HTMLInputElement).value) });
  return (
    <Dialog title="New chaos rule" onClose={props.onClose}>
      <form onSubmit={(event) => void make(event)}>
        <Failure error={error} />
        <div class="grid">
          <Field label="Name">{(id) => <input id={id} required value={draft.name} onInput={text("name")} />}</Field>
          <Field label="Owner">{(id) => <input id={id} value={draft.owner} onInput={text("owner")} />}</Field>
          <Field label="Reason">{(id) => <input id={id} value={draft.reason} onInput={text("reason")} />}</Field>
        </div>
        <fieldset>
          <legend>Whom</legend>
          <div class="grid">
            <Field label="Session" hint="X-Mock-Session of the consumer">
              {(id) => <input id={id} value={draft.session} onInput={text("session")} />}
            </Field>
            <Field label="Methods" hint="such as GET POST">
              {(id) => <input id={id} value={draft.methods} onInput={text("methods")} />}
            </Field>
            <Field label="Paths" hint="such as /orders/{id} /cart/**">
              {(id) => <input id={id} class="mono" value={draft.paths} onInput={text("paths")} />}
            </Field>
            <Field label="Endpoints" hint="several with Ctrl or Shift">
              {(id) => (
                <select
                  id={id}
                  multiple
                  size={4}
                  onChange={(event) => {
                    const chosen = [...(event.target as HTMLSelectElement).selectedOptions].map((option) => option.value);
                    setDraft({ ...draft, endpoints: chosen });
                  }}
                >
                  {(endpoints.data ?? []).map((endpoint) => (
                    <option key={endpoint.id} value={endpoint.id} selected={draft.endpoints.includes(endpoint.id)}>
                      {endpoint.method} {endpoint.path}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          <label class="check">
            <input type="checkbox" checked={draft.everything} onChange={(event) => setDraft({ ...draft, everything: (event.target as HTMLInputElement).checked })} />
            Everything, where nothing else is said
          </label>
          <div class="actions">
            <button type="button" class="quiet" onClick={() => void look()}>
              Who would be hit?
            </button>
          </div>
          {preview && <PreviewShown preview={preview} />}
        </fieldset>
        <fieldset>
          <legend>What</legend>
          <Field label="Fault" hint={descriptor?.summary}>
            {(id) => (
              <select id={id} value={fault} onChange={(event) => setFault((event.target as HTMLSelectElement).value)}>
                {(catalogue.data?.items ?? []).map((known) => (
                  <option key={known.name}>{known.name}</option>
                ))}
              </select>
            )}
          </Field>
          <div class="grid">
            {descriptor?.fields.map((field) => (
              <Field key={field.name} label={field.name} hint={field.expects}>
                {(id) => (
                  <input
                    id={id}
                    class="mono"
                    required={field.required}
                    value={values[field.name] ?? ""}
                    onInput={(event) => setValues({ ...values, [field.name]: (event.target as HTMLInputElement).value })}
                  />
                )}
              </Field>
            ))}
          </div>
        </fieldset>
        <div class="grid">
          <Field label="How often, %">
            {(id) => <input id={id} type="number" min="0" max="100" step="any" value={draft.probability} onInput={number("probability")} />}
          </Field>
          <Field label="For how long, s">
            {(id) => <input id={id} type="number" min="1" value={draft.ttl_s} onInput={number("ttl_s")} />}
          </Field>
        </div>
        <div class="actions end">
          <button type="button" class="quiet" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit">Make rule</button>
        </div>
      </form>
    </Dialog>
  );
}

function PreviewShown(props: { preview: Preview }) {
  const { preview } = props;
  return (
    <div class="preview" role="status">
      <p>
        {count(preview.matched)} of the last {count(preview.looked_at)} requests
        {preview.since && ` since ${moment(preview.since)}`}
        {preview.not_judged.length > 0 && `; ${preview.not_judged.join(", ")} cannot be judged afterwards`}
      </p>
      <div class="columns">
        <ul class="lines">
          {preview.endpoints.slice(0, 5).map((one) => (
            <li key={one.name}>
              <span class="grow ellipsis mono">{one.name}</span>
              <span class="muted">{count(one.count)}</span>
            </li>
          ))}
        </ul>
        <ul class="lines">
          {preview.sessions.slice(0, 5).map((one) => (
            <li key={one.name}>
              <span class="grow ellipsis">{one.name || "no session"}</span>
              <span class="muted">{count(one.count)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

