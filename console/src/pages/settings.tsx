import { useState } from "preact/hooks";
import { type Settings, call, get, patch, post, put } from "../api";
import { Card, Empty, Failure, Field, moment } from "../components/common";
import { useLoaded } from "../hooks";

interface Template {
  id: string;
  path: string;
  source: string;
  created_at?: string | null;
}

export function SettingsPage() {
  const settings = useLoaded(() => get<Settings>("settings"), 0);
  const version = useLoaded(() => get<Record<string, unknown>>("version"), 0);
  const templates = useLoaded(() => get<{ items: Template[] }>("templates?per_page=500"), 0);
  const [error, setError] = useState<Error | null>(null);
  const [said, setSaid] = useState("");
  const [path, setPath] = useState("");
  const change = async (body: Partial<Settings>) => {
    await patch("settings", body).then(() => setError(null), setError);
    await settings.reload();
  };
  const order = async (what: string, does: Promise<unknown>) => {
    await does.then(() => { setSaid(what); setError(null); }, setError);
  };
  const pin = async (event: Event) => {
    event.preventDefault();
    await order(`${path} is pinned`, put("templates", { path }));
    setPath("");
    await templates.reload();
  };
  const unpin = async (template: Template) => {
    await order(`${template.path} is no longer pinned`, call("DELETE", `templates/${template.id}`));
    await templates.reload();
  };
  const now = settings.data;
  return (
    <>
      <Failure error={error ?? settings.error} />
      <p role="status" class={said ? "notice" : "unseen"}>
        {said}
      </p>
      <Card title="At once, and kept over restarts">
        {now && (
          <div class="grid">
            <Field label="Mode">
              {(id) => (
                <select id={id} value={now.mode} onChange={(event) => void change({ mode: (event.target as HTMLSelectElement).value as Settings["mode"] })}>
                  {["proxy", "mock", "failover"].map((mode) => (
                    <option key={mode}>{mode}</option>
                  ))}
                </select>
              )}
            </Field>
            <Field label="Factor on simulated latency" hint="0 answers at once">
              {(id) => (
                <input
                  id={id}
                  type="number"
                  min="0"
                  max="1000"
                  step="any"
                  value={now.latency_scale}
                  onChange={(event) => void change({ latency_scale: Number((event.target as HTMLInputElement).value) })}
                />
              )}
            </Field>
            <label class="check">
              <input type="checkbox" checked={now.learn} onChange={(event) => void change({ learn: (event.target as HTMLInputElement).checked })} />
              Proxied traffic teaches
            </label>
          </div>
        )}
      </Card>
      <Card title="Pinned templates">
        <form class="toolbar" onSubmit={(event) => void pin(event)}>
          <label class="unseen" for="pin">
            Template
          </label>
          <input id="pin" class="mono" required placeholder="/teams/{name}" value={path} onInput={(event) => setPath((event.target as HTMLInputElement).value)} />
          <button type="submit">Pin</button>
        </form>
        {templates.data?.items.length === 0 ? (
          <Empty title="No template is pinned" />
        ) : (
          <ul class="lines">
            {templates.data?.items.map((template) => (
              <li key={template.id}>
                <code class="grow">{template.path}</code>
                <span class="muted">
                  {template.source} {moment(template.created_at)}
                </span>
                <button type="button" class="quiet" onClick={() => void unpin(template)}>
                  Unpin<span class="unseen"> {template.path}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="Orders">
        <div class="actions">
          <button type="button" class="quiet" onClick={() => void order("All that was seen is learned and stored", post("flush"))}>
            Flush
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => {
              if (confirm("Forget everything that was learned?")) void order("Everything learned is forgotten", post("reset?confirm=true"));
            }}
          >
            Forget everything learned
          </button>
          <a class="button" href="docs/">
            API documentation
          </a>
        </div>
      </Card>
      <Card title="This double">
        <dl class="table">
          {Object.entries(version.data ?? {}).map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd>{String(value)}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </>
  );
}
