import { describe, expect, it } from "vitest";
import type { MetricValue } from "../../metrics/types.js";
import { renderMarkdown } from "../render-markdown.js";
import { SAMPLE_BRANCHES } from "../sample-branches.js";
import { type SampleOptions, sampleFacts } from "../sample-facts.js";
import type { BlockOf } from "../types.js";
import { branches } from "./branches.js";

const modelOf = (options: SampleOptions = {}) => branches.build(sampleFacts(options));
const textOf = (options: SampleOptions = {}) => renderMarkdown(modelOf(options));
const UNKNOWN: MetricValue = { status: "unknown", because: "days_missing", detail: "2026-02-07 has not landed" };

describe("the page of branches", () => {
  it("is written for shops with events only, and says what is missing instead of zeros", () => {
    expect(branches.needs).toBe("ga4_events");
    const empty = textOf({ branches: { ...SAMPLE_BRANCHES, kinds: [] } });
    expect(empty).toContain("No event has landed yet.");
    expect(empty).toContain("growthos connect ga4\\_events");
    expect(empty).not.toContain("$");
    expect(textOf({ branches: null })).toContain("build the workspace again");
  });

  it("shows nine figures with their change, and leads from each branch to its section", () => {
    const model = modelOf();
    const presets = model.blocks.find((block): block is BlockOf<"presets"> => block.kind === "presets");
    const [cards, table] = (presets?.options ?? [])
      .filter(({ id }) => id === presets?.selected)
      .flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === "kpis" || kind === "table"));
    if (cards?.kind !== "kpis" || table?.kind !== "table") throw new Error("no cards, no table");
    expect(cards.items).toHaveLength(9);
    expect(cards.items.every(({ change }) => change !== null)).toBe(true);
    const anchors = model.blocks.flatMap((block) => (block.kind === "heading" ? [block.id] : []));
    const links = table.rows.map(([first]) => first?.link?.anchor ?? "");
    expect(links).toEqual(["branch-1", "branch-2", "branch-77", "branch-none"]);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it("says who gets the report of a branch, and what is open there", () => {
    const text = textOf();
    expect(text).toContain(
      "Branch 001, Portland, OR. Its daily report goes to Ada Ek; it is disabled for ben\\@larkfield.example. 14 tasks are open, 2 of high priority.",
    );
    expect(text).toContain("Branch 77. It is in no list of locations. Nobody gets its daily report. No task is open.");
    expect(text).toContain("Its daily report goes to Cyd Ray. 1 task is open, none of high priority.");
    expect(text).toContain("4 of 14: growthos tasks list");
  });

  it("names branches at which nothing happened, but not while days are unknown", () => {
    expect(textOf()).toContain("Nothing happened at Boston.");
    expect(textOf()).toContain("Branch 003, Boston, MA. Nothing happened there in 30 days.");
    const unknown = textOf({ override: (id) => (id.startsWith("web_") ? UNKNOWN : undefined) });
    expect(unknown).not.toMatch(/Nothing happened/);
    expect(unknown).toContain("is unknown: 2026-02-07 has not landed");
  });

  it("leaves days open that have not landed, and names them", () => {
    const options: SampleOptions = {
      override: (id, { from, to }) =>
        id.startsWith("web_") && from === to && to === "2026-02-07" ? UNKNOWN : undefined,
    };
    expect(textOf(options)).toContain("1 day without events that have landed, left open in the lines: ");
    const charts = modelOf(options).blocks.filter((block): block is BlockOf<"chart"> => block.kind === "chart");
    const at = charts[0]?.spec.series[0]?.points.filter(({ y }) => y === null).map(({ x }) => x);
    expect(at).toEqual(["2026-02-07"]);
    expect(textOf()).toContain("Every day has landed");
  });

  it("gives sections to the first sixty branches of a long list, and says that there are more", () => {
    const [first] = SAMPLE_BRANCHES.branches;
    if (first === undefined) throw new Error("no branch");
    const many = Array.from({ length: 70 }, (_, index) => ({ ...first, id: `m${index}`, name: `Branch ${index}` }));
    const text = textOf({ branches: { ...SAMPLE_BRANCHES, branches: many } });
    expect(text.match(/^## Branch \d+$/gm)).toHaveLength(56);
    expect(text).toContain("14 more branches: growthos branches show.");
  });
});
