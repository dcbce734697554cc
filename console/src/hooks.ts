import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type DoubleState, type Exchange, watch } from "./api";

/** Exchanges a page keeps: what one scrolls through, and a bound on its memory. */
const EXCHANGES_MAX = 500;
/** Seconds of the rate that are shown. */
const RATE_SECONDS = 120;

export interface RatePoint {
  at: number;
  rates: Record<string, number>;
}

export interface Live {
  connected: boolean;
  state: DoubleState | null;
  exchanges: Exchange[];
  skipped: number;
  rates: RatePoint[];
}

const NOTHING: Live = { connected: false, state: null, exchanges: [], skipped: 0, rates: [] };

/** Between two looks of the stream; with what pages load besides, no more than ten a second. */
const REDRAW_MS = 125;

/** What happens, as it happens; one stream for the whole page. */
export function useLive(enabled: boolean): Live {
  const [live, show] = useState<Live>(NOTHING);
  const before = useRef<{ at: number; requests: Record<string, number> } | null>(null);
  useEffect(() => {
    if (!enabled) return;
    // What comes between two redraws is gathered, so that they are as many at any rate of traffic.
    let gathered: ((known: Live) => Live)[] = [];
    let timer: number | undefined;
    const redraw = () => {
      timer = undefined;
      const changes = gathered;
      gathered = [];
      show((known) => changes.reduce((state, change) => change(state), known));
    };
    const setLive = (change: (known: Live) => Live) => {
      gathered.push(change);
      timer ??= window.setTimeout(redraw, REDRAW_MS);
    };
    const stop = watch(
      (name, data) => {
        if (name === "state") {
          const state = data as DoubleState;
          const at = Date.now() / 1000;
          const last = before.current;
          before.current = { at, requests: state.requests };
          setLive((known) => {
            const point = last && rate(last, { at, requests: state.requests });
            const rates = point ? [...known.rates, point].slice(-RATE_SECONDS) : known.rates;
            return { ...known, state, rates };
          });
        } else if (name === "exchanges") {
          const { items, skipped } = data as { items: Exchange[]; skipped: number };
          setLive((known) => ({
            ...known,
            exchanges: [...items, ...known.exchanges].slice(0, EXCHANGES_MAX),
            skipped: known.skipped + skipped,
          }));
        }
      },
      (connected) => setLive((known) => ({ ...known, connected })),
    );
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [enabled]);
  return live;
}

function rate(
  last: { at: number; requests: Record<string, number> },
  now: { at: number; requests: Record<string, number> },
): RatePoint {
  const seconds = Math.max(0.2, now.at - last.at);
  const rates: Record<string, number> = {};
  for (const [source, count] of Object.entries(now.requests)) {
    rates[source] = Math.max(0, (count - (last.requests[source] ?? 0)) / seconds);
  }
  return { at: now.at, rates };
}

export interface Loaded<T> {
  data: T | null;
  error: Error | null;
  reload: () => Promise<void>;
}

/** What a call gives, loaded anew when `key` changes and, if asked, from time to time. */
export function useLoaded<T>(load: () => Promise<T>, key: unknown, everyMs = 0): Loaded<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const current = useRef(load);
  current.current = load;
  const reload = useCallback(async () => {
    const own = current.current;
    try {
      const loaded = await own();
      setData(loaded);
      setError(null);
    } catch (failure) {
      setError(failure as Error);
    }
  }, []);
  useEffect(() => {
    setData(null);
    void reload();
    if (!everyMs) return;
    const timer = setInterval(() => {
      if (!document.hidden) void reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs]);
  return { data, error, reload };
}

/** The part of the address behind `#`. */
export function useRoute(): [string[], URLSearchParams] {
  const read = () => location.hash.replace(/^#\/?/, "");
  const [hash, setHash] = useState(read());
  useEffect(() => {
    const changed = () => setHash(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const [path, query] = hash.split("?");
  return [path.split("/").filter(Boolean).map(decodeURIComponent), new URLSearchParams(query)];
}
