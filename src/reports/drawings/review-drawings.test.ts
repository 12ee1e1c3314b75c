import { describe, expect, it } from "vitest";
import type { SixTwelvePoint } from "../block-types/six-twelve.js";
import type { BlockOf } from "../types.js";
import { boxOf, collides } from "./paper.js";
import { boxTable, drawSixTwelve, isOneAxis, NOT_OVER, pointsText } from "./six-twelve.js";
import { drawXmr, rulesNote, xmrTable } from "./xmr.js";

const figure = (text: string) => ({ text, status: "ok", note: null }) as const;
const GAP = { text: "n/a", status: "unknown", note: "Wed missing" } as const;

function overlaps(svg: string): readonly string[] {
  const found = svg.matchAll(
    /<text x="([^"]+)" y="([^"]+)" font-size="([^"]+)"[^>]*text-anchor="([^"]+)"[^>]*>([^<]*)/g,
  );
  const boxes = [...found].map(([, x, y, size, anchor, content = ""]) => ({
    content,
    box: boxOf([Number(x), Number(y)], content, { size: Number(size), anchor: anchor as "start" | "middle" | "end" }),
  }));
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .flatMap((other) => (collides(one.box, other.box) ? [`${one.content} | ${other.content}`] : [])),
  );
}

function point(label: string, value: number | null, events: readonly number[] = []): SixTwelvePoint {
  return {
    label,
    value,
    now: value === null ? GAP : figure(String(value)),
    before: value === null ? null : value * 0.8,
    target: 50_000,
    events,
  };
}

const WEEKS = [41_200, 43_100, 39_800, 47_300, 44_100, 49_671].map((value, index) => point(`W0${index + 1}`, value));
const MONTHS = Array.from({ length: 12 }, (_, index) => point(`M${index + 1}`, 180_000 + index * 4000));
const BLOCK: BlockOf<"six_twelve"> = {
  kind: "six_twelve",
  title: "Net revenue",
  alt: "a",
  unit: "USD",
  weeks: WEEKS,
  months: MONTHS,
  box: [
    { label: "LastWk", figure: figure("$49,671.00"), tone: "neutral" },
    { label: "WOW", figure: figure("+12.6%"), tone: "good" },
    { label: "YOY", figure: GAP, tone: "neutral" },
  ],
  events: [],
};

describe("the 6-12 chart", () => {
  it("uses one axis up to three times as high, two beyond, by the rule of the review", () => {
    expect(isOneAxis([100], [300])).toBe(true);
    expect(isOneAxis([100], [301])).toBe(false);
    expect(isOneAxis([0], [300])).toBe(false);
    expect(isOneAxis([100], [0])).toBe(false);
    // Months of 180k beside weeks of 50k read on an axis of their own, on the right.
    expect(drawSixTwelve(BLOCK, "wide", "c")).toMatch(/x="840" [^>]*>200k</);
    const low = { ...BLOCK, months: MONTHS.map((month) => point(month.label, 90_000)) };
    expect(drawSixTwelve(low, "wide", "c")).not.toMatch(/x="840" [^>]*text-anchor="start"/);
  });

  it.each(["wide", "narrow"] as const)("puts no text on another and prints the values (%s)", (size) => {
    const svg = drawSixTwelve(BLOCK, size, "c");
    expect(overlaps(svg)).toEqual([]);
    for (const text of ["49.7k", "224k", "W06", "M12", "This year", "Year before", "Target"])
      expect(svg).toContain(`>${text}<`);
  });

  it("shows a missing week as a hole that says n/a, never as 0, and a coming month not at all", () => {
    const gone = { ...BLOCK, weeks: WEEKS.map((week, index) => (index === 2 ? point("W03", null) : week)) };
    const svg = drawSixTwelve(gone, "wide", "c");
    expect(svg.match(/>n\/a</g)).toHaveLength(1);
    expect(svg.match(/<circle/g)).toHaveLength(17);
    const lines = (drawn: string) => drawn.match(/stroke="var\(--series-1\)" stroke-width="2.5"/g)?.length;
    // Two stretches of weeks instead of one, the months, the legend.
    expect([lines(drawSixTwelve(BLOCK, "wide", "c")), lines(svg)]).toEqual([3, 4]);
    const coming = { ...point("M12", null), now: { ...GAP, note: NOT_OVER } };
    expect(drawSixTwelve({ ...BLOCK, months: [...MONTHS.slice(0, 11), coming] }, "wide", "c")).not.toContain(">n/a<");
  });

  it("marks events by their numbers", () => {
    const [first, ...rest] = WEEKS;
    if (first === undefined) throw new Error("no week");
    expect(drawSixTwelve({ ...BLOCK, weeks: [{ ...first, events: [1, 2] }, ...rest] }, "wide", "c")).toContain(
      ">#1,2<",
    );
  });

  it("is words for who reads no drawing", () => {
    expect(boxTable(BLOCK).rows[0]?.map((cell) => cell.text)).toEqual(["$49,671.00", "+12.6%", "n/a – Wed missing"]);
    expect(pointsText("6 weeks", [point("W01", 5), point("W02", null)])).toBe("6 weeks: W01 5, W02 n/a – Wed missing.");
  });
});

const XMR: BlockOf<"xmr"> = {
  kind: "xmr",
  title: "Orders",
  alt: "a",
  unit: "",
  points: [240, 250, 245, null, 238, 252, 330].map((value, index) => ({
    label: `W0${index + 1}`,
    day: `2026-01-0${index + 1}`,
    value,
    figure: value === null ? GAP : figure(String(value)),
    rule: index === 6 ? 1 : null,
    means: index === 6 ? "worse" : "neither",
  })),
  limits: {
    centre: 245,
    upper: 290,
    lower: 200,
    figures: { centre: "245", upper: "290", lower: "200" },
    provisional: true,
  },
  note: "Provisional limits from 6 weeks.",
};

describe("the process-behaviour chart", () => {
  it.each(["wide", "narrow"] as const)("marks signals by colour and number and overlaps nothing (%s)", (size) => {
    const svg = drawXmr(XMR, size, "x");
    expect(overlaps(svg)).toEqual([]);
    expect(svg.match(/r="5" fill="var\(--bad\)"/g)).toHaveLength(1);
    expect(svg).toMatch(/fill="var\(--bad\)">1</);
    expect(svg.match(/stroke-dasharray="2 5"/g)).toHaveLength(2);
    expect(rulesNote(XMR)).toBe("1: outside a limit.");
  });

  it("draws weeks without limits while there are too few", () => {
    const young = { ...XMR, limits: null };
    expect(drawXmr(young, "wide", "x")).not.toContain("stroke-dasharray");
    expect(drawXmr({ ...young, points: [] }, "wide", "x")).toContain("<svg");
  });

  it("is a table of signals and last weeks for who reads no drawing", () => {
    const table = xmrTable(XMR);
    expect(table.rows.at(-1)?.map((cell) => cell.text)).toEqual(["2026-01-07", "330", "outside a limit (worse)"]);
    expect(table.note).toBe("Provisional limits from 6 weeks. Usual level 245, limits 200 to 290.");
  });
});
