/** A funnel: bars from the left, so that lengths can be compared, and between them how many came on. */

import type { FunnelStep } from "../block-types/funnel.js";
import { textCell } from "../figures.js";
import type { BlockOf } from "../types.js";
import { bar, drawing, fitted, type PaperSize, text, WIDTHS } from "./paper.js";

const [BAR, WAY] = [30, 26];

/** The drawing of a funnel. */
export function drawFunnel(block: BlockOf<"funnel">, size: PaperSize, prefix: string): string {
  const widest = Math.max(1, ...block.steps.map((step) => step.value ?? 0));
  const rows = block.steps.map((step, index) => {
    const width = (full: number) => (full * (step.value ?? 0)) / widest;
    return size === "wide" ? wideRow(step, index, width) : narrowRow(step, index, width);
  });
  return drawing([WIDTHS[size], rows.length * HEIGHTS[size] - (size === "wide" ? WAY : 0)], rows.flat(), prefix);
}

const HEIGHTS = { wide: BAR + WAY, narrow: 62 } as const;
const LABELS = 150;
/** Room for the figure beyond the longest bar. */
const FIGURES = 120;

type Width = (full: number) => number;

function wideRow(step: FunnelStep, index: number, width: Width): readonly string[] {
  const top = index * HEIGHTS.wide;
  const long = width(WIDTHS.wide - LABELS - FIGURES);
  return [
    text([0, top + 19], fitted(step.label, LABELS - 12, 13), { size: 13 }),
    bar([LABELS, top], [long, BAR], "var(--series-1)"),
    text([LABELS + long + 10, top + 20], step.figure.text, { size: 13, weight: 600 }),
    ...wayTo(step, [LABELS + 4, top - 8]),
  ];
}

function narrowRow(step: FunnelStep, index: number, width: Width): readonly string[] {
  const top = index * HEIGHTS.narrow;
  return [
    text([0, top + 13], fitted(step.label, 180)),
    text([WIDTHS.narrow, top + 13], step.figure.text, { weight: 600, anchor: "end" }),
    bar([0, top + 20], [width(WIDTHS.narrow), 16], "var(--series-1)"),
    ...wayTo(step, [0, top - 7]),
  ];
}

/** "12.0% come on · Largest drop", above a step. */
function wayTo({ passed, tag }: FunnelStep, place: readonly [number, number]): readonly string[] {
  if (passed === null) return [];
  const words = passed.status === "ok" || passed.status === "provisional" ? `${passed.text} come on` : passed.text;
  const isTagged = tag !== undefined;
  return [
    text(place, `↓ ${words}${isTagged ? ` · ${tag}` : ""}`, {
      fill: isTagged ? "var(--bad)" : "var(--muted)",
      weight: isTagged ? 600 : 400,
    }),
  ];
}

/** The same as a table, for who reads no drawing. */
export function funnelTable({ title, steps }: BlockOf<"funnel">): BlockOf<"table"> {
  return {
    kind: "table",
    title,
    columns: [
      { id: "step", title: "Step", align: "left" },
      { id: "count", title: "Count", align: "right" },
      { id: "passed", title: "Came on", align: "right" },
      { id: "tag", title: "", align: "left" },
    ],
    rows: steps.map(({ label, value, figure, passed, tag }) => [
      textCell(label),
      { ...textCell(figure.text, value), ...(figure.status === "unknown" ? { note: figure.note ?? "" } : {}) },
      textCell(passed?.text ?? "—"),
      textCell(tag ?? ""),
    ]),
  };
}
