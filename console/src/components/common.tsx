import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api";

export function Card(props: { title?: string; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${props.class ?? ""}`}>
      {(props.title || props.aside) && (
        <header class="card-head">
          {props.title && <h2>{props.title}</h2>}
          {props.aside && <div class="aside">{props.aside}</div>}
        </header>
      )}
      {props.children}
    </section>
  );
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.children}
    </div>
  );
}

export function Failure(props: { error: Error | null }) {
  if (!props.error) return null;
  const fields = (props.error as ApiError).fields ?? [];
  return (
    <div class="failure" role="alert">
      <p>{props.error.message}</p>
      {fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={field.field}>
              <code>{field.field}</code> {field.problem}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function Field(props: { label: string; hint?: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
      {props.hint && <p class="hint">{props.hint}</p>}
    </div>
  );
}

export function Source(props: { source: string }) {
  return <span class={`tag source-${props.source}`}>{props.source}</span>;
}

export function Status(props: { status: number | null | undefined }) {
  if (!props.status) return <span class="tag status-0">cut off</span>;
  return <span class={`tag status-${Math.floor(props.status / 100)}`}>{props.status}</span>;
}

export function State(props: { state: string }) {
  return <span class={`tag state-${props.state}`}>{props.state}</span>;
}

export function Method(props: { method: string }) {
  return <span class="method">{props.method}</span>;
}

/** Shares of status classes as one bar. */
export function StatusBar(props: { statuses: Record<string, number> }) {
  const classes = [0, 0, 0, 0, 0, 0];
  for (const [status, share] of Object.entries(props.statuses)) {
    classes[Math.min(5, Math.floor(Number(status) / 100))] += share;
  }
  const text = Object.entries(props.statuses)
    .map(([status, share]) => `${status} ${percent(share)}`)
    .join(", ");
  return (
    <span class="bar" role="img" aria-label={text || "nothing yet"} title={text}>
      {classes.map((share, kind) =>
        share > 0 ? (
          <span key={kind} class={`bar-part status-${kind}`} style={{ width: `${share * 100}%` }} />
        ) : null,
      )}
    </span>
  );
}

export function Copy(props: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(props.text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <div class="copy">
      <pre tabIndex={0}>{props.text}</pre>
      <button type="button" class="quiet" onClick={() => void copy()}>
        {done ? "copied" : "copy"}
      </button>
    </div>
  );
}

export function Json(props: { value: unknown }) {
  const text = typeof props.value === "string" ? props.value : JSON.stringify(props.value, null, 2);
  return (
    <pre class="json" tabIndex={0}>
      {text}
    </pre>
  );
}

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onClose={props.onClose}>
      <header class="dialog-head">
        <h2 id={id}>{props.title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={props.onClose}>
          ✕
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
    </dialog>
  );
}

/** The end of a form in a dialog: leave it, or send it off. */
export function DialogActions(props: { onCancel: () => void; children: ComponentChildren }) {
  return (
    <div class="actions end">
      <button type="button" class="quiet" onClick={props.onCancel}>
        Cancel
      </button>
      <button type="submit">{props.children}</button>
    </div>
  );
}

/** A score between 0 and 1 as a bar. */
export function Score(props: { value: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <span class="bar-part score" style={{ width: `${props.value * 100}%` }} />
    </span>
  );
}

/** From the median to the 99th percentile, on a logarithmic axis from 1 ms to 10 s. */
export function Spread(props: { p50: number; p95: number; p99: number }) {
  const at = (value: number) => Math.min(100, Math.max(0, (Math.log10(Math.max(value, 1)) / 4) * 100));
  const [from, middle, to] = [at(props.p50), at(props.p95), at(props.p99)];
  return (
    <span class="spread" aria-hidden="true">
      <span class="spread-line" style={{ left: `${from}%`, width: `${Math.max(1, to - from)}%` }} />
      {[from, middle, to].map((place, at) => (
        <span key={at} class="spread-mark" style={{ left: `${place}%` }} />
      ))}
    </span>
  );
}

export const score = (value: number) => value.toFixed(2);

export const percent = (share: number) =>
  `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : share < 0.1 ? 1 : 0)} %`;

export const ms = (value: number | null | undefined) =>
  value == null ? "–" : value >= 1000 ? `${(value / 1000).toFixed(2)} s` : value >= 10 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;

export const count = (value: number) => value.toLocaleString("en");

export const clock = (at: string | null | undefined) =>
  at ? new Date(at).toLocaleTimeString("en-GB") : "–";

export const moment = (at: string | null | undefined) =>
  at ? new Date(at).toLocaleString("en-GB") : "–";

/** What is left until a moment. */
export function left(at: string | null | undefined): string {
  if (!at) return "until taken back";
  const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
  if (seconds <= 0) return "over";
  if (seconds < 90) return `${seconds} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${Math.round(seconds / 3600)} h left`;
}
