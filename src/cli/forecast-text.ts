import { type Expected, type Landing, type MetricForecast, targetVerdict } from "../metrics/forecast.js";
import { formatValue } from "../metrics/format.js";
import { varianceOf } from "../metrics/targets.js";
import type { AnswerContext, MetricDef } from "../metrics/types.js";
import type { Output, TableColumn } from "./command.js";
import { plural } from "./format.js";

type Known = Extract<MetricForecast, { readonly status: "ok" }>;

/** What forecasts are told around. */
export interface ForecastText {
  readonly context: AnswerContext;
  readonly output: Output;
  readonly days: number;
  /** A table of every day, where metrics were named. */
  readonly byDay: boolean;
}

/** Forecasts for people: one row each, where the month lands, how far off the past was, and on request every day. */
export function forecastText(forecasts: readonly MetricForecast[], around: ForecastText): string {
  const { context, output, days, byDay } = around;
  const known = forecasts.filter((forecast) => forecast.status === "ok");
  const head = `${context.shop}, ${days} days after ${context.lastCompleteDay}, ${context.currency}, ${context.timeZone}`;
  return [
    output.paint("dim", head),
    output.table(
      sumColumns(days),
      forecasts.map((forecast) => sumRow(forecast, context.currency)),
    ),
    ...landingLines(known, around),
    ...(byDay ? known.flatMap((forecast) => dayLines(forecast, around)) : []),
    "",
    ...notesOf(forecasts).map((note) => output.paint("dim", note)),
  ].join("\n");
}

const RIGHT = { align: "right" } as const;

function sumColumns(days: number): readonly TableColumn[] {
  return [
    { title: "metric", align: "left" },
    { title: `next ${days} days`, ...RIGHT },
    { title: "80 % between", ...RIGHT },
    { title: "95 % between", ...RIGHT },
    { title: "off by, a day", ...RIGHT },
    { title: "off by, the sum", ...RIGHT },
    { title: "weekday before", ...RIGHT },
  ];
}

function sumRow(forecast: MetricForecast, currency: string): readonly string[] {
  const { metric } = forecast;
  if (forecast.status !== "ok") return [metric.title, ...Array.from({ length: 6 }, () => "n/a")];
  const { sum, backTest } = forecast;
  const errors = [backTest?.dayError, backTest?.sumError, backTest?.naiveError];
  return [metric.title, ...expectedCells(sum, metric, currency), ...errors.map(shareText)];
}

function shareText(share: number | null | undefined): string {
  return share === null || share === undefined ? "n/a" : formatValue({ status: "ok", value: share }, "ratio", "");
}

function expectedCells(expected: Expected, { unit }: MetricDef, currency: string): readonly string[] {
  const text = (value: number) => formatValue({ status: "ok", value }, unit, currency);
  return [
    text(expected.value),
    `${text(expected.low80)} … ${text(expected.high80)}`,
    `${text(expected.low95)} … ${text(expected.high95)}`,
  ];
}

function landingLines(known: readonly Known[], { context, output }: ForecastText): readonly string[] {
  const landed = known.flatMap(({ metric, landing }) => (landing === null ? [] : [{ metric, landing }]));
  const [first] = landed;
  if (first === undefined) return [];
  const hasTarget = landed.some(({ landing }) => landing.target !== null);
  const columns: readonly TableColumn[] = [
    { title: `${first.landing.period.label} lands at`, align: "left" },
    { title: "so far", ...RIGHT },
    { title: "expected", ...RIGHT },
    { title: "80 % between", ...RIGHT },
    { title: "95 % between", ...RIGHT },
    ...(hasTarget ? ["target", "expected less target", "told by the band"].map((title) => ({ title, ...RIGHT })) : []),
  ];
  const rows = landed.map(({ metric, landing }) => [
    metric.title,
    formatValue({ status: "ok", value: landing.soFar }, metric.unit, context.currency),
    ...expectedCells(landing, metric, context.currency),
    ...(hasTarget ? targetCells(landing, metric, context.currency) : []),
  ]);
  return ["", output.table(columns, rows)];
}

function targetCells(landing: Landing, { unit, better }: MetricDef, currency: string): readonly string[] {
  const { target } = landing;
  if (target === null) return ["", "", ""];
  const off = varianceOf({ status: "ok", value: landing.value }, target);
  const share = formatValue(off, "ratio", currency);
  const signed = off.status === "ok" && off.value > 0 ? `+${share}` : share;
  return [formatValue({ status: "ok", value: target }, unit, currency), signed, targetVerdict(landing, target, better)];
}

function dayLines(forecast: Known, { context, output }: ForecastText): readonly string[] {
  const { metric, days } = forecast;
  const hasHoliday = days.some(({ holiday }) => holiday !== null);
  const columns: readonly TableColumn[] = [
    { title: metric.title, align: "left" },
    { title: "expected", ...RIGHT },
    { title: "80 % between", ...RIGHT },
    { title: "95 % between", ...RIGHT },
    ...(hasHoliday ? [{ title: "", align: "left" as const }] : []),
  ];
  const rows = days.map((day) => [
    day.day,
    ...expectedCells(day, metric, context.currency),
    ...(hasHoliday ? [day.holiday ?? ""] : []),
  ]);
  return ["", output.table(columns, rows)];
}

function methodText({ method, smoothing }: Known): string {
  const trend = smoothing.damping < 1 ? "a trend that runs out" : "a lasting trend";
  return method === "holt" ? `Holt, ${trend}` : `Holt-Winters, ${trend} and weekdays`;
}

/** What stands under the tables; what holds for several metrics is said once. */
function notesOf(forecasts: readonly MetricForecast[]): readonly string[] {
  const titles = new Map<string, readonly string[]>();
  for (const forecast of forecasts)
    for (const note of notesOn(forecast)) titles.set(note, [...(titles.get(note) ?? []), forecast.metric.title]);
  return [...titles].map(([note, of]) => `${of.join(", ")}${note}`);
}

function notesOn(forecast: MetricForecast): readonly string[] {
  if (forecast.status !== "ok") return [` n/a: ${forecast.detail}`];
  const { history, leftOut, backTest, landingMissing, provisional } = forecast;
  const tested =
    backTest === null
      ? "too short to be tested on its own past"
      : `asked ${plural(backTest.origins, "time")} for ${backTest.ahead} days of its past, the model's own 80 % band held ${shareText(backTest.held80)} of them`;
  const names = leftOut.map(({ day, holiday }) => `${day} ${holiday}`).join(", ");
  return [
    `: ${methodText(forecast)}, from ${history.points} days, ${history.from} … ${history.to}; ${tested}`,
    ...(leftOut.length === 0 ? [] : [`: holidays left out: ${names}`]),
    ...(provisional ? [": the source may still restate the newest days"] : []),
    ...(landingMissing === null ? [] : [`: where the month lands is n/a: ${landingMissing}`]),
  ];
}
