import type { ChangeExplanation, Split } from "../metrics/explain-change.js";
import type { SegmentedSplit } from "../metrics/explain-segments.js";
import { formatChange, formatValue } from "../metrics/format.js";
import type { AnswerContext, MetricValue, Unit } from "../metrics/types.js";
import { apportion } from "../stats/decompose.js";
import type { Output } from "./command.js";

const MOST_ROWS = 10;

/** Why a metric changed, for people: how it changed, then each way of telling it as a table that adds up as printed. */
export function changeText(explained: ChangeExplanation, context: AnswerContext, output: Output): string {
  const { metric, window, before, compared, change, splits, segments, unknown } = explained;
  const shown = (value: MetricValue | undefined) =>
    value === undefined ? "n/a" : formatValue(value, metric.unit, context.currency);
  const amount = effectText(metric.unit, context.currency);
  return [
    output.paint("strong", `${metric.title} (${metric.id}), ${window.from} … ${window.to}`),
    `${shown(compared.previous)} in ${before.from} … ${before.to}, ${shown(compared.value)} now: ${
      change === undefined ? "n/a" : `${amount(change)} (${formatChange(compared, metric.unit)})`
    }`,
    ...splits.flatMap((split) => ["", splitText(split, explained, amount, output)]),
    ...segments.flatMap((split) => ["", segmentText(split, explained, amount, output)]),
    ...(unknown.length === 0 ? [] : ["", ...unknown.map((reason) => output.paint("dim", `unknown: ${reason}`))]),
  ].join("\n");
}

type AmountText = (effect: number) => string;

/** An effect with its sign, in points where the metric is a ratio. */
function effectText(unit: Unit, currency: string): AmountText {
  return (effect) => {
    const text =
      unit === "ratio"
        ? `${formatValue({ status: "ok", value: effect * 100 }, "number", currency)} pp`
        : formatValue({ status: "ok", value: effect }, unit, currency);
    return effect > 0 ? `+${text}` : text;
  };
}

/** Effects rounded to what is printed so that the column adds up as it stands there. */
function printed(effects: readonly number[], change: number, unit: Unit): readonly number[] {
  const scale = unit === "ratio" ? 10_000 : unit === "multiple" || unit === "number" ? 100 : 1;
  return apportion(
    effects.map((effect) => effect * scale),
    Math.round(change * scale),
  ).map((effect) => effect / scale);
}

const COLUMN = { align: "right" } as const;

function splitText(
  split: Split,
  { metric, change = 0 }: ChangeExplanation,
  amount: AmountText,
  output: Output,
): string {
  const effects = printed(
    split.parts.map((part) => part.effect),
    change,
    metric.unit,
  );
  const rows = split.parts.map((part, index) => [part.label, amount(effects[index] ?? 0)]);
  const columns = [
    { title: split.kind === "factors" ? split.formula : `${metric.title} = ${split.formula}`, align: "left" as const },
    { title: "effect", ...COLUMN },
  ];
  return output.table(columns, [...rows, ["Change", amount(change)]]);
}

function segmentText(
  { by, volume, rows }: SegmentedSplit,
  { metric, change = 0 }: ChangeExplanation,
  amount: AmountText,
  output: Output,
): string {
  const effects = printed(
    rows.map((row) => row.effect),
    change,
    metric.unit,
  );
  const kinds = (["volume", "mix", "price", "rate"] as const).filter((kind) => rows.some((row) => kind in row.of));
  const lines = rows
    .slice(0, MOST_ROWS)
    .map((row, index) => [row.label, ...kinds.map((kind) => amount(row.of[kind] ?? 0)), amount(effects[index] ?? 0)]);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const line = (label: string, from: number, total: number) => [
    label,
    ...kinds.map((kind) => amount(sum(rows.slice(from).map((row) => row.of[kind] ?? 0)))),
    amount(total),
  ];
  const others = rows.length - MOST_ROWS;
  return output.table(
    [
      { title: `by ${by}${volume === null ? "" : `, volume is ${volume.replaceAll("_", " ")}`}`, align: "left" },
      ...[...kinds, "effect"].map((title) => ({ title, ...COLUMN })),
    ],
    [
      ...lines,
      ...(others > 0 ? [line(`${others} others`, MOST_ROWS, sum(effects.slice(MOST_ROWS)))] : []),
      line("Change", 0, change),
    ],
  );
}
