/** Values to figures: the text that every rendering prints, and whether a change is good news. Nothing is computed here but the sign of a change. */
import { decimalText } from "../base/money.js";
import { changeKind, changeOf } from "../metrics/change.js";
import { formatChange, formatValue, plainValue } from "../metrics/format.js";
import type { Compared, MetricDef, MetricValue, Unit } from "../metrics/types.js";
import type { Figure, TableCell } from "./types.js";

/** Good, bad or neither: what colours mean. */
export type Tone = "good" | "bad" | "neutral";

/** Relative changes below half a percent, and changes below a tenth of a point, are called unchanged. */
export const UNCHANGED = { relative: 0.005, points: 0.001 } as const;

const RESTATED = "the source may still restate these days";

/** A value as it is printed, with why it is not there. */
export function figure(value: MetricValue, unit: Unit, currency: string): Figure {
  const text = formatValue(value, unit, currency);
  if (value.status !== "ok") return { text, status: value.status, note: value.detail };
  return value.provisional ? { text, status: "provisional", note: RESTATED } : { text, status: "ok", note: null };
}

/** A figure in one line: what is not there says why, as in "n/a – Wed missing". */
export function figureText({ text, status, note }: Figure): string {
  const isAbsent = status === "unknown" || status === "undefined";
  return isAbsent && note !== null && note !== "" ? `${text} – ${note}` : text;
}

/** Minor units as money. */
export function moneyText(minor: number, currency: string): string {
  return formatValue({ status: "ok", value: minor }, "money", currency);
}

/** Minor units as money with its sign, also for a gain. */
export function signedMoney(minor: number, currency: string): string {
  const text = moneyText(Math.abs(minor), currency);
  return minor === 0 ? text : `${minor < 0 ? "−" : "+"}${text}`;
}

/** `+12.3%`, `−0.4 pp`; a change that is not there says so, with its reason. */
export function changeFigure(compared: Compared, unit: Unit): Figure {
  const change = changeOf(compared, changeKind(unit));
  const text = formatChange(compared, unit);
  return change.status === "ok"
    ? { text, status: "ok", note: null }
    : { text, status: change.status, note: change.detail };
}

/** Whether a change is good news, by the metric's own direction. */
export function changeTone(compared: Compared, def: Pick<MetricDef, "unit" | "better">): Tone {
  const kind = changeKind(def.unit);
  const change = changeOf(compared, kind);
  if (change.status !== "ok" || def.better === "neither" || Math.abs(change.value) < UNCHANGED[kind]) return "neutral";
  return change.value > 0 === (def.better === "up") ? "good" : "bad";
}

/** A number for a chart's axis: money in whole currency units, ratios in percent. Null where there is no value. */
export function chartNumber(value: MetricValue, unit: Unit, currency: string): number | null {
  if (value.status !== "ok") return null;
  if (unit === "money") return Number(decimalText({ minor: Math.round(value.value), currency }));
  return unit === "ratio" ? value.value * 100 : value.value;
}

/** A figure as a table cell; values that are not there sort last. That a value is provisional is said once under the table. */
export function valueCell(value: MetricValue, unit: Unit, currency: string): TableCell {
  const { text, note } = figure(value, unit, currency);
  if (value.status === "ok") return { text, sort: value.value, exact: plainValue(value, unit, currency) };
  return { text, sort: null, ...(note === null ? {} : { note }) };
}

const HEAT_LEVELS = 5;

/** Shades the named columns of a table, each by the place of a cell between the lowest and the highest of its column. */
export function heatColumns(
  rows: readonly (readonly TableCell[])[],
  columns: readonly number[],
): readonly (readonly TableCell[])[] {
  const scales = new Map(
    columns.map((column) => {
      const values = rows.flatMap((row) => (typeof row[column]?.sort === "number" ? [row[column].sort] : []));
      return [column, { low: Math.min(...values), high: Math.max(...values) }] as const;
    }),
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const scale = scales.get(column);
      if (scale === undefined || typeof cell.sort !== "number" || scale.high <= scale.low) return cell;
      const place = (cell.sort - scale.low) / (scale.high - scale.low);
      return { ...cell, heat: 1 + Math.min(HEAT_LEVELS - 1, Math.floor(place * HEAT_LEVELS)) };
    }),
  );
}

/** A change as a table cell, coloured by the metric's direction. */
export function changeCell(compared: Compared, def: Pick<MetricDef, "unit" | "better">): TableCell {
  const { text, note } = changeFigure(compared, def.unit);
  const change = changeOf(compared, changeKind(def.unit));
  const sort = change.status === "ok" ? change.value : null;
  return { text, sort, tone: changeTone(compared, def), ...(note === null ? {} : { note }) };
}

/** Minor units as a table cell; null: `—`. */
export function moneyCell(minor: number | null, currency: string): TableCell {
  if (minor === null) return textCell("—", null);
  return { text: moneyText(minor, currency), sort: minor, exact: decimalText({ minor, currency }) };
}

/** Plain text as a table cell. */
export function textCell(text: string, sort: number | string | null = text): TableCell {
  return { text, sort };
}
