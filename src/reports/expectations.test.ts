import { describe, expect, it } from "vitest";
import type { MetricForecast } from "../metrics/forecast.js";
import type { LifetimeGroup } from "../metrics/lifetime-value.js";
import { landingBlocks } from "./landing.js";
import { lifetimeBlocks } from "./lifetime.js";
import { SAMPLE_FORECASTS, SAMPLE_LIFETIME } from "./sample-expectations.js";
import { sampleFacts } from "./sample-facts.js";
import type { Block } from "./types.js";

const kinds = (blocks: readonly Block[]) => blocks.map(({ kind }) => kind);
const sentences = (blocks: readonly Block[]) =>
  blocks.flatMap((block) => (block.kind === "prose" ? block.paragraphs : []));

describe("what customers are expected to bring", () => {
  it("is left out where nobody asked, and a sentence where a model says no", () => {
    expect(lifetimeBlocks(sampleFacts({ lifetime: null }))).toEqual([]);
    const refused = { status: "refused", because: "too_few_customers", detail: "fewer than 100", models: [] } as const;
    const blocks = lifetimeBlocks(sampleFacts({ lifetime: refused }));
    expect(kinds(blocks)).toEqual(["heading", "prose"]);
    expect(sentences(blocks)).toEqual(["Nothing is expected of the next twelve months: fewer than 100."]);
  });

  it("has no band and no chart where nothing could be held out, and says why", () => {
    if (SAMPLE_LIFETIME.status !== "ok") throw new Error("refused");
    const bare = (one: LifetimeGroup) => ({ ...one, band: null, lifetimeBand: null });
    const lifetime = {
      ...SAMPLE_LIFETIME,
      ...{ holdout: null, holdoutMissing: "too young", total: bare(SAMPLE_LIFETIME.total) },
      ...{ cohorts: SAMPLE_LIFETIME.cohorts.map(bare), channels: [] },
    };
    const blocks = lifetimeBlocks(sampleFacts({ lifetime }));
    expect(kinds(blocks)).toEqual(["heading", "prose", "table", "table"]);
    expect(sentences(blocks)).toEqual([
      "500 customers are expected to bring $12,500.00 of net revenue within twelve months, which makes $90.00 each with what they have brought.",
      "There is no band: too young.",
    ]);
    const [table] = blocks.flatMap((block) => (block.kind === "table" ? [block] : []));
    expect(table?.rows[0]?.[5]).toMatchObject({ text: "n/a", sort: null });
  });

  it("says on which side of the expectation the days held out were", () => {
    if (SAMPLE_LIFETIME.status !== "ok" || SAMPLE_LIFETIME.holdout === null) throw new Error("refused");
    const lifetime = { ...SAMPLE_LIFETIME, holdout: { ...SAMPLE_LIFETIME.holdout, actual: 150, error: -0.25 } };
    const [chart] = lifetimeBlocks(sampleFacts({ lifetime })).flatMap((block) =>
      block.kind === "chart" ? [block] : [],
    );
    expect(chart?.title).toBe("Of the last 60 days, held out, orders came 25.0% below what was expected");
  });
});

describe("where the month lands", () => {
  const landing = (forecasts: readonly MetricForecast[]) => landingBlocks({ ...sampleFacts(), forecasts });

  it("is left out where nobody asked, and only sentences where nothing is known", () => {
    expect(landing([])).toEqual([]);
    const [revenue, , spend] = SAMPLE_FORECASTS;
    if (revenue?.status !== "ok" || spend === undefined) throw new Error("no sample");
    const blocks = landing([{ ...revenue, landing: null, landingMissing: "shopify: 2026-02-05" }, spend]);
    expect(kinds(blocks)).toEqual(["heading", "prose"]);
    expect(sentences(blocks)).toEqual([
      "Net revenue: where the month lands is unknown, shopify: 2026-02-05.",
      "Ad spend: 9 complete days with a value, a forecast needs 14.",
    ]);
  });

  it.each([
    [8_000_000, "+0.6%", "open"],
    [7_000_000, "+15.0%", "likely met"],
    [9_000_000, "−10.6%", "likely missed"],
  ])("against a target of %d is %s, %s", (target, off, verdict) => {
    const [revenue] = SAMPLE_FORECASTS;
    if (revenue?.status !== "ok" || revenue.landing === null) throw new Error("no sample");
    const [table] = landing([{ ...revenue, landing: { ...revenue.landing, target } }]).flatMap((block) =>
      block.kind === "table" ? [block] : [],
    );
    expect(table?.rows[0]?.slice(5).map(({ text }) => text)).toEqual([off, verdict]);
  });

  it("has no columns for targets where there is none", () => {
    const [, orders] = SAMPLE_FORECASTS;
    if (orders === undefined) throw new Error("no sample");
    const [table] = landing([orders]).flatMap((block) => (block.kind === "table" ? [block] : []));
    expect(table?.columns.map(({ id }) => id)).toEqual(["metric", "so_far", "expected", "band"]);
    expect(table?.rows[0]).toHaveLength(4);
  });
});
