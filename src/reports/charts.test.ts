import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { chartSpec, waterfallBars, waterfallGround, waterfallSpec } from "./charts.js";
import { plainSvg, renderSvg, textWidth } from "./svg.js";
import type { BlockOf, ChartSpec } from "./types.js";

const SPEC: ChartSpec = {
  form: "area_and_bar",
  x: { title: "Day", kind: "day" },
  y: { title: "USD", format: "~s" },
  series: [
    { name: "Net revenue", mark: "area", points: points([1200, 1500, null, 900]) },
    { name: "Ad spend", mark: "bar", points: points([300, 350, 320, 310]) },
  ],
};

function points(values: readonly (number | null)[]) {
  return values.map((y, index) => ({ x: `2026-02-0${index + 1}`, y }));
}

const WATERFALL: BlockOf<"waterfall"> = {
  kind: "waterfall",
  title: "t",
  alt: "a",
  steps: [step("Before", 100_00, true), step("Orders", 5_00), step("Order value", -8_00), step("After", 97_00, true)],
};

function step(label: string, value: number, total = false) {
  return { label, value, total, figure: { text: String(value), status: "ok" as const, note: null } };
}

describe("charts", () => {
  it("are the same text on every run and in every time zone", async () => {
    const first = await renderSvg(chartSpec(SPEC, "wide"), "a");
    expect(await renderSvg(chartSpec(SPEC, "wide"), "a")).toBe(first);
    const script = `import { chartSpec } from "./charts.ts"; import { renderSvg } from "./svg.ts"; process.stdout.write(await renderSvg(chartSpec(${JSON.stringify(SPEC)}, "wide"), "a"));`;
    const bundle = execFileSync(
      fileURLToPath(new URL("../../node_modules/.bin/esbuild", import.meta.url)),
      ["--bundle", "--format=esm", "--platform=node", "--external:vega", "--external:vega-lite"],
      { input: script, cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8" },
    );
    for (const TZ of ["America/Los_Angeles", "Pacific/Auckland"]) {
      const cwd = fileURLToPath(new URL(".", import.meta.url));
      const svg = execFileSync(process.execPath, ["--input-type=module"], {
        input: bundle,
        cwd,
        env: { TZ },
        encoding: "utf8",
      });
      expect(svg).toBe(first);
    }
  });

  it("label days in UTC, leave gaps open and carry no colour of their own", async () => {
    const svg = await renderSvg(chartSpec(SPEC, "wide"), "a");
    for (const day of ["1 Feb", "2 Feb", "3 Feb", "4 Feb"]) expect(svg).toContain(`>${day}<`);
    expect(svg).toContain('stroke="var(--series-1)"');
    expect(svg).not.toMatch(/(fill|stroke)="#/);
    expect(svg).not.toMatch(/style=|<script|href|<style/);
    expect(svg).toMatch(/^<svg [^>]*aria-hidden="true"/);
  });

  it("lay bars of categories down, so that their names have room", async () => {
    const names = ["Goods", "Ad spend: Google Ads", "Other costs: marketing agency"];
    const bars: ChartSpec = {
      form: "bar",
      x: { title: "Part", kind: "category" },
      y: { title: "USD", format: "~s" },
      series: [{ name: "Cost", points: names.map((x, index) => ({ x, y: 3000 - index * 1000 })) }],
    };
    const svg = await renderSvg(chartSpec(bars, "wide"), "a");
    for (const name of names) expect(svg).toContain(`>${name}<`);
    // Each is as long as what it stands for; two pixels are the rounding of its end.
    const [goods = 0, ads, others] = [...svg.matchAll(/<path d="M0,[\d.]+L([\d.]+)/g)].map(([, x]) => Number(x) + 2);
    expect([ads, others].map((length = 0) => length / goods)).toEqual([
      expect.closeTo(2 / 3, 3),
      expect.closeTo(1 / 3, 3),
    ]);
    expect(await renderSvg(chartSpec(bars, "narrow"), "a")).toContain(">Goods<");
  });

  it("break a legend on a phone, where a row has room for two names", async () => {
    const series = ["All cohorts", "Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"].map((name, index) => ({
      name,
      mark: "line" as const,
      points: points([index, index + 1]),
    }));
    const svg = await renderSvg(chartSpec({ ...SPEC, series }, "narrow"), "a");
    const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const names =
      /translate\(([\d.]+),[\d.]+\)"><path d="M0,0h([\d.]+)v[^>]*><g><g><path transform[^>]*><\/g><g><text/g;
    const ends = [...svg.matchAll(names)].map(([, across, length]) => Number(across) + Number(length));
    expect(ends).toHaveLength(5);
    for (const end of ends) expect(end).toBeLessThan(width);
  });

  it("number ids so that charts can share a page", async () => {
    expect(plainSvg('<svg><clipPath id="clip0"></clipPath><g clip-path="url(#clip0)"></g></svg>', "c7")).toBe(
      '<svg aria-hidden="true" focusable="false"><clipPath id="c7-clip0"></clipPath><g clip-path="url(#c7-clip0)"></g></svg>',
    );
  });

  it("refuse what a picture does not need", () => {
    for (const bad of [
      "<svg><script>1</script></svg>",
      "<svg><image href='x'/></svg>",
      '<svg><a href="https://example.invalid">x</a></svg>',
      '<svg onload="x"></svg>',
      '<svg><path style="fill:red"/></svg>',
      '<svg><path fill="url(https://example.invalid/x)"/></svg>',
      "<svg><foreignObject></foreignObject></svg>",
    ])
      expect(() => plainSvg(bad, "x"), bad).toThrow(/chart renderer drew something/);
  });

  it("drop labels that vega hides", () => {
    expect(plainSvg('<svg><text opacity="0">no</text><text opacity="1">yes</text></svg>', "x")).toBe(
      '<svg aria-hidden="true" focusable="false"><text>yes</text></svg>',
    );
  });

  it("measure text a little generously", () => {
    expect(textWidth("$17,853.63")).toBeGreaterThan(5.4);
    expect(textWidth("日本")).toBe(2);
  });

  it("stand without points and with a single one", async () => {
    const empty = { ...SPEC, series: SPEC.series.map((series) => ({ ...series, points: [] })) };
    expect(await renderSvg(chartSpec(empty, "wide"), "a")).toContain("<svg");
    const single = { ...SPEC, series: SPEC.series.map((series) => ({ ...series, points: points([5]) })) };
    expect(await renderSvg(chartSpec(single, "narrow"), "a")).toContain(">1 Feb<");
  });
});

describe("waterfalls", () => {
  it("hang each step on the one before, totals on the ground", () => {
    expect(waterfallBars(WATERFALL).map(({ from, to, tone }) => [from, to, tone])).toEqual([
      [0, 10000, "total"],
      [10000, 10500, "up"],
      [10500, 9700, "down"],
      [0, 9700, "total"],
    ]);
  });

  it("cut the columns only when the steps would be slivers", () => {
    // Levels run from 97 to 105: the ground is 80 % of their distance below the lowest.
    expect(waterfallGround(waterfallBars(WATERFALL))).toBe(9700 - 800 * 0.8);
    const large = { ...WATERFALL, steps: [step("Before", 100, true), step("Orders", 900), step("After", 1000, true)] };
    expect(waterfallGround(waterfallBars(large))).toBe(0);
    const flat = { ...WATERFALL, steps: [step("Before", 100, true), step("After", 100, true)] };
    expect(waterfallGround(waterfallBars(flat))).toBe(0);
  });

  it("draw columns on paper and rows on a phone, also of nothing and below zero", async () => {
    const wide = await renderSvg(waterfallSpec(WATERFALL, "wide"), "w");
    for (const label of ["Before", "Orders", "Order value", "After", "-800"]) expect(wide).toContain(`>${label}<`);
    expect(await renderSvg(waterfallSpec(WATERFALL, "narrow"), "n")).toContain(">Order value<");
    const below = [step("Before", -100, true), step("Orders", 0), step("Returns", -50), step("After", -150, true)];
    expect(await renderSvg(waterfallSpec({ ...WATERFALL, steps: below }, "wide"), "w")).toContain(">-150<");
    const zero = [step("Before", 0, true), step("After", 0, true)];
    expect(await renderSvg(waterfallSpec({ ...WATERFALL, steps: zero }, "wide"), "w")).not.toMatch(/NaN/);
  });
});
