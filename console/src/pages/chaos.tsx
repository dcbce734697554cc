import { useState } from "preact/hooks";
import { type FaultDescriptor, type Page, type Rule, type Schemas, all, get, patch, post, remove } from "../api";
import { Card, Dialog, DialogActions, Empty, Failure, Field, State, count, left, moment, percent } from "../components/common";
import { ScopeFields, emptyScope, scopeOf } from "../components/scope";
import { useLoaded } from "../hooks";

type Profile = Schemas["ProfileShown"];

export function Chaos(props: { query: URLSearchParams }) {
  const rules = useLoaded(() => all<Rule>("chaos/rules"), 0, 3_000);
  const profiles = useLoaded(() => get<Page<Profile>>("chaos/profiles?per_page=100"), 0);
  const [making, setMaking] = useState(props.query.has("new"));
  const [starting, setStarting] = useState<Profile | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const act = async (order: Promise<unknown>) => {
    await order.then(() => setError(null), setError);
    await rules.reload();
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
              <button type="button" class="quiet" onClick={() => setStarting(profile)}>
                Start<span class="unseen"> {profile.name}</span>
              </button>
            </li>
          ))}
        </ul>
      </Card>
      <History subject="chaos/rules" />
      {starting && (
        <ProfileDialog
          profile={starting}
          onClose={() => setStarting(null)}
          onStarted={async () => {
            setStarting(null);
            await rules.reload();
          }}
        />
      )}
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

/** A profile is started for somebody, for a while. */
function ProfileDialog(props: { profile: Profile; onClose: () => void; onStarted: () => Promise<void> }) {
  const { profile } = props;
  const [scope, setScope] = useState(emptyScope());
  const [owner, setOwner] = useState("");
  const [ttl, setTtl] = useState(300);
  const [error, setError] = useState<Error | null>(null);
  const start = async (event: Event) => {
    event.preventDefault();
    const body = { scope: scopeOf(scope), owner, ttl_s: ttl };
    await post(`chaos/profiles/${profile.name}/start`, body).then(props.onStarted, setError);
  };
  return (
    <Dialog title={`Start ${profile.name}`} onClose={props.onClose}>
      <form onSubmit={(event) => void start(event)}>
        <p class="muted">{profile.summary}</p>
        <Failure error={error} />
        <ScopeFields draft={scope} onChange={setScope} />
        <div class="grid">
          <Field label="Owner">{(id) => <input id={id} value={owner} onInput={(event) => setOwner((event.target as HTMLInputElement).value)} />}</Field>
          <Field label="For how long, s">
            {(id) => <input id={id} type="number" min="1" value={ttl} onInput={(event) => setTtl(Number((event.target as HTMLInputElement).value))} />}
          </Field>
        </div>
        <DialogActions onCancel={props.onClose}>Start</DialogActions>
      </form>
    </Dialog>
  );
}

interface Draft {
  name: string;
  owner: string;
  reason: string;
  probability: number;
  ttl_s: number;
}

/** The example of a fault, as texts of its fields. */
function exampleOf(descriptor: FaultDescriptor | undefined): Record<string, string> {
  const example: Record<string, string> = {};
  for (const field of descriptor?.fields ?? []) {
    const value = descriptor?.example[field.name];
    if (value !== undefined) example[field.name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return example;
}

function RuleDialog(props: { endpoint: string; onClose: () => void; onMade: () => Promise<void> }) {
  const catalogue = useLoaded(() => get<{ items: FaultDescriptor[] }>("chaos/faults"), 0);
  const [scope, setScope] = useState(emptyScope(props.endpoint));
  const [draft, setDraft] = useState<Draft>({
    name: "",
    owner: "",
    reason: "",
    probability: 100,
    ttl_s: 900,
  });
  const [fault, setFault] = useState("status");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [error, setError] = useState<Error | null>(null);
  const descriptor = catalogue.data?.items.find((known) => known.name === fault);
  // What is typed goes before the fault's example from the first moment on.
  const values = { ...exampleOf(descriptor), ...typed };
  const choose = (name: string) => {
    setFault(name);
    setTyped({});
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
      scope: scopeOf(scope),
      faults: [{ type: fault, ...Object.fromEntries(given.map(([name, text]) => [name, read(text)])) }],
    };
    await post("chaos/rules", body).then(props.onMade, setError);
  };
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
        <ScopeFields draft={scope} onChange={setScope} />
        <fieldset>
          <legend>What</legend>
          <Field label="Fault" hint={descriptor?.summary}>
            {(id) => (
              <select id={id} value={fault} onChange={(event) => choose((event.target as HTMLSelectElement).value)}>
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
                    onInput={(event) => {
                      const text = (event.target as HTMLInputElement).value;
                      setTyped((before) => ({ ...before, [field.name]: text }));
                    }}
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
        <DialogActions onCancel={props.onClose}>Make rule</DialogActions>
      </form>
    </Dialog>
  );
}
