/** A process-behaviour chart: weeks as a line, their usual level and limits, and points that are more than noise with the rule they follow. */
import type { XmrPoint } from "../block-types/xmr.js";
import { figureText, textCell } from "../figures.js";
import type { BlockOf } from "../types.js";
import { type Box, boxOf, collides, dot, drawing, line, type PaperSize, text, WIDTHS } from "./paper.js";
import { compact, type Scale, scaleOf } from "./scale.js";

type Block = BlockOf<"xmr">;

const HEIGHT = 210;
const [LEFT, TOP, FOOT] = [46, 16, 24];
/** Room for the words at the ends of the limits. */
const RIGHT = { wide: 96, narrow: 62 } as const;

/** Signals by what they mean; the number beside a point says it without colour. */
const MEANS = { better: "var(--good)", worse: "var(--bad)", neither: "var(--accent)" } as const;

/** The drawing of a process-behaviour chart. */
export function drawXmr(block: Block, size: PaperSize, prefix: string): string {
  const { limits, points } = block;
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const ends = limits === null ? [] : [limits.upper, limits.lower];
  const right = WIDTHS[size] - RIGHT[size];
  const scale = scaleOf([...known, ...ends], [HEIGHT - FOOT, TOP], { tight: true });
  const x = (index: number) => LEFT + ((right - LEFT) / Math.max(1, points.length)) * (index + 0.5);
  return drawing(
    [WIDTHS[size], HEIGHT],
    [...frame(block, scale, right), ...limitParts(block, scale, right), ...pointParts(points, scale, x)],
    prefix,
  );
}

function frame({ unit }: Block, scale: Scale, right: number): readonly string[] {
  const suffix = unit === "%" ? "%" : "";
  return scale.ticks.flatMap((tick) => [
    line(
      [
        [LEFT, scale.place(tick)],
        [right, scale.place(tick)],
      ],
      { stroke: "var(--hairline)" },
    ),
    text([LEFT - 6, scale.place(tick) + 4], `${compact(tick)}${suffix}`, {
      fill: "var(--muted)",
      size: 11,
      anchor: "end",
    }),
  ]);
}

function limitParts({ limits, unit }: Block, scale: Scale, right: number): readonly string[] {
  if (limits === null) return [];
  const suffix = unit === "%" ? "%" : "";
  const dash = limits.provisional ? "2 5" : "6 4";
  const lines = [
    { value: limits.upper, word: "upper", look: { stroke: "var(--muted)", dash } },
    { value: limits.centre, word: "usual", look: { stroke: "var(--muted)", width: 1.5 } },
    { value: limits.lower, word: "lower", look: { stroke: "var(--muted)", dash } },
  ];
  const isRoomy = Math.abs(scale.place(limits.upper) - scale.place(limits.centre)) >= 14;
  return lines.flatMap(({ value, word, look }, index) => {
    const y = scale.place(value);
    const drawn = line(
      [
        [LEFT, y],
        [right, y],
      ],
      look,
    );
    const words = right > 600 ? `${word} ${compact(value)}${suffix}` : `${compact(value)}${suffix}`;
    return isRoomy || index === 1
      ? [drawn, text([right + 8, y + 4], words, { size: 11, fill: "var(--muted)" })]
      : [drawn];
  });
}

type XOf = (index: number) => number;

function pointParts(points: readonly XmrPoint[], scale: Scale, x: XOf): readonly string[] {
  const parts: string[] = [];
  let run: (readonly [number, number])[] = [];
  points.forEach(({ value }, index) => {
    if (value === null) {
      parts.push(line(run, { stroke: "var(--series-1)", width: 2 }));
      run = [];
    } else run.push([x(index), scale.place(value)]);
  });
  parts.push(line(run, { stroke: "var(--series-1)", width: 2 }));
  const dots = points.flatMap(({ value, rule, means }, index) => {
    if (value === null) return [];
    const place = [x(index), scale.place(value)] as const;
    return [
      rule === null
        ? dot(place, 2.5, { fill: "var(--series-1)" })
        : dot(place, 5, { fill: MEANS[means], stroke: "var(--card)" }),
    ];
  });
  return [...parts, ...dots, ...labels(points, scale, x)];
}

/** Rule numbers above their points and weeks below the axis, newest first, where there is room. */
function labels(points: readonly XmrPoint[], scale: Scale, x: XOf): readonly string[] {
  const taken: Box[] = [];
  const marks = points.flatMap(({ label, value, rule, means }, index) => [
    {
      at: [x(index), HEIGHT - 6] as const,
      content: label,
      look: { size: 11, anchor: "middle", fill: "var(--muted)" } as const,
    },
    ...(rule === null || value === null
      ? []
      : [
          {
            at: [x(index), scale.place(value) - 9] as const,
            content: String(rule),
            look: { size: 11, weight: 600, anchor: "middle", fill: MEANS[means] } as const,
          },
        ]),
  ]);
  return [...marks].reverse().flatMap(({ at, content, look }) => {
    const { left, right, ...box } = boxOf(at, content, look);
    const wide = { ...box, left: left - 4, right: right + 4 };
    if (taken.some((other) => collides(wide, other))) return [];
    taken.push(wide);
    return [text(at, content, look)];
  });
}

const RULES = ["outside a limit", "one of eight in a row on one side", "one of three of four near a limit"] as const;

/** What the numbers on the chart mean; null without a number. */
export function rulesNote({ points }: Block): string | null {
  const used = [...new Set(points.flatMap(({ rule }) => (rule === null ? [] : [rule])))].sort();
  return used.length === 0 ? null : `${used.map((rule) => `${rule}: ${RULES[rule - 1]}`).join("; ")}.`;
}

const WEEKS_TOLD = 6;

/** The last weeks as a table, for who reads no drawing. */
export function xmrTable({ title, points, limits, note }: Block): BlockOf<"table"> {
  const told = points.slice(-WEEKS_TOLD);
  const range =
    limits === null
      ? ""
      : ` Usual level ${limits.figures.centre}, limits ${limits.figures.lower} to ${limits.figures.upper}.`;
  return {
    kind: "table",
    title,
    columns: [
      { id: "week", title: "Week to", align: "left" },
      { id: "value", title: "Value", align: "right" },
      { id: "signal", title: "Signal", align: "left" },
    ],
    rows: told.map(({ day, value, figure, rule, means }) => [
      textCell(day),
      textCell(figureText(figure), value),
      textCell(rule === null ? "—" : `${RULES[rule - 1]}${means === "neither" ? "" : ` (${means})`}`),
    ]),
    note: `${note}${range}`,
  };
}
