import { useState } from "preact/hooks";
import { type Exchange, type Page, call, get, remove } from "../api";
import { Card, Dialog, Empty, Failure, Json, count, moment } from "../components/common";
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

export function World(_: { live: Live }) {
  const loaded = useLoaded(sessions, 0, 5_000);
  const [error, setError] = useState<Error | null>(null);
  const [open, setOpen] = useState<{ name: string; entities: unknown } | null>(null);
  const forget = async (name: string) => {
    if (!confirm(`Reset session ${name}?`)) return;
    await remove(`sessions/${encodeURIComponent(name)}`).catch(setError);
    await loaded.reload();
  };
  const clear = async (name: string) => {
    await call("DELETE", `requests?session=${encodeURIComponent(name)}`).catch(setError);
    await loaded.reload();
  };
  const look = (name: string) =>
    get<unknown>(`sessions/${encodeURIComponent(name)}/entities`).then((entities) => setOpen({ name, entities }), setError);
  const items = loaded.data ?? [];
  return (
    <>
      <Failure error={error ?? loaded.error} />
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
          <Json value={open.entities} />
        </Dialog>
      )}
    </>
  );
}

function facts(session: Session): string {
  return Object.entries(session)
    .filter(([name, value]) => name !== "name" && (typeof value === "number" || typeof value === "string"))
    .map(([name, value]) => {
      const label = name.replaceAll("_", " ").replace(/ at$/, "");
      if (name.endsWith("_at")) return `${label} ${moment(String(value))}`;
      return typeof value === "number" ? `${count(value)} ${label}` : `${label} ${value}`;
    })
    .join(" · ");
}
