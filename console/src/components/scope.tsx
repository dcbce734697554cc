import { useState } from "preact/hooks";
import { type Endpoint, type Preview, all, post } from "../api";
import { useLoaded } from "../hooks";
import { Failure, Field, count, moment } from "./common";

export interface ScopeDraft {
  session: string;
  methods: string;
  paths: string;
  endpoints: string[];
  everything: boolean;
}

export const emptyScope = (endpoint = ""): ScopeDraft => ({
  session: "",
  methods: "",
  paths: "",
  endpoints: endpoint ? [endpoint] : [],
  everything: false,
});

/** The scope as the API takes it: what was not said is left out. */
export function scopeOf(draft: ScopeDraft): Record<string, unknown> {
  const list = (text: string) => text.split(/[\s,]+/).filter(Boolean);
  const said: Record<string, unknown> = {};
  if (draft.endpoints.length) said.endpoints = draft.endpoints;
  if (list(draft.methods).length) said.methods = list(draft.methods);
  if (list(draft.paths).length) said.paths = list(draft.paths);
  if (draft.session) said.session = draft.session;
  if (draft.everything) said.everything = true;
  return said;
}

/** Whom a rule means, with a look at whom it would have meant lately. */
export function ScopeFields(props: { draft: ScopeDraft; onChange: (draft: ScopeDraft) => void }) {
  const { draft } = props;
  const endpoints = useLoaded(() => all<Endpoint>("endpoints"), 0);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const set = (change: Partial<ScopeDraft>) => props.onChange({ ...draft, ...change });
  const value = (event: Event) => (event.target as HTMLInputElement).value;
  const look = () =>
    post<Preview>("chaos/preview", { scope: scopeOf(draft) }).then((seen) => {
      setPreview(seen);
      setError(null);
    }, setError);
  return (
    <fieldset>
      <legend>Whom</legend>
      <div class="grid">
        <Field label="Session" hint="X-Mock-Session of the consumer">
          {(id) => <input id={id} value={draft.session} onInput={(event) => set({ session: value(event) })} />}
        </Field>
        <Field label="Methods" hint="such as GET POST">
          {(id) => <input id={id} value={draft.methods} onInput={(event) => set({ methods: value(event) })} />}
        </Field>
        <Field label="Paths" hint="such as /orders/{id} /cart/**">
          {(id) => <input id={id} class="mono" value={draft.paths} onInput={(event) => set({ paths: value(event) })} />}
        </Field>
        <Field label="Endpoints" hint="several with Ctrl or Shift">
          {(id) => (
            <select
              id={id}
              class="mono"
              multiple
              size={4}
              onChange={(event) => {
                const chosen = [...(event.target as HTMLSelectElement).selectedOptions].map((option) => option.value);
                set({ endpoints: chosen });
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
        <input type="checkbox" checked={draft.everything} onChange={(event) => set({ everything: (event.target as HTMLInputElement).checked })} />
        Everything, where nothing else is said
      </label>
      <Failure error={error} />
      <div class="actions above">
        <button type="button" class="quiet" onClick={() => void look()}>
          Who would be hit?
        </button>
      </div>
      {preview && <PreviewShown preview={preview} />}
    </fieldset>
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
