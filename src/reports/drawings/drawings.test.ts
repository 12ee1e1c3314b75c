import { describe, expect, it } from "vitest";
import type { BlockOf } from "../types.js";
import { drawFunnel, funnelTable } from "./funnel.js";
import { boxOf, collides, fitted } from "./paper.js";
import { drawSankey, sankeyTable } from "./sankey.js";
import { compact, scaleOf } from "./scale.js";
import { drawScatter, scatterTable, unlabelledNote } from "./scatter.js";

const figure = (text: string) => ({ text, status: "ok", note: null }) as const;

/** The texts of a drawing with their boxes. */
function textsOf(svg: string) {
  const found = svg.matchAll(
    /<text x="([^"]+)" y="([^"]+)" font-size="([^"]+)"[^>]*text-anchor="([^"]+)"[^>]*>([^<]*)/g,
  );
  return [...found].map(([, x, y, size, anchor, content = ""]) => ({
    content,
    box: boxOf([Number(x), Number(y)], content, { size: Number(size), anchor: anchor as "start" | "middle" | "end" }),
  }));
}

/** Pairs of texts that lie on each other. */
function overlaps(svg: string): readonly string[] {
  const texts = textsOf(svg);
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .flatMap((other) => (collides(one.box, other.box) ? [`${one.content} | ${other.content}`] : [])),
  );
}

describe("scales", () => {
  it("end at round numbers and hold 0", () => {
    const scale = scaleOf([120, 870], [0, 100]);
    expect(scale.ticks).toEqual([0, 500, 1000]);
    expect([0, 500, 870, 1000].map(scale.place)).toEqual([0, 50, 87, 100]);
    expect(scaleOf([-30, 90], [0, 100], { count: 6 }).ticks).toEqual([-40, -20, 0, 20, 40, 60, 80, 100]);
    expect(scaleOf([210, 290], [0, 100], { tight: true }).ticks).toEqual([200, 220, 240, 260, 280, 300]);
    expect(scaleOf([], [0, 100]).ticks).toEqual([0, 0.5]);
  });

  it("write numbers short, and never 1000k", () => {
    const texts = [0, 7, 12.34, 999, 999.6, 1234, 49_671, 999_600, 1_234_567, -2500, 0.0312].map(compact);
    expect(texts).toEqual(["0", "7", "12.3", "999", "1k", "1.23k", "49.7k", "1M", "1.23M", "−2.5k", "0.0312"]);
  });
});

describe("texts", () => {
  it("are cut where there is no room", () => {
    expect(fitted("Short", 100)).toBe("Short");
    const cut = fitted("A campaign with a very long name", 100);
    expect(cut).toMatch(/^A campaign.*…$/);
    expect(boxOf([0, 0], cut).right).toBeLessThanOrEqual(100);
  });
});

const FUNNEL: BlockOf<"funnel"> = {
  kind: "funnel",
  title: "t",
  alt: "a",
  steps: [
    { label: "Sessions", value: 1000, figure: figure("1,000"), passed: null },
    { label: "Product views", value: 600, figure: figure("600"), passed: figure("60.0%") },
    { label: "Adds to cart <b>", value: 90, figure: figure("90"), passed: figure("15.0%"), tag: "Largest drop" },
    {
      label: "Purchases",
      value: null,
      figure: { text: "n/a", status: "unknown", note: "ga4: 2026-02-04" },
      passed: { text: "n/a", status: "unknown", note: "ga4: 2026-02-04" },
    },
  ],
};

describe("a funnel", () => {
  it("has bars as long as its counts, and none where the count is unknown", () => {
    const widths = [...drawFunnel(FUNNEL, "wide", "f").matchAll(/<rect [^>]*width="([^"]+)"/g)].map((match) =>
      Number(match[1]),
    );
    expect(widths).toEqual([610, 366, 54.9]);
  });

  it.each(["wide", "narrow"] as const)(
    "says how many come on, marks the largest drop, and overlaps nothing (%s)",
    (size) => {
      const svg = drawFunnel(FUNNEL, size, "f");
      expect(svg).toContain("↓ 60.0% come on<");
      expect(svg).toMatch(/fill="var\(--bad\)">↓ 15.0% come on · Largest drop</);
      expect(svg).toContain("Adds to cart &lt;b&gt;");
      expect(overlaps(svg)).toEqual([]);
    },
  );

  it("is a table for who reads no drawing", () => {
    const rows = funnelTable(FUNNEL).rows.map((row) => row.map((cell) => cell.text));
    expect(rows[2]).toEqual(["Adds to cart <b>", "90", "15.0%", "Largest drop"]);
    expect(funnelTable(FUNNEL).rows[3]?.[1]).toEqual({ text: "n/a", sort: null, note: "ga4: 2026-02-04" });
  });
});

const SANKEY: BlockOf<"sankey"> = {
  kind: "sankey",
  title: "t",
  alt: "a",
  columns: ["First", "Then", "End"],
  nodes: [
    { id: "0:a", label: "Meta <b>", column: 0, value: 30, figure: figure("30") },
    { id: "0:c", label: "Email", column: 0, value: 1, figure: figure("1") },
    { id: "0:d", label: "Another", column: 0, value: 1, figure: figure("1") },
    { id: "1:b", label: "Google Ads", column: 1, value: 10, figure: figure("10") },
    { id: "2:x", label: "Ordered", column: 2, value: 32, figure: figure("32") },
  ],
  links: [
    { from: "0:a", to: "2:x", value: 20, figure: figure("20") },
    { from: "0:a", to: "1:b", value: 10, figure: figure("10") },
    { from: "1:b", to: "2:x", value: 10, figure: figure("10") },
    { from: "0:c", to: "2:x", value: 1, figure: figure("1") },
    { from: "0:d", to: "2:x", value: 1, figure: figure("1") },
  ],
};

describe("a Sankey diagram", () => {
  it.each(["wide", "narrow"] as const)(
    "has places as high as what passes them, and labels that never overlap (%s)",
    (size) => {
      const svg = drawSankey(SANKEY, size, "s");
      const heights = [...svg.matchAll(/<rect [^>]*height="([^"]+)"/g)].map((match) => Number(match[1]));
      expect((heights[0] ?? 0) / (heights[3] ?? 1)).toBeCloseTo(3, 1);
      expect(svg.match(/fill-opacity/g)).toHaveLength(5);
      expect(svg).toContain("Meta &lt;b&gt;");
      expect(overlaps(svg)).toEqual([]);
    },
  );

  it("is a table for who reads no drawing", () => {
    const rows = sankeyTable(SANKEY).rows.map((row) => row.map((cell) => cell.text));
    expect(rows[1]).toEqual(["Meta <b>", "Google Ads", "10"]);
  });
});

function scatter(count: number, spread = 1): BlockOf<"scatter"> {
  return {
    kind: "scatter",
    title: "t",
    alt: "a",
    x: "Ad spend, USD",
    y: "Net revenue, USD",
    ratio: "ROAS",
    line: { label: "Return = spend", slope: 1 },
    points: Array.from({ length: count }, (_, index) => ({
      label: `Campaign with a long name ${index}`,
      // A few large ones and many small ones, as campaigns are.
      x: 500 + (900_000 * spread) / (1 + ((index * 37) % count)),
      y: 800 + (1_400_000 * spread) / (1 + ((index * 53) % count)),
      figures: { x: figure("x"), y: figure("y"), ratio: figure("1.00x") },
    })),
  };
}

describe("a scatter", () => {
  it.each([
    [4, "wide"],
    [4, "narrow"],
    [200, "wide"],
    [200, "narrow"],
  ] as const)("of %i points puts no label on another, and names who has none (%s)", (count, size) => {
    const block = scatter(count);
    const { svg, unlabelled } = drawScatter(block, size, "s");
    expect(overlaps(svg)).toEqual([]);
    expect(svg.match(/<circle/g)).toHaveLength(count);
    const labels = textsOf(svg).filter(({ content }) => content.startsWith("Campaign")).length;
    expect(labels).toBeGreaterThan(0);
    expect(labels + unlabelled.length).toBe(count);
  });

  it("of points in one place labels one of them", () => {
    const { unlabelled } = drawScatter(scatter(9, 0), "narrow", "s");
    expect(unlabelled.length).toBeGreaterThan(3);
    expect(unlabelledNote(unlabelled)).toMatch(/^Without a label, by falling spend: Campaign with a long name \d, /);
    expect(unlabelledNote([])).toBeNull();
  });

  it("leaves out what is not known, and says so in its table", () => {
    const block = scatter(3);
    const [first, ...rest] = block.points;
    if (first === undefined) throw new Error("no point");
    const gap = {
      ...first,
      y: null,
      figures: { ...first.figures, y: { text: "n/a", status: "unknown", note: "x" } as const },
    };
    const bent = { ...block, points: [gap, ...rest] };
    expect(drawScatter(bent, "wide", "s").svg.match(/<circle/g)).toHaveLength(2);
    expect(scatterTable(bent).rows[0]?.map((cell) => cell.text)).toEqual([first.label, "x", "n/a", "1.00x"]);
  });

  it("stands without points", () => {
    expect(drawScatter(scatter(0), "wide", "s").svg).toContain("Ad spend, USD");
  });
});
