/** Ways as bands between columns of places: heights can be compared, labels never overlap. */

import type { SankeyNode } from "../block-types/sankey.js";
import { textCell } from "../figures.js";
import type { BlockOf } from "../types.js";
import { bar, drawing, fitted, type PaperSize, shape, text, WIDTHS } from "./paper.js";

const HEAD = 22;
const BODY = { wide: 300, narrow: 260 } as const;
const NODE = 8;
/** Least distance of two labels, one under the other. */
const ROW = 18;

interface Place {
  readonly node: SankeyNode;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  /** How much of the left and right edge is taken. */
  readonly used: { in: number; out: number };
}

/** The drawing of a Sankey diagram. */
export function drawSankey(block: BlockOf<"sankey">, size: PaperSize, prefix: string): string {
  const columns = block.columns.map((_, column) => block.nodes.filter((node) => node.column === column));
  const highest = Math.max(1, ...columns.map((nodes) => nodes.reduce((sum, { value }) => sum + value, 0)));
  const most = Math.max(1, ...columns.map((nodes) => nodes.length));
  const scale = BODY[size] / highest;
  const step = (WIDTHS[size] - LAST[size]) / Math.max(1, columns.length - 1);
  const places = columns.flatMap((nodes, column) => placed(nodes, column * step, scale));
  const height = Math.max(...places.map(({ y, height: own }) => y + own), HEAD + most * ROW) + 6;
  const room = Math.min(step - NODE - 10, LAST[size] - NODE - 8);
  return drawing(
    [WIDTHS[size], height],
    [
      ...block.columns.map((title, column) =>
        text([column * step, 12], fitted(title, room, 11), { size: 11, fill: "var(--muted)", weight: 600 }),
      ),
      ...bands(block, places, scale),
      ...places.flatMap((place) => [
        bar([place.x, place.y], [NODE, Math.max(place.height, 1)], COLOURS[colourOf(place)] ?? ""),
        text(
          [place.x + NODE + 5, place.y + Math.min(Math.max(place.height / 2, 7) + 4, place.height + 10)],
          fitted(`${place.node.label} ${place.node.figure.text}`, room, SIZES[size]),
          { size: SIZES[size] },
        ),
      ]),
    ],
    prefix,
  );
}

/** Room for the labels of the last column. */
const LAST = { wide: 150, narrow: 84 } as const;
const SIZES = { wide: 12, narrow: 9 } as const;
const COLOURS = ["var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)", "var(--series-5)"];

function colourOf({ node }: Place): number {
  return [...node.label].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % COLOURS.length;
}

function placed(nodes: readonly SankeyNode[], x: number, scale: number): readonly Place[] {
  let y = HEAD;
  return nodes.map((node) => {
    const height = node.value * scale;
    const place = { node, x, y, height, used: { in: 0, out: 0 } };
    y += Math.max(height + 4, ROW);
    return place;
  });
}

function bands(block: BlockOf<"sankey">, places: readonly Place[], scale: number): readonly string[] {
  return block.links.flatMap(({ from, to, value }) => {
    const [left, right] = [from, to].map((id) => places.find(({ node }) => node.id === id));
    if (left === undefined || right === undefined) return [];
    const high = value * scale;
    const [top, end] = [left.y + left.used.out, right.y + right.used.in];
    left.used.out += high;
    right.used.in += high;
    const band = [
      [left.x + NODE, top],
      [right.x, end],
      [right.x, end + high],
      [left.x + NODE, top + high],
    ] as const;
    return [shape(band, COLOURS[colourOf(left)] ?? "", 0.28)];
  });
}

/** The same as a table, for who reads no drawing. */
export function sankeyTable({ title, nodes, links }: BlockOf<"sankey">): BlockOf<"table"> {
  const name = (id: string) => nodes.find((node) => node.id === id)?.label ?? id;
  return {
    kind: "table",
    title,
    columns: [
      { id: "from", title: "From", align: "left" },
      { id: "to", title: "To", align: "left" },
      { id: "count", title: "Count", align: "right" },
    ],
    rows: links.map(({ from, to, value, figure }) => [
      textCell(name(from)),
      textCell(name(to)),
      textCell(figure.text, value),
    ]),
  };
}
