import { useState } from "preact/hooks";
import { type EndpointDetail, type Page, type Schemas, type Series, get, patch } from "../api";
import { Card, Empty, Failure, Score, count, ms, score } from "../components/common";
import { PinForm } from "../components/pin";
import { Plot } from "../components/plot";
import { useLoaded } from "../hooks";

type Reason = Schemas["ReasonShown"];

/** The learned distribution of latency beside what was answered. */
export function LatencyCard(props: { series: Series | null }) {
  const buckets = props.series?.latency ?? [];
  const answered = buckets.reduce((sum, bucket) => sum + bucket.answered, 0);
  const used = buckets.map((bucket) => bucket.learned > 0 || bucket.answered > 0);
  // One empty bucket on each side shows where it ends.
  const first = Math.max(0, used.indexOf(true) - 1);
  const last = Math.min(buckets.length, used.lastIndexOf(true) + 2);
  const shown = buckets.slice(first, last);
  return (
    <Card title="Latency, learned and answered" aside={<span class="muted">{count(answered)} answered</span>}>
      {!used.includes(true) ? (
        <Empty title="Nothing is learned of it yet" />
      ) : (
        <Plot
          label="Share of latencies, learned and answered, on a logarithmic axis"
          x={shown.map((bucket) => bucket.up_to_ms ?? 2 * (buckets.at(-2)?.up_to_ms ?? 1))}
          ys={[
            shown.map((bucket) => Math.round(bucket.learned * 1000) / 10),
            shown.map((bucket) => (answered ? Math.round((bucket.answered / answered) * 1000) / 10 : null)),
          ]}
          series={[
            { label: "learned", colour: "--c-upstream", fill: true },
            { label: "answered", colour: "--c-mock" },
          ]}
          unit="%"
          xUnit="ms"
          time={false}
          xLog
          stepped
        />
      )}
    </Card>
  );
}

/** How well its answers were predicted before they were learned. */
export function FidelityCard(props: { id: string }) {
  const loaded = useLoaded(() => get<Schemas["EndpointFidelity"]>(`endpoints/${props.id}/fidelity`), props.id, 10_000);
  const known = loaded.data?.fidelity;
  return (
    <Card
      title="Fidelity"
      aside={known && <span class="muted">{count(known.scored)} exchanges predicted</span>}
    >
      <Failure error={loaded.error} />
      {!known ? (
        <Empty title="Too few exchanges to judge">
          <p>Every real answer is compared with what the model would have said before it is learned.</p>
        </Empty>
      ) : (
        <>
          <p class="score-line">
            <span class="tile-value">{score(known.score)}</span>
            <span class="muted">
              between {score(known.low)} and {score(known.high)}
              {Math.abs(known.trend) >= 0.005 && `, ${known.trend > 0 ? "rising" : "falling"} by ${score(Math.abs(known.trend))}`}
            </span>
          </p>
          <ul class="lines">
            {known.parts.map((part) => (
              <li key={part.name}>
                <span class="grow">{part.name}</span>
                <Score value={part.score} />
                <span class="muted number">{score(part.score)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

/** What decides its outcome, in the order in which it is looked at. */
export function ReasonsCard(props: { id: string }) {
  const at = `endpoints/${props.id}/reasons`;
  const loaded = useLoaded(() => get<Page<Reason>>(`${at}?per_page=200`), props.id, 10_000);
  const [error, setError] = useState<Error | null>(null);
  const [all, setAll] = useState(false);
  const change = async (reason: Reason, rule: string) => {
    // Who forces one says what it leads to; what it led to is the likely wish.
    const status = rule === "force" && reason.status != null ? { status: reason.status } : {};
    const order = patch(`${at}/${encodeURIComponent(reason.reason)}`, { rule, ...status });
    await order.then(() => setError(null), setError);
    await loaded.reload();
  };
  const items = loaded.data?.items ?? [];
  const deciding = items.filter((reason) => reason.state !== "candidate");
  const shown = all ? items : deciding;
  return (
    <Card
      title="Reasons"
      aside={
        items.length > deciding.length && (
          <label class="check">
            <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
            also the {count(items.length - deciding.length)} that decide nothing
          </label>
        )
      }
    >
      <Failure error={error ?? loaded.error} />
      {shown.length === 0 ? (
        <Empty title="Nothing decides its status but chance" />
      ) : (
        <ul class="rules">
          {shown.map((reason) => (
            <ReasonItem key={reason.reason} reason={reason} onChange={(rule) => void change(reason, rule)} />
          ))}
        </ul>
      )}
    </Card>
  );
}

const RULES: Record<string, string> = { active: "learned", candidate: "learned", forced: "force", forbidden: "forbid" };

function ReasonItem(props: { reason: Reason; onChange: (rule: string) => void }) {
  const { reason } = props;
  const sum = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([status, times]) => `${status} × ${count(times)}`)
      .join(", ");
  return (
    <li class="rule">
      <div class="rule-head">
        <strong class="grow">
          {reason.text}
          {reason.status != null && <> → {reason.status}</>}
        </strong>
        <span class={`tag state-${reason.state}`}>{reason.state}</span>
        <select
          aria-label={`What ${reason.text} does`}
          value={RULES[reason.state] ?? "learned"}
          onChange={(event) => props.onChange((event.target as HTMLSelectElement).value)}
        >
          <option value="learned">as learned</option>
          <option value="forbid">forbid</option>
          <option value="force">force</option>
        </select>
      </div>
      <p class="muted">
        <code>{reason.reason}</code> · {count(reason.evidence_for)} exchanges for it, {count(reason.evidence_against)} against
        {reason.gain_bits != null && ` · ${reason.gain_bits.toFixed(1)} bits`}
      </p>
      <p class="muted">
        where it held: {sum(reason.held) || "never"} · where not: {sum(reason.missing) || "never"}
      </p>
    </li>
  );
}

/** The newest answer of the backend, as far as it is kept: never its values. */
export function NewestReal(props: { endpoint: EndpointDetail }) {
  const name = encodeURIComponent(props.endpoint.id);
  const loaded = useLoaded(() => get<Page<Schemas["ExchangeShown"]>>(`requests?endpoint=${name}&source=upstream&limit=1`), props.endpoint.id, 10_000);
  const newest = loaded.data?.items[0];
  if (!newest) return <p class="muted">The journal remembers no real answer.</p>;
  return (
    <p>
      {newest.status ?? "cut off"} for <code>{newest.path}</code> in {ms(newest.duration_ms)}
    </p>
  );
}

/** Gives people's word on the template. */
export function PinCard(props: { path: string }) {
  const [said, setSaid] = useState("");
  return (
    <Card title="Pin a template">
      <p role="status" class={said ? "notice" : "unseen"}>
        {said}
      </p>
      <PinForm path={props.path} onPinned={(path) => setSaid(`${path} is pinned and wins over learning.`)} />
    </Card>
  );
}

