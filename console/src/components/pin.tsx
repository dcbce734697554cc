import { useState } from "preact/hooks";
import { type Schemas, post, put } from "../api";
import { Failure, Field, Method, count } from "./common";

type Touched = Schemas["TouchedEndpoint"];

/** Pins a template, after showing what would fold. */
export function PinForm(props: { path?: string; onPinned: (path: string) => void }) {
  const [path, setPath] = useState(props.path ?? "");
  const [preview, setPreview] = useState<Schemas["TemplatePreview"] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const look = () =>
    post<Schemas["TemplatePreview"]>("templates/preview", { path }).then((seen) => {
      setPreview(seen);
      setError(null);
    }, setError);
  const pin = async (event: Event) => {
    event.preventDefault();
    await put("templates", { path }).then(() => {
      setPreview(null);
      setError(null);
      props.onPinned(path);
    }, setError);
  };
  return (
    <form onSubmit={(event) => void pin(event)}>
      <Failure error={error} />
      <div class="pin-line">
        <Field label="Template" hint="segments in braces are parameters, the others stay literal">
          {(id) => (
            <input
              id={id}
              class="mono"
              required
              placeholder="/teams/{name}"
              value={path}
              onInput={(event) => {
                setPath((event.target as HTMLInputElement).value);
                setPreview(null);
              }}
            />
          )}
        </Field>
        <div class="actions">
          <button type="button" class="quiet" onClick={() => void look()}>
            What would fold?
          </button>
          <button type="submit">Pin</button>
        </div>
      </div>
      {preview && (
        <div class="preview columns" role="status">
          <TouchedList title="Would be folded into it" items={preview.folds} none="No endpoint lies within it." />
          <TouchedList title="Would lose some paths to it" items={preview.parts} none="No endpoint is parted." />
        </div>
      )}
    </form>
  );
}

function TouchedList(props: { title: string; items: Touched[]; none: string }) {
  return (
    <div>
      <h3>{props.title}</h3>
      {props.items.length === 0 ? (
        <p class="muted">{props.none}</p>
      ) : (
        <ul class="lines">
          {props.items.slice(0, 50).map((one) => (
            <li key={one.id}>
              <span class="grow ellipsis mono">
                <Method method={one.method} /> {one.path}
              </span>
              <span class="muted">{count(one.observations)} seen</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
