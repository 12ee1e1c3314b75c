/** Points by two figures. A label stands beside its point where there is room; who found none is named below the drawing. */
import type { ScatterPoint } from "../block-types/scatter.js";
import { textCell } from "../figures.js";
import { listText } from "../text.js";
import type { BlockOf } from "../types.js";
import {
  type Box,
  boxOf,
  collides,
  dot,
  drawing,
  fitted,
  line,
  type PaperSize,
  type TextLook,
  text,
  WIDTHS,
} from "./paper.js";
import { compact, type Scale, scaleOf } from "./scale.js";

const HEIGHTS = { wide: 340, narrow: 280 } as const;
const MARGIN = { left: 46, right: 14, top: 34, bottom: 40 } as const;
const RADIUS = 5;
/** More labels than these are no help. */
const MOST_LABELS = { wide: 24, narrow: 8 } as const;
const LABEL_WIDTH = { wide: 170, narrow: 110 } as const;

type Drawn = ScatterPoint & { readonly x: number; readonly y: number };

interface Plan {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
  readonly bottom: number;
}

/** The drawing of a scatter, with the labels that found no room. */
export function drawScatter(
  block: BlockOf<"scatter">,
  size: PaperSize,
  prefix: string,
): { readonly svg: string; readonly unlabelled: readonly string[] } {
  const points = drawnOf(block);
  const [width, height] = [WIDTHS[size], HEIGHTS[size]];
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const plan: Plan = {
    x: scaleOf(
      points.map(({ x }) => x),
      [MARGIN.left, right],
      { count: size === "wide" ? 6 : 3 },
    ),
    y: scaleOf(
      points.map(({ y }) => y),
      [bottom, MARGIN.top],
    ),
    right,
    bottom,
  };
  const reference = referenceOf(block, plan);
  const labels = labelsOf(points, size, { ...plan, standing: reference === null ? [] : [reference.label] });
  const parts = [
    ...axes(block, plan),
    ...(reference === null ? [] : [line(reference.points, { stroke: "var(--muted)", dash: "4 4" })]),
    ...points.map((point) => dot(placeOf(point, plan), RADIUS, { fill: "var(--series-1)", stroke: "var(--card)" })),
    ...[...labels.placed, ...(reference === null ? [] : [reference.label])].map(({ at, content, look }) =>
      text(at, content, look),
    ),
  ];
  return { svg: drawing([width, height], parts, prefix), unlabelled: labels.left };
}

function drawnOf({ points }: BlockOf<"scatter">): readonly Drawn[] {
  return points.filter((point): point is Drawn => point.x !== null && point.y !== null);
}

function placeOf({ x, y }: Drawn, plan: Plan): readonly [number, number] {
  return [plan.x.place(x), plan.y.place(y)];
}

function axes(block: BlockOf<"scatter">, { x, y, right, bottom }: Plan): readonly string[] {
  const muted = { fill: "var(--muted)" };
  return [
    ...y.ticks.flatMap((tick) => [
      line(
        [
          [MARGIN.left, y.place(tick)],
          [right, y.place(tick)],
        ],
        { stroke: "var(--hairline)" },
      ),
      text([MARGIN.left - 8, y.place(tick) + 4], compact(tick), { ...muted, anchor: "end" }),
    ]),
    line(
      [
        [MARGIN.left, bottom],
        [right, bottom],
      ],
      { stroke: "var(--rule)" },
    ),
    ...x.ticks.map((tick, index) => {
      const isLast = index === x.ticks.length - 1;
      return text([x.place(tick), bottom + 18], compact(tick), { ...muted, anchor: isLast ? "end" : "middle" });
    }),
    text([0, 11], block.y, muted),
    text([right, bottom + 36], block.x, { ...muted, anchor: "end" }),
  ];
}

interface Reference {
  readonly points: readonly (readonly [number, number])[];
  readonly label: Label;
}

/** The line ends where it leaves the field; its label stands below its end. */
function referenceOf({ line: drawn }: BlockOf<"scatter">, { x, y }: Plan): Reference | null {
  if (drawn === undefined) return null;
  const [farX, farY] = [x.ticks.at(-1) ?? 0, y.ticks.at(-1) ?? 0];
  const endX = Math.min(farX, farY / drawn.slope);
  const end = [x.place(endX), y.place(endX * drawn.slope)] as const;
  const look = { fill: "var(--muted)", anchor: "end" } as const;
  const content = fitted(drawn.label, LABEL_WIDTH.wide);
  return { points: [[x.place(0), y.place(0)], end], label: { at: [end[0] - 4, end[1] + 20], content, look } };
}

interface Label {
  readonly at: readonly [number, number];
  readonly content: string;
  readonly look: TextLook;
}

/** Labels of the points with the largest x first: right, left, above or below, where nothing is yet. */
function labelsOf(
  points: readonly Drawn[],
  size: PaperSize,
  plan: Plan & { readonly standing: readonly Label[] },
): { readonly placed: readonly Label[]; readonly left: readonly string[] } {
  const taken: Box[] = points.map((point) => boxAround(placeOf(point, plan)));
  const lineLabels = plan.y.ticks.map((tick) =>
    boxOf([MARGIN.left - 8, plan.y.place(tick) + 4], compact(tick), { anchor: "end" }),
  );
  taken.push(...lineLabels, ...plan.standing.map(({ at, content, look }) => boxOf(at, content, look)));
  const placed: Label[] = [];
  const left: string[] = [];
  for (const point of [...points].sort((a, b) => b.x - a.x)) {
    const found = placed.length < MOST_LABELS[size] ? freePlace(point, taken, { size, plan }) : undefined;
    if (found === undefined) left.push(point.label);
    else {
      placed.push(found);
      taken.push(boxOf(found.at, found.content, found.look));
    }
  }
  return { placed, left };
}

function freePlace(
  point: Drawn,
  taken: readonly Box[],
  { size, plan }: { readonly size: PaperSize; readonly plan: Plan },
): Label | undefined {
  const [x, y] = placeOf(point, plan);
  const content = fitted(point.label, LABEL_WIDTH[size]);
  const choices: readonly Label[] = [
    { at: [x + 10, y + 4], content, look: {} },
    { at: [x - 10, y + 4], content, look: { anchor: "end" } },
    { at: [x, y - 10], content, look: { anchor: "middle" } },
    { at: [x, y + 19], content, look: { anchor: "middle" } },
  ];
  return choices.find(({ at, look }) => {
    const box = boxOf(at, content, look);
    const isInside =
      box.left >= MARGIN.left &&
      box.right <= plan.right + MARGIN.right &&
      box.top >= MARGIN.top - 6 &&
      box.bottom <= plan.bottom;
    return isInside && !taken.some((other) => collides(box, other));
  });
}

function boxAround([x, y]: readonly [number, number]): Box {
  return { left: x - RADIUS - 1, right: x + RADIUS + 1, top: y - RADIUS - 1, bottom: y + RADIUS + 1 };
}

/** "Without a label: A, B and 3 more."; null when all have one. */
export function unlabelledNote(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const shown = names.slice(0, 6);
  const more = names.length - shown.length;
  return `Without a label, by falling spend: ${listText(more === 0 ? shown : [...shown, `${more} more`])}.`;
}

/** The same as a table, for who reads no drawing. */
export function scatterTable({ title, x, y, ratio, points }: BlockOf<"scatter">): BlockOf<"table"> {
  const third = ratio === undefined ? [] : [{ id: "ratio", title: ratio, align: "right" as const }];
  return {
    kind: "table",
    title,
    columns: [
      { id: "name", title: "Name", align: "left" },
      { id: "x", title: x, align: "right" },
      { id: "y", title: y, align: "right" },
      ...third,
    ],
    rows: points.map(({ label, figures, ...point }) => [
      textCell(label),
      textCell(figures.x.text, point.x),
      textCell(figures.y.text, point.y),
      ...(ratio === undefined ? [] : [textCell(figures.ratio?.text ?? "—")]),
    ]),
  };
}
