import { useState } from "preact/hooks";
import { type Override, all, patch, post, put, remove } from "../api";
import { Card, Dialog, DialogActions, Empty, Failure, Field, Json, State, count, left, moment } from "../components/common";
import { useLoaded } from "../hooks";
import { History } from "./chaos";

export function Overrides(props: { query: URLSearchParams }) {
  const loaded = useLoaded(() => all<Override>("overrides"), 0, 3_000);
  const [editing, setEditing] = useState<Override | "new" | null>(props.query.has("new") ? "new" : null);
  const [error, setError] = useState<Error | null>(null);
  const act = async (order: Promise<unknown>) => {
    await order.then(() => setError(null), setError);
    await loaded.reload();
  };
  const found = loaded.data ?? [];
  return (
    <>
      <Failure error={error ?? loaded.error} />
      <div class="page-actions">
        <button type="button" onClick={() => setEditing("new")}>
          New override
        </button>
      </div>
      <Card title="Overrides">
        {found.length === 0 ? (
          <Empty title="Nothing is overridden">
            <p>An override is your word over the model's: this request gets exactly this answer, or the learned one changed.</p>
          </Empty>
        ) : (
          <ul class="rules">
            {found.map((one) => (
              <OverrideItem key={one.id} one={one} act={act} onEdit={() => setEditing(one)} />
            ))}
          </ul>
        )}
      </Card>
      <History subject="overrides" />
      {editing && (
        <OverrideDialog
          one={editing === "new" ? null : editing}
          query={props.query}
          onClose={() => setEditing(null)}
          onDone={async () => {
            setEditing(null);
            await loaded.reload();
          }}
        />
      )}
    </>
  );
}

function OverrideItem(props: { one: Override; act: (order: Promise<unknown>) => Promise<void>; onEdit: () => void }) {
  const { one, act } = props;
  const at = `overrides/${encodeURIComponent(one.id)}`;
  const answers = one.answers.map((step) => `${step.type}${step.status ? ` ${step.status}` : ""}${step.times ? ` × ${step.times}` : ""}`);
  return (
    <li class="rule">
      <div class="rule-head">
        <strong class="grow ellipsis">{one.name}</strong>
        <State state={one.state} />
        <span class="muted">{left(one.expires_at)}</span>
      </div>
      <p class="muted">
        {whom(one.match)} → {answers.join(", then ")} {one.owner && `· ${one.owner}`}
      </p>
      <div class="rule-foot">
        {one.hits > 0 ? (
          <span class="muted">
            {count(one.hits)} hits of {count(one.matched)} calls, last {moment(one.last_hits_at[0])}
          </span>
        ) : (
          <span class="muted">
            never hit
            {one.nearest_miss && (
              <>
                ; nearest <code>{one.nearest_miss.method} {one.nearest_miss.path}</code>, but {one.nearest_miss.because.join(", ")}
              </>
            )}
          </span>
        )}
        <span class="actions">
          <button type="button" class="quiet" onClick={() => void act(patch(at, { enabled: !one.enabled }))}>
            {one.enabled ? "Disable" : "Enable"}
            <span class="unseen"> {one.name}</span>
          </button>
          <button type="button" class="quiet" onClick={props.onEdit}>
            Edit<span class="unseen"> {one.name}</span>
          </button>
          <button type="button" class="quiet" onClick={() => void act(remove(at))}>
            Delete<span class="unseen"> {one.name}</span>
          </button>
        </span>
      </div>
      <details>
        <summary>As JSON</summary>
        <Json value={{ match: one.match, answers: one.answers }} />
      </details>
    </li>
  );
}

function whom(match: Override["match"]): string {
  const said = [...(match.methods ?? []), ...(match.paths ?? []).map((path) => (typeof path === "string" ? path : JSON.stringify(path)))];
  if (match.session) said.push(`session ${match.session}`);
  for (const test of match.headers ?? []) said.push(`header ${test.name}`);
  for (const test of match.query ?? []) said.push(`query ${test.name}`);
  if (match.body?.length) said.push("body");
  if (match.endpoints?.length) said.push(`${match.endpoints.length} endpoints`);
  return said.join(" ");
}

const EXAMPLES: Record<string, unknown> = {
  exactly: { type: "exactly", status: 200, json: { message: "as you say" } },
  changed: { type: "changed", merge_patch: { status: "cancelled" } },
  sequence: [{ type: "exactly", status: 503, times: 2 }],
  hints: { type: "hints", members: [{ at: "/email", format: "email" }] },
};

function OverrideDialog(props: { one: Override | null; query: URLSearchParams; onClose: () => void; onDone: () => Promise<void> }) {
  const { one, query } = props;
  const fromQuery = () => {
    const match: Record<string, unknown> = {};
    if (query.get("method")) match.methods = [query.get("method")];
    match.paths = [query.get("path") ?? "/"];
    if (query.get("session")) match.session = query.get("session");
    return match;
  };
  const [name, setName] = useState(one?.name ?? (query.get("path") ? `${query.get("method")} ${query.get("path")}` : ""));
  const [owner, setOwner] = useState(one?.owner ?? "");
  const [match, setMatch] = useState(JSON.stringify(one?.match ?? fromQuery(), null, 2));
  const [answer, setAnswer] = useState(JSON.stringify(one ? one.answers : EXAMPLES.exactly, null, 2));
  const [ttl, setTtl] = useState("");
  const [upstream, setUpstream] = useState(one?.match.sources?.includes("upstream") ?? false);
  const [error, setError] = useState<Error | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    let body: Record<string, unknown>;
    try {
      const said = JSON.parse(answer);
      const sources = upstream ? ["mock", "upstream"] : ["mock"];
      body = { name, owner, match: { ...JSON.parse(match), sources }, [Array.isArray(said) ? "answers" : "answer"]: said };
    } catch (failure) {
      setError(failure as Error);
      return;
    }
    if (ttl) body.ttl_s = Number(ttl);
    const order = one ? put(`overrides/${encodeURIComponent(one.id)}`, body) : post("overrides", body);
    await order.then(props.onDone, setError);
  };
  const input = (set: (value: string) => void) => (event: Event) => set((event.target as HTMLInputElement).value);
  return (
    <Dialog title={one ? "Edit override" : "New override"} onClose={props.onClose}>
      <form onSubmit={(event) => void save(event)}>
        <Failure error={error} />
        <div class="grid">
          <Field label="Name">{(id) => <input id={id} required value={name} onInput={input(setName)} />}</Field>
          <Field label="Owner">{(id) => <input id={id} value={owner} onInput={input(setOwner)} />}</Field>
          <Field label="For how long, s" hint="nothing: until it is taken back">
            {(id) => <input id={id} type="number" min="1" value={ttl} onInput={input(setTtl)} />}
          </Field>
        </div>
        <Field label="Whom" hint="methods, paths, endpoints, session, headers, query, body, calls, probability">
          {(id) => <textarea id={id} class="mono" rows={6} spellcheck={false} value={match} onInput={input(setMatch)} />}
        </Field>
        <label class="check">
          <input type="checkbox" checked={upstream} onChange={(event) => setUpstream((event.target as HTMLInputElement).checked)} />
          Also where the backend would answer
        </label>
        <Field label="Answer" hint="one answer, or a list of them, one after the other">
          {(id) => <textarea id={id} class="mono" rows={9} spellcheck={false} value={answer} onInput={input(setAnswer)} />}
        </Field>
        <div class="actions">
          <span class="muted">Begin with</span>
          {Object.entries(EXAMPLES).map(([kind, example]) => (
            <button key={kind} type="button" class="quiet" onClick={() => setAnswer(JSON.stringify(example, null, 2))}>
              {kind}
            </button>
          ))}
        </div>
        <DialogActions onCancel={props.onClose}>{one ? "Save" : "Make override"}</DialogActions>
      </form>
    </Dialog>
  );
}
