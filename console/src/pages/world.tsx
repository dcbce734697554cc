import { useState } from "preact/hooks";
import { type Exchange, type Page, type Schemas, call, get, patch, put, remove } from "../api";
import { Card, Dialog, DialogActions, Empty, Failure, Field, Json, State, count, moment, percent } from "../components/common";
import { type Live, useLoaded } from "../hooks";

interface Session {
  name: string;
  /** Whether it has a world that can be looked at and reset. */
  kept: boolean;
  [other: string]: unknown;
}

/** Sessions that the double keeps, and others that its journal names. */
async function sessions(): Promise<Session[]> {
  const kept = await get<Page<Session>>("sessions?per_page=500");
  const recent = await get<Page<Exchange>>("requests?limit=1000");
  const known = new Map<string, Session>();
  for (const session of kept.items) known.set(session.name, { ...session, kept: true });
  for (const exchange of recent.items) {
    if (!exchange.session) continue;
    const session = known.get(exchange.session) ?? { name: exchange.session, kept: false };
    session.recent_requests = Number(session.recent_requests ?? 0) + 1;
    known.set(exchange.session, session);
  }
  return [...known.values()];
}

interface Fixture {
  name: string;
  text: string;
}

const EMPTY_FIXTURE = JSON.stringify({ entities: {}, deleted: {} }, null, 2);

export function World(_: { live: Live }) {
  const loaded = useLoaded(sessions, 0, 5_000);
  const [error, setError] = useState<Error | null>(null);
  const [open, setOpen] = useState<{ name: string; entities: unknown } | null>(null);
  const forget = async (name: string) => {
    if (!confirm(`Reset session ${name}?`)) return;
    await remove(`sessions/${encodeURIComponent(name)}`).catch(setError);
    await loaded.reload();
  };
  const [loading, setLoading] = useState<Fixture | null>(null);
  const clear = async (name: string) => {
    await call("DELETE", `requests?session=${encodeURIComponent(name)}`).catch(setError);
    await loaded.reload();
  };
  const entities = (name: string) => get<unknown>(`sessions/${encodeURIComponent(name)}/entities`);
  const look = (name: string) => entities(name).then((entities) => setOpen({ name, entities }), setError);
  const edit = (name: string) =>
    entities(name).then((held) => setLoading({ name, text: JSON.stringify(held, null, 2) }), setError);
  const items = loaded.data ?? [];
  return (
    <>
      <Failure error={error ?? loaded.error} />
      <div class="page-actions">
        <button type="button" onClick={() => setLoading({ name: "", text: EMPTY_FIXTURE })}>
          Load a fixture
        </button>
      </div>
      <Card title="Sessions">
        {items.length === 0 ? (
          <Empty title="No session yet">
            <p>
              A consumer that sends <code>X-Mock-Session: name</code> has a world of its own: what it writes to mocks, only it reads.
            </p>
          </Empty>
        ) : (
          <ul class="lines">
            {items.map((session) => (
              <li key={session.name}>
                <strong class="grow ellipsis">{session.name || "everybody without a session"}</strong>
                <span class="muted wraps">{facts(session)}</span>
                <a class="button quiet" href={`#/traffic?session=${encodeURIComponent(session.name)}`}>
                  Traffic<span class="unseen"> of {session.name}</span>
                </a>
                {session.kept ? (
                  <>
                    <button type="button" class="quiet" onClick={() => void look(session.name)}>
                      Entities<span class="unseen"> of {session.name}</span>
                    </button>
                    <button type="button" class="quiet" onClick={() => void edit(session.name)}>
                      Change<span class="unseen"> {session.name}</span>
                    </button>
                    <button type="button" class="quiet" onClick={() => void forget(session.name)}>
                      Reset<span class="unseen"> {session.name}</span>
                    </button>
                  </>
                ) : (
                  <button type="button" class="quiet" onClick={() => void clear(session.name)}>
                    Clear its journal<span class="unseen"> {session.name}</span>
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Card>
      {open && (
        <Dialog title={`Entities of ${open.name}`} onClose={() => setOpen(null)}>
          <p class="hint">This is a fixture: it can be loaded into any session, here or with PUT sessions/NAME.</p>
          <Json value={open.entities} />
        </Dialog>
      )}
      <Resources />
      {loading && (
        <FixtureDialog
          fixture={loading}
          onClose={() => setLoading(null)}
          onLoaded={async () => {
            setLoading(null);
            await loaded.reload();
          }}
        />
      )}
    </>
  );
}

/** What a session is to hold, written or taken from another one. */
function FixtureDialog(props: { fixture: Fixture; onClose: () => void; onLoaded: () => Promise<void> }) {
  const [name, setName] = useState(props.fixture.name);
  const [from, setFrom] = useState("");
  const [text, setText] = useState(props.fixture.text);
  const [error, setError] = useState<Error | null>(null);
  const load = async (event: Event) => {
    event.preventDefault();
    try {
      const held = from ? { from } : JSON.parse(text);
      await put(`sessions/${encodeURIComponent(name)}`, held);
      await props.onLoaded();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  const value = (event: Event) => (event.target as HTMLInputElement).value;
  return (
    <Dialog title="Load a fixture" onClose={props.onClose}>
      <form onSubmit={(event) => void load(event)}>
        <Failure error={error} />
        <div class="grid">
          <Field label="Session" hint="what it held before is gone">
            {(id) => <input id={id} required maxLength={128} value={name} onInput={(event) => setName(value(event))} />}
          </Field>
          <Field label="As another session" hint="a copy of its entities, instead of the text">
            {(id) => <input id={id} maxLength={128} value={from} onInput={(event) => setFrom(value(event))} />}
          </Field>
        </div>
        <Field label="Fixture" hint='entities by the path of their collection: {"entities": {"/notes": {"7": {"title": "…"}}}}'>
          {(id) => (
            <textarea id={id} class="mono" rows={14} spellcheck={false} disabled={from !== ""} value={text} onInput={(event) => setText(value(event))} />
          )}
        </Field>
        <DialogActions onCancel={props.onClose}>Load</DialogActions>
      </form>
    </Dialog>
  );
}

/** Collections that were found; a person can correct the finding. */
function Resources() {
  const loaded = useLoaded(() => get<Page<Schemas["ResourceShown"]>>("resources?per_page=500"), 0, 10_000);
  const [error, setError] = useState<Error | null>(null);
  const change = async (id: string, state: string) => {
    await patch(`resources/${encodeURIComponent(id)}`, { state }).then(() => setError(null), setError);
    await loaded.reload();
  };
  const items = loaded.data?.items ?? [];
  return (
    <Card title="Resources">
      <Failure error={error ?? loaded.error} />
      {items.length === 0 ? (
        <Empty title="No resource is found yet">
          <p>Where endpoints create, list, read and delete the same things, mocks remember what was written.</p>
        </Empty>
      ) : (
        <ul class="rules">
          {items.map((resource) => (
            <li key={resource.id} class="rule">
              <div class="rule-head">
                <strong class="grow ellipsis mono">{resource.path}</strong>
                <State state={resource.state} />
                <select
                  aria-label={`What becomes of ${resource.path}`}
                  value={["off", "pinned"].includes(resource.state) ? resource.state : "learned"}
                  onChange={(event) => void change(resource.id, (event.target as HTMLSelectElement).value)}
                >
                  <option value="learned">as learned</option>
                  <option value="off">off</option>
                  <option value="pinned">pinned</option>
                </select>
              </div>
              <p class="muted">
                {resource.id_member ? <>id in <code>{resource.id_member}</code></> : "no id is known"} · {percent(resource.confidence)} sure of {count(resource.evidence)} exchanges
              </p>
              <ul class="chips">
                {resource.operations.map((operation) => (
                  <li key={`${operation.method} ${operation.path}`}>
                    {operation.does}{" "}
                    <span class="mono muted">
                      {operation.method} {operation.path}
                    </span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const ONE: Record<string, string> = { entities: "entity", requests: "request", "recent requests": "recent request", bytes: "byte" };

function facts(session: Session): string {
  return Object.entries(session)
    .filter(([name, value]) => name !== "name" && (typeof value === "number" || typeof value === "string"))
    .map(([name, value]) => {
      const label = name.replaceAll("_", " ").replace(/ at$/, "");
      if (name.endsWith("_at")) return `${label} ${moment(String(value))}`;
      return typeof value === "number" ? `${count(value)} ${(value === 1 && ONE[label]) || label}` : `${label} ${value}`;
    })
    .join(" · ");
}
