import { useState } from "preact/hooks";
import { type Page, type Schemas, type Settings, call, get, patch, post } from "../api";
import { Card, Empty, Failure, Field, moment } from "../components/common";
import { PinForm } from "../components/pin";
import { useLoaded } from "../hooks";
import { Drift, Routes } from "./settings_cards";

interface Template {
  id: string;
  path: string;
  source: string;
  created_at?: string | null;
}

export function SettingsPage() {
  const settings = useLoaded(() => get<Settings>("settings"), 0);
  const version = useLoaded(() => get<Record<string, unknown>>("version"), 0);
  const trail = useLoaded(() => get<Page<Schemas["AuditEntry"]>>("audit?per_page=500&search=settings/"), 0);
  const templates = useLoaded(() => get<{ items: Template[] }>("templates?per_page=500"), 0);
  const [error, setError] = useState<Error | null>(null);
  const [said, setSaid] = useState("");
  const change = async (body: Partial<Settings>) => {
    await patch("settings", body).then(() => setError(null), setError);
    await Promise.all([settings.reload(), trail.reload()]);
  };
  /** Who set it last, and when; nobody since the start otherwise. */
  const set = (name: string) => {
    const last = trail.data?.items.find((entry) => entry.subject === `settings/${name}`);
    return last ? `set by ${last.actor}, ${moment(last.at)}` : "as the start said";
  };
  const order = async (what: string, does: Promise<unknown>) => {
    await does.then(() => { setSaid(what); setError(null); }, setError);
  };
  const pinned = async (path: string) => {
    setSaid(`${path} is pinned`);
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
            <Field label="Mode" hint={set("mode")}>
              {(id) => (
                <select id={id} value={now.mode} onChange={(event) => void change({ mode: (event.target as HTMLSelectElement).value as Settings["mode"] })}>
                  {["proxy", "mock", "failover"].map((mode) => (
                    <option key={mode}>{mode}</option>
                  ))}
                </select>
              )}
            </Field>
            <Field label="Factor on simulated latency" hint={`0 answers at once; ${set("latency_scale")}`}>
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
            <div class="field">
              <span class="field-name">Learning</span>
              <label class="check tall">
                <input type="checkbox" checked={now.learn} onChange={(event) => void change({ learn: (event.target as HTMLInputElement).checked })} />
                Proxied traffic teaches
              </label>
              <p class="hint">{set("learn")}</p>
            </div>
            <div class="field">
              <span class="field-name">Privacy</span>
              <p class="given">{now.privacy}</p>
              <p class="hint">what of real values may be kept; said at the start (--privacy)</p>
            </div>
          </div>
        )}
      </Card>
      <Card title="Pinned templates">
        <PinForm onPinned={(path) => void pinned(path)} />
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
      <Routes />
      <Drift />
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
