/**
 * The 6-12 chart: six weeks, a gap, twelve months. This year solid with marks and values, the year before thin, targets as triangles.
 * Weeks read on the left axis and months on the right one, unless months are at most three times as high: then one axis serves both.
 */
import type { SixTwelvePoint } from "../block-types/six-twelve.js";
import { figureText, textCell } from "../figures.js";
import type { BlockOf } from "../types.js";
import {
  type Box,
  boxOf,
  collides,
  dot,
  drawing,
  line,
  type PaperSize,
  shape,
  type TextLook,
  text,
  WIDTHS,
} from "./paper.js";
import { compact, type Scale, scaleOf } from "./scale.js";

type Block = BlockOf<"six_twelve">;

/** Months on the axis of weeks when they are at most so many times as high. */
const ONE_AXIS_UP_TO = 3;

/** Where a row of points is drawn. */
interface Panel {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scale: Scale;
  readonly axis: "left" | "right" | "none";
  /** `%` behind the numbers of a rate. */
  readonly suffix: string;
}

const TOP = 34;
const FOOT = 24;
const AXIS = 46;

/** The drawing: both parts side by side, or one above the other on a phone. */
export function drawSixTwelve(block: Block, size: PaperSize, prefix: string): string {
  const panels = size === "wide" ? sideBySide(block) : stacked(block);
  const [weeks, months] = panels.both;
  const parts = [
    ...panelParts(block.weeks, weeks),
    ...panelParts(block.months, months),
    ...legend(block, size === "wide" ? panels.both : null),
  ];
  return drawing([WIDTHS[size], panels.height], parts, prefix);
}

function sideBySide(block: Block): { readonly both: readonly [Panel, Panel]; readonly height: number } {
  const height = 270;
  const [bottom, ends] = [height - FOOT, [height - FOOT, TOP + 16] as const];
  const [weekValues, monthValues] = [valuesOf(block.weeks), valuesOf(block.months)];
  const together = isOneAxis(weekValues, monthValues);
  const one = scaleOf([...weekValues, ...monthValues], ends);
  const right = WIDTHS.wide - (together ? 8 : AXIS);
  const slot = (right - AXIS) / (block.weeks.length + 1 + block.months.length);
  const frame = { top: TOP + 16, bottom, suffix: suffixOf(block) };
  const weeks: Panel = {
    ...frame,
    left: AXIS,
    right: AXIS + slot * block.weeks.length,
    scale: together ? one : scaleOf(weekValues, ends),
    axis: "left",
  };
  const months: Panel = {
    ...frame,
    left: right - slot * block.months.length,
    right,
    scale: together ? one : scaleOf(monthValues, ends),
    axis: together ? "none" : "right",
  };
  return { both: [weeks, months], height };
}

function stacked(block: Block): { readonly both: readonly [Panel, Panel]; readonly height: number } {
  const [part, gap] = [130, 26];
  const panel = (points: readonly SixTwelvePoint[], top: number): Panel => ({
    left: 38,
    right: WIDTHS.narrow - 8,
    top,
    bottom: top + part,
    scale: scaleOf(valuesOf(points), [top + part, top]),
    axis: "left",
    suffix: suffixOf(block),
  });
  const first = TOP + 34;
  const second = first + part + FOOT + gap;
  return { both: [panel(block.weeks, first), panel(block.months, second)], height: second + part + FOOT };
}

function valuesOf(points: readonly SixTwelvePoint[]): readonly number[] {
  return points.flatMap(({ value, before, target }) => [value, before, target].filter((one) => one !== null));
}

/** The rule of the review: one axis only if 0 < max(months) / max(weeks) <= 3 and weeks are above 0. */
export function isOneAxis(weeks: readonly number[], months: readonly number[]): boolean {
  const [week, month] = [Math.max(...weeks, 0), Math.max(...months, 0)];
  return week > 0 && month > 0 && month / week <= ONE_AXIS_UP_TO;
}

function suffixOf({ unit }: Block): string {
  return unit === "%" ? "%" : "";
}

type Place = readonly [x: number, y: number];

/** The middle of a point's slot. */
function xOf({ left, right }: Panel, points: readonly SixTwelvePoint[], index: number): number {
  return left + ((right - left) / points.length) * (index + 0.5);
}

function panelParts(points: readonly SixTwelvePoint[], panel: Panel): readonly string[] {
  const places = (pick: (point: SixTwelvePoint) => number | null): readonly (Place | null)[] =>
    points.map((point, index) => {
      const value = pick(point);
      return value === null ? null : [xOf(panel, points, index), panel.scale.place(value)];
    });
  const now = places((point) => point.value);
  return [
    ...axisParts(panel),
    ...runs(places((point) => point.before)).map((run) => line(run, { stroke: "var(--series-2)", width: 1.5 })),
    ...places((point) => point.target).flatMap((place) => (place === null ? [] : [triangle(place)])),
    ...runs(now).map((run) => line(run, { stroke: "var(--series-1)", width: 2.5 })),
    ...now.flatMap((place) => (place === null ? [] : [dot(place, 3.5, { fill: "var(--series-1)" })])),
    ...labels(points, panel, now),
  ];
}

function axisParts({ left, right, bottom, scale, axis, suffix }: Panel): readonly string[] {
  const look: TextLook = { fill: "var(--muted)", size: 11, anchor: axis === "left" ? "end" : "start" };
  const at = axis === "left" ? left - 6 : right + 6;
  return [
    ...scale.ticks.flatMap((tick) => {
      const y = scale.place(tick);
      const rule = line(
        [
          [left, y],
          [right, y],
        ],
        { stroke: tick === 0 ? "var(--rule)" : "var(--hairline)" },
      );
      return axis === "none" ? [rule] : [rule, text([at, y + 4], `${compact(tick)}${tick === 0 ? "" : suffix}`, look)];
    }),
    line(
      [
        [left, bottom],
        [right, bottom],
      ],
      { stroke: "var(--rule)" },
    ),
  ];
}

/** Stretches without a gap: a missing week is a hole in the line. */
function runs(places: readonly (Place | null)[]): readonly (readonly Place[])[] {
  const found: Place[][] = [[]];
  for (const place of places) {
    if (place === null) found.push([]);
    else found.at(-1)?.push(place);
  }
  return found.filter((run) => run.length > 1);
}

function triangle([x, y]: Place): string {
  return shape(
    [
      [x - 5, y + 4],
      [x + 5, y + 4],
      [x, y - 5],
    ],
    "var(--good)",
  );
}

const NARROW_SLOT = 26;

interface Mark {
  readonly at: Place;
  readonly content: string;
  readonly look: TextLook;
}

/** Names of the slots, values above their marks, `n/a` where one is missing, numbers of events on top; newest first, where there is room. */
function labels(points: readonly SixTwelvePoint[], panel: Panel, now: readonly (Place | null)[]): readonly string[] {
  const muted = { fill: "var(--muted)", anchor: "middle", size: 11 } as const;
  // Where slots are narrow every other one is named, the newest among them.
  const step = (panel.right - panel.left) / Math.max(1, points.length) < NARROW_SLOT ? 2 : 1;
  const marks = points.flatMap((point, index): readonly Mark[] => {
    const isNamed = (points.length - 1 - index) % step === 0;
    const x = xOf(panel, points, index);
    const place = now[index] ?? null;
    const isGap = point.value === null && point.now.note !== NOT_OVER;
    return [
      ...(isNamed ? [{ at: [x, panel.bottom + 16] as const, content: point.label, look: muted }] : []),
      ...(place === null ? [] : [valueMark(point, place, panel)]),
      ...(isGap ? [{ at: [x, panel.bottom - 6] as const, content: "n/a", look: muted }] : []),
      ...(point.events.length === 0 ? [] : [eventMark(point, x, panel)]),
    ];
  });
  const taken: Box[] = [];
  return [...marks].reverse().flatMap(({ at, content, look }) => {
    const box = boxOf(at, content, look);
    if (taken.some((other) => collides(box, other))) return [];
    taken.push(box);
    return [text(at, content, look)];
  });
}

/** What a period that is not over says of itself. */
export const NOT_OVER = "the period is not over";

function valueMark({ value }: SixTwelvePoint, [x, y]: Place, { suffix }: Panel): Mark {
  return {
    at: [x, y - 9],
    content: `${compact(value ?? 0)}${suffix}`,
    look: { anchor: "middle", size: 11, weight: 600 },
  };
}

function eventMark({ events }: SixTwelvePoint, x: number, { top }: Panel): Mark {
  const look = { anchor: "middle", size: 11, weight: 600, fill: "var(--accent)" } as const;
  return { at: [x, top - 4], content: `#${events.join(",")}`, look };
}

function legend(block: Block, panels: readonly [Panel, Panel] | null): readonly string[] {
  const hasTarget = [...block.weeks, ...block.months].some(({ target }) => target !== null);
  const hasBefore = [...block.weeks, ...block.months].some(({ before }) => before !== null);
  const y = 11;
  const muted = { fill: "var(--muted)" };
  return [
    line(
      [
        [0, y - 4],
        [18, y - 4],
      ],
      { stroke: "var(--series-1)", width: 2.5 },
    ),
    text([24, y], "This year", muted),
    ...(hasBefore
      ? [
          line(
            [
              [92, y - 4],
              [110, y - 4],
            ],
            { stroke: "var(--series-2)", width: 1.5 },
          ),
          text([116, y], "Year before", muted),
        ]
      : []),
    ...(hasTarget ? [triangle([206, y - 4]), text([217, y], "Target", muted)] : []),
    ...(panels === null
      ? []
      : [text([panels[0].left, TOP - 6], "6 weeks", muted), text([panels[1].left, TOP - 6], "12 months", muted)]),
  ];
}

/** The nine cells as a table, for who reads no drawing. */
export function boxTable({ title, box }: Block): BlockOf<"table"> {
  return {
    kind: "table",
    title,
    columns: box.map(({ label }, index) => ({ id: `${label}_${index}`, title: label, align: "right" })),
    rows: [box.map(({ figure, tone }) => ({ ...textCell(figureText(figure)), tone }))],
  };
}

/** "6 weeks: W01 $1,234.00, …", with what is missing. */
export function pointsText(name: string, points: readonly SixTwelvePoint[]): string {
  return `${name}: ${points.map(({ label, now }) => `${label} ${figureText(now)}`).join(", ")}.`;
}
