import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface PlotSeries {
  label: string;
  /** A custom property of the style sheet. */
  colour: string;
  fill?: boolean;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Values over time or over classes; `x` in seconds unless `xs` gives the words. */
export function Plot(props: {
  label: string;
  x: number[];
  ys: (number | null)[][];
  series: PlotSeries[];
  height?: number;
  unit?: string;
  xLog?: boolean;
  time?: boolean;
  xUnit?: string;
  /** The width that is shown, to the newest value; all that there is unless given. */
  window?: number;
  /** A value holds from the `x` before to its own. */
  stepped?: boolean;
}) {
  const { window } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = JSON.stringify([props.series, props.stepped, props.unit, props.xLog, document.documentElement.dataset.theme]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      font: "11px system-ui, sans-serif",
    };
    const suffix = (unit?: string) => (_: uPlot, values: (number | null)[]) =>
      values.map((value) => (value == null ? "" : `${value}${unit ? ` ${unit}` : ""}`));
    const options: uPlot.Options = {
      width: element.clientWidth || 300,
      height: props.height ?? 160,
      cursor: { drag: { x: false, y: false } },
      legend: { show: props.series.length > 1, live: false },
      scales: { x: { time: props.time ?? true, distr: props.xLog ? 3 : 1, ...(window && { range: (_: uPlot, __: number, max: number): [number, number] => [max - window, max] }) }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        props.time === false ? { ...axis, values: suffix(props.xUnit) } : axis,
        { ...axis, size: 60, values: suffix(props.unit) },
      ],
      series: [
        {},
        ...props.series.map((one, at) => ({
          label: one.label,
          stroke: colour(one.colour),
          width: 1.5,
          ...(props.stepped && { paths: uPlot.paths.stepped?.({ align: -1 }) }),
          // A lone value between gaps has no line.
          points: { show: !props.stepped && (props.ys[at]?.includes(null) ?? false), size: 4 },
          fill: one.fill ? `${colour(one.colour)}33` : undefined,
        })),
      ],
    };
    plot.current = new uPlot(options, [props.x, ...props.ys] as uPlot.AlignedData, element);
    const watcher = new ResizeObserver(() => {
      if (element.clientWidth) plot.current?.setSize({ width: element.clientWidth, height: options.height });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData([props.x, ...props.ys] as uPlot.AlignedData);
  }, [props.x, props.ys]);
  return <div class="plot" role="img" aria-label={props.label} ref={place} />;
}
