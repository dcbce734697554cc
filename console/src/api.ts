// The one way to the double: its public admin API, with types generated from its description.
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Endpoint = Schemas["EndpointSummary"];
export type EndpointDetail = Schemas["EndpointDetail"];
export type Exchange = Schemas["ExchangeShown"];
export type Rule = Schemas["RuleShown"];
export type Override = Schemas["OverrideShown"];
export type Settings = Schemas["RuntimeSettings"];
export type Mode = Settings["mode"];
export type Preview = Schemas["ChaosPreview"];
export type Series = Schemas["EndpointSeries"];
export type Sample = Schemas["Sample"];
export interface Page<T> {
  items: T[];
  page: number;
  per_page: number;
  total: number;
}
export interface FaultField {
  name: string;
  required: boolean;
  expects: string;
}
export interface FaultDescriptor {
  name: string;
  summary: string;
  fields: FaultField[];
  example: Record<string, unknown>;
}
export interface DoubleState {
  mode: Mode;
  learn: boolean;
  backend_up: boolean;
  endpoints: number;
  in_flight: number;
  chaos_active: number;
  overrides_active: number;
  requests: Record<string, number>;
}

// The page stands at `{admin}/`, so the API is beside it, wherever the admin is.
const base = new URL(".", document.baseURI);
const TOKEN = "stunt-double-token";

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  set: (value: string) => sessionStorage.setItem(TOKEN, value),
  clear: () => sessionStorage.removeItem(TOKEN),
};

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: { field: string; problem: string }[],
  ) {
    super(message);
  }
}

/** Called when the admin asks for a token. */
let onUnauthorized = () => {};
export const whenUnauthorized = (call: () => void) => (onUnauthorized = call);

function headers(extra: Record<string, string> = {}): Record<string, string> {
  const known = token.get();
  return known ? { ...extra, authorization: `Bearer ${known}` } : extra;
}

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  extra: Record<string, string> = {},
): Promise<T> {
  const json = body === undefined ? extra : { ...extra, "content-type": "application/json" };
  const response = await fetch(new URL(path, base), {
    method,
    headers: headers(json),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) onUnauthorized();
  if (response.status === 204) return undefined as T;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new ApiError(response.status, answer.detail ?? response.statusText, answer.errors ?? []);
  }
  return answer as T;
}

export const get = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body?: unknown) => call<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown) =>
  call<T>("PATCH", path, body, { "if-match": "*" });
export const put = <T>(path: string, body: unknown) =>
  call<T>("PUT", path, body, { "if-match": "*" });
export const remove = <T>(path: string) =>
  call<T>("DELETE", path, undefined, { "if-match": "*" });

/** All entries of a list, page after page. */
export async function all<T>(path: string, most = 5000): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; items.length < most; page++) {
    const next = await get<Page<T>>(`${path}?per_page=500&page=${page}`);
    items.push(...next.items);
    if (items.length >= next.total || next.items.length === 0) break;
  }
  return items;
}

/** Asks a mock or the backend through the double itself, as a client would. */
export async function through(method: string, path: string, steering: Record<string, string>) {
  const response = await fetch(new URL(path, location.origin), { method, headers: steering });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Server-sent events over `fetch`, which can carry the token. */
export function watch(
  onEvent: (name: string, data: unknown) => void,
  onLive: (live: boolean) => void,
): () => void {
  const gone = new AbortController();
  const once = async () => {
    const response = await fetch(new URL("events", base), {
      headers: headers(),
      signal: gone.signal,
    });
    if (response.status === 401) onUnauthorized();
    if (!response.ok || !response.body) throw new Error(`${response.status}`);
    onLive(true);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (waiting + value).split("\n\n");
      waiting = parts.pop() ?? "";
      for (const part of parts) {
        const name = /^event: (.*)$/m.exec(part)?.[1];
        const data = /^data: (.*)$/m.exec(part)?.[1];
        if (name && data) onEvent(name, JSON.parse(data));
      }
    }
  };
  const keep = async () => {
    while (!gone.signal.aborted) {
      await once().catch(() => {});
      onLive(false);
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  };
  void keep();
  return () => gone.abort();
}
