/**
 * Our small chart description to vega-lite: one theme, colours as CSS variables (the page decides on light, dark and print), UTC time only.
 * Positions are computed here; figures are not.
 */
import type { VegaLiteSpec } from "./svg.js";
import type { BlockOf, ChartSpec } from "./types.js";

/** A chart is drawn once for pages and paper and once for phones; for mails on its own. */
export type ChartSize = "wide" | "narrow" | "mail";

const SIZES = {
  wide: { width: 880, height: 250 },
  narrow: { width: 300, height: 210 },
  mail: { width: 540, height: 200 },
} as const;
/** Labels below the axis, which must not run into each other. */
const MOST_LABELS = { wide: 8, narrow: 3, mail: 5 } as const;
const SERIES_COLOURS = [1, 2, 3, 4, 5].map((index) => `var(--series-${index})`);

/** The vega-lite theme that all charts share. */
const THEME = {
  aria: false,
  background: null,
  font: "Inter",
  padding: 0,
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    grid: false,
    labelColor: "var(--muted)",
    labelFontSize: 12,
    labelFontWeight: 400,
    labelPadding: 8,
    titleColor: "var(--muted)",
    titleFontSize: 12,
    titleFontWeight: 400,
  },
  axisY: { grid: true, gridColor: "var(--hairline)", tickCount: 4 },
  axisX: { domain: true, domainColor: "var(--rule)", labelFlush: false, labelOverlap: "greedy", labelSeparation: 10 },
  legend: {
    orient: "top",
    direction: "horizontal",
    title: null,
    offset: 14,
    labelColor: "var(--ink)",
    labelFontSize: 12,
    labelLimit: 200,
    symbolSize: 110,
    symbolStrokeWidth: 0,
    columnPadding: 18,
  },
} as const;

/** The vega-lite specification of a chart. */
export function chartSpec(spec: ChartSpec, size: ChartSize): VegaLiteSpec {
  const names = spec.series.map((series) => series.name);
  const colour = {
    field: "series",
    type: "nominal",
    scale: { domain: names, range: SERIES_COLOURS.slice(0, Math.max(1, names.length)) },
    legend: names.length < 2 ? null : legendOf(spec, size),
    sort: null,
  };
  // Bars stand behind areas and lines, so that neither hides the other.
  const order = { bar: 1, area: 0, line: 2 };
  const layers = spec.series
    .map((series) => ({ series, mark: series.mark ?? defaultMark(spec) }))
    .sort((a, b) => order[a.mark] - order[b.mark])
    .map(({ series, mark }) => ({
      data: { values: series.points.map((point) => ({ ...point, series: series.name })) },
      mark: markOf(mark, series.points.filter((point) => point.y !== null).length),
      encoding: { ...(isAcross(spec) ? acrossEncoding(spec, size) : uprightEncoding(spec, size)), color: colour },
    }));
  return { ...SIZES[size], autosize: { type: "fit", contains: "padding" }, layer: layers, config: THEME };
}

/** Bars of categories lie: their names need the room. */
function isAcross({ form, x }: ChartSpec): boolean {
  return form === "bar" && x.kind === "category";
}

function acrossEncoding(spec: ChartSpec, size: ChartSize): Record<string, unknown> {
  const axis = { title: null, domain: false, labelColor: "var(--ink)", labelLimit: size === "narrow" ? 130 : 260 };
  const amounts = yEncoding(spec);
  return {
    y: { field: "x", type: "nominal", sort: null, scale: { paddingInner: 0.3 }, axis: { ...axis, grid: false } },
    x: { ...amounts, axis: { ...amounts.axis, grid: true, gridColor: "var(--hairline)", tickCount: 4, domain: false } },
  };
}

function uprightEncoding(spec: ChartSpec, size: ChartSize): Record<string, unknown> {
  return { x: xEncoding(spec, size), y: yEncoding(spec) };
}

function hasBars(spec: ChartSpec): boolean {
  return spec.series.some((series) => (series.mark ?? defaultMark(spec)) === "bar");
}

/** Lines have no ground to be filled: their signs in the legend are strokes. */
function legendOf(spec: ChartSpec, size: ChartSize): Record<string, unknown> {
  const isLines = spec.series.every((series) => (series.mark ?? defaultMark(spec)) === "line");
  const sign = isLines ? { symbolType: "stroke", symbolStrokeWidth: 3, symbolSize: 180 } : { symbolType: "square" };
  // On a phone a row holds two names.
  return size === "narrow" && spec.series.length > 2 ? { ...sign, columns: 2 } : sign;
}

function defaultMark(spec: ChartSpec): "line" | "bar" {
  return spec.form === "bar" ? "bar" : "line";
}

function markOf(mark: "line" | "bar" | "area", points: number): Record<string, unknown> {
  if (mark === "bar") return { type: "bar", cornerRadiusEnd: points > 40 ? 1 : 2 };
  const point = points === 1 ? { point: { size: 50 } } : {};
  if (mark === "line") return { type: "line", strokeWidth: 2, strokeCap: "round", strokeJoin: "round", ...point };
  return { type: "area", fillOpacity: 0.14, line: { strokeWidth: 2, strokeJoin: "round" }, ...point };
}

/**
 * Days stand side by side like categories: series have no gap in their days, and lines then meet the middle of their bars.
 * Labels are written in UTC, so that no host's time zone can move them.
 */
function xEncoding(spec: ChartSpec, size: ChartSize): Record<string, unknown> {
  const keys = [...new Set(spec.series.flatMap((series) => series.points.map((point) => point.x)))];
  const most = MOST_LABELS[size];
  const labels =
    spec.x.kind === "day"
      ? { labelExpr: "utcFormat(toDate(datum.value), '%-d %b')", values: spread(keys, most) }
      : { labelLimit: size === "narrow" ? 60 : 120, ...(keys.length > most * 2 ? { values: spread(keys, most) } : {}) };
  // Lines alone stand on points, which have no inside.
  const scale = hasBars(spec) ? { paddingInner: keys.length > 40 ? 0.1 : 0.2 } : {};
  return { field: "x", type: "nominal", sort: null, scale, axis: { title: null, labelAngle: 0, ...labels } };
}

/** At most `most` items at equal distances, the last one among them. */
function spread(keys: readonly string[], most: number): readonly string[] {
  const step = Math.ceil(keys.length / most);
  return keys.filter((_, index) => (keys.length - 1 - index) % step === 0);
}

function yEncoding(spec: ChartSpec): Record<string, unknown> & { readonly axis: Record<string, unknown> } {
  const values = spec.series.flatMap((series) => series.points.map((point) => Math.abs(point.y ?? 0)));
  // "s" prints 0.5 as 500m (milli); below a thousand plain numbers read better anyway.
  const format = spec.y.format.endsWith("s") && Math.max(0, ...values) < 1000 ? ",~f" : spec.y.format;
  return {
    field: "y",
    type: "quantitative",
    axis: { title: null, format, labelExpr: "datum.value === 0 ? '0' : datum.label" },
    stack: null,
  };
}

interface WaterfallBar {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly tone: "total" | "up" | "down";
}

/** Where each bar of a waterfall begins and ends. A total stands on the ground. */
export function waterfallBars(block: BlockOf<"waterfall">): readonly WaterfallBar[] {
  let level = 0;
  return block.steps.map((step) => {
    const from = step.total ? 0 : level;
    level = step.total ? step.value : level + step.value;
    const tone = step.total ? ("total" as const) : step.value < 0 ? ("down" as const) : ("up" as const);
    return { label: step.label, from, to: level, text: step.figure.text, tone };
  });
}

/** Height at which the columns are cut so that small steps can be seen; 0 when the steps are large enough, or the totals are not above them. */
export function waterfallGround(bars: readonly WaterfallBar[]): number {
  const ends = bars.flatMap((bar) => (bar.tone === "total" ? [bar.to] : [bar.from, bar.to]));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const ground = low - (high - low) * 0.8;
  return ground > 0 && high > low ? ground : 0;
}

/** The vega-lite specification of a waterfall: columns on paper, rows on a phone. */
export function waterfallSpec(block: BlockOf<"waterfall">, size: ChartSize): VegaLiteSpec {
  const bars = waterfallBars(block);
  const ground = waterfallGround(bars);
  const values = bars.map((bar) => ({ ...bar, from: Math.max(bar.from, ground), end: Math.max(bar.from, bar.to) }));
  const across = size === "narrow";
  const [category, value, value2] = across ? (["y", "x", "x2"] as const) : (["x", "y", "y2"] as const);
  const step = {
    field: "label",
    type: "nominal",
    sort: null,
    axis: {
      title: null,
      labelAngle: 0,
      labelLimit: across ? 80 : 140,
      labelColor: "var(--ink)",
      domain: false,
      grid: false,
    },
    scale: { paddingInner: 0.35, paddingOuter: 0.15 },
  };
  const highest = Math.max(...values.map((bar) => bar.end));
  const reach = highest - ground || 1;
  // Room for the figure beyond the longest bar.
  const scale = { domain: [ground, highest + reach * (across ? 0.8 : 0.14)], zero: false, nice: false, clamp: true };
  const colour = {
    field: "tone",
    type: "nominal",
    legend: null,
    scale: { domain: ["total", "up", "down"], range: ["var(--series-1)", "var(--up)", "var(--down)"] },
  };
  const text = across
    ? { type: "text", align: "left", baseline: "middle", dx: 6 }
    : { type: "text", align: "center", baseline: "bottom", dy: -6 };
  return {
    ...SIZES[size],
    autosize: { type: "fit", contains: "padding" },
    data: { values },
    config: THEME,
    encoding: { [category]: step },
    layer: [
      {
        mark: { type: "bar", cornerRadius: 2 },
        encoding: {
          [value]: { field: "from", type: "quantitative", axis: null, scale },
          [value2]: { field: "to" },
          color: colour,
        },
      },
      {
        mark: { ...text, fontSize: 13, fontWeight: 600, color: "var(--ink)" },
        encoding: { [value]: { field: "end", type: "quantitative", axis: null, scale }, text: { field: "text" } },
      },
    ],
  };
}
