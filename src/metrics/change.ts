import { formatChange } from "./format.js";
import type { Compared, MetricValue, Unit } from "./types.js";

/** How a change is told: ratios in points, everything else relative to the value before. */
export type ChangeKind = "relative" | "points";

/** Which of the two a unit takes. */
export function changeKind(unit: Unit): ChangeKind {
  return unit === "ratio" ? "points" : "relative";
}

/** The change as a decimal (0.05 = 5 % or 5 points), or why there is none. */
export function changeOf(compared: Compared, kind: ChangeKind): MetricValue {
  const { value, previous } = compared;
  if (value.status !== "ok") return value;
  if (previous === undefined) return { status: "unknown", because: "no_data", detail: "no comparison was asked for" };
  if (previous.status !== "ok") return previous;
  if (kind === "points") return { status: "ok", value: value.value - previous.value };
  return compared.change ?? { status: "unknown", because: "no_data", detail: "there is no comparison" };
}

/** A change as text; the decimal is 0.05 for 5 % or 5 points. */
export function changeText(change: number, kind: ChangeKind): string {
  const value: MetricValue = { status: "ok", value: change };
  const compared = { value, previous: { status: "ok", value: 0 }, change: value } as const;
  return formatChange(compared, kind === "points" ? "ratio" : "count");
}
