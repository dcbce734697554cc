import { useEffect, useState } from "preact/hooks";
import { get, token, whenUnauthorized } from "./api";
import { type Live, useLive, useRoute } from "./hooks";
import { Chaos } from "./pages/chaos";
import { EndpointPage } from "./pages/endpoint";
import { Endpoints } from "./pages/endpoints";
import { Overrides } from "./pages/overrides";
import { Overview } from "./pages/overview";
import { SettingsPage } from "./pages/settings";
import { Traffic } from "./pages/traffic";
import { World } from "./pages/world";

const PAGES = [
  ["", "Overview"],
  ["endpoints", "Endpoints"],
  ["traffic", "Traffic"],
  ["chaos", "Chaos"],
  ["overrides", "Overrides"],
  ["world", "World"],
  ["settings", "Settings"],
] as const;

const THEME = "stunt-double-theme";

export function App() {
  const [locked, setLocked] = useState<boolean | null>(null);
  const [path, query] = useRoute();
  const live = useLive(locked === false);
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? "");
  useEffect(() => {
    whenUnauthorized(() => setLocked(true));
    get("version").then(
      () => setLocked(false),
      (error) => setLocked(error.status === 401),
    );
  }, []);
  useEffect(() => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    localStorage.setItem(THEME, theme);
  }, [theme]);
  const page = path[0] ?? "";
  const name = PAGES.find(([key]) => key === page)?.[1] ?? "Overview";
  useEffect(() => {
    document.title = `${name} · stunt-double`;
  }, [name]);
  if (locked === null) return <p class="loading">Loading…</p>;
  if (locked) return <Login onDone={() => setLocked(false)} />;
  const isDark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>
        Skip to the page
      </a>
      <nav class="side" aria-label="Pages">
        <p class="brand">
          <span class="mark" aria-hidden="true" />
          stunt-double
        </p>
        <ul>
          {PAGES.map(([key, label]) => (
            <li key={key}>
              <a href={`#/${key}`} aria-current={key === page ? "page" : undefined}>
                {label}
                {key === "chaos" && !!live.state?.chaos_active && <Badge count={live.state.chaos_active} of="active rules" />}
                {key === "overrides" && !!live.state?.overrides_active && (
                  <Badge count={live.state.overrides_active} of="active overrides" />
                )}
              </a>
            </li>
          ))}
        </ul>
        <div class="side-foot">
          <Connection live={live} />
          <button type="button" class="quiet" onClick={() => setTheme(isDark ? "light" : "dark")}>
            {isDark ? "Light" : "Dark"}
          </button>
          {token.get() && (
            <button type="button" class="quiet" onClick={() => { token.clear(); setLocked(true); }}>
              Log out
            </button>
          )}
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        <h1>{page === "endpoints" && path[1] ? "Endpoint" : name}</h1>
        {page === "" && <Overview live={live} />}
        {page === "endpoints" && !path[1] && <Endpoints />}
        {page === "endpoints" && path[1] && <EndpointPage key={path[1]} id={path[1]} />}
        {page === "traffic" && <Traffic live={live} query={query} />}
        {page === "chaos" && <Chaos query={query} />}
        {page === "overrides" && <Overrides query={query} />}
        {page === "world" && <World live={live} />}
        {page === "settings" && <SettingsPage />}
      </main>
    </div>
  );
}

function Badge(props: { count: number; of: string }) {
  return (
    <span class="badge">
      {props.count}
      <span class="unseen"> {props.of}</span>
    </span>
  );
}

function Connection(props: { live: Live }) {
  const { connected, state } = props.live;
  const text = !connected ? "not connected" : state?.backend_up === false ? "backend down" : "live";
  return (
    <p class={`connection ${connected && state?.backend_up !== false ? "good" : "bad"}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </p>
  );
}

function Login(props: { onDone: () => void }) {
  const [failed, setFailed] = useState(false);
  const [value, setValue] = useState("");
  const enter = async (event: Event) => {
    event.preventDefault();
    token.set(value.trim());
    try {
      await get("version");
      props.onDone();
    } catch {
      token.clear();
      setFailed(true);
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void enter(event)}>
        <p class="brand">
          <span class="mark" aria-hidden="true" />
          stunt-double
        </p>
        <h1>Log in</h1>
        <div class="field">
          <label for="token">Admin token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            required
            value={value}
            aria-invalid={failed}
            onInput={(event) => setValue((event.target as HTMLInputElement).value)}
          />
          <p class="hint">What `--admin-token` or `ADMIN_TOKEN` says. It is kept for this tab only.</p>
        </div>
        {failed && (
          <p class="failure" role="alert">
            That is not the token.
          </p>
        )}
        <button type="submit">Log in</button>
      </form>
    </main>
  );
}
