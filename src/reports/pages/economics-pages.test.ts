import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import type { MetricId, MetricValue } from "../../metrics/types.js";
import { compositionReads } from "../composition.js";
import { LADDER } from "../ladder.js";
import { valueIn } from "../read-values.js";
import { SAMPLE_CONTEXT, type SampleOptions, sampleFacts } from "../sample-facts.js";
import type { Block, BlockOf, Facts } from "../types.js";
import { cohorts } from "./cohorts.js";
import { pnl } from "./pnl.js";
import { unitEconomics } from "./unit-economics.js";

function blocksOf(options: SampleOptions, page: typeof pnl): readonly Block[] {
  const { blocks } = page.build(sampleFacts({ mostPoints: 8, ...options }));
  const flat = (list: readonly Block[]): readonly Block[] =>
    list.flatMap((block) =>
      block.kind === "presets" ? block.options.flatMap((option) => flat(option.blocks)) : [block],
    );
  return flat(blocks);
}

const of = <K extends Block["kind"]>(blocks: readonly Block[], kind: K): readonly BlockOf<K>[] =>
  blocks.filter((block): block is BlockOf<K> => block.kind === kind);

function tableNamed(blocks: readonly Block[], title: RegExp): BlockOf<"table"> {
  const found = of(blocks, "table").find((block) => title.test(block.title));
  if (found === undefined) throw new Error(`no table ${title.source}`);
  return found;
}

function missing(ids: readonly MetricId[], why = "nothing of it has landed"): SampleOptions {
  const unknown: MetricValue = { status: "unknown", because: "not_configured", detail: why };
  return { override: (id) => (ids.includes(id) ? unknown : undefined) };
}

describe("the ladder", () => {
  it("adds up to the cent: every total is the one before with the lines between", () => {
    const { totals } = sampleFacts({ mostPoints: 4 }).result("unit-economics_ladder_30");
    const amount = (metric: MetricId) => {
      const value = valueIn(totals, metric);
      return value.status === "ok" ? value.value : Number.NaN;
    };
    let sum = 0;
    for (const { metric, sign } of LADDER) {
      if (sign !== "total") sum += sign * amount(metric);
      else if (metric === "gross_revenue") sum = amount(metric);
      else expect(amount(metric)).toBe(sum);
    }
    expect(sum).toBeGreaterThan(0);
  });
});

describe("unit economics", () => {
  const blocks = blocksOf({}, unitEconomics);

  it("draws one waterfall for each of four periods, down to what is left after ads", () => {
    const waterfalls = of(blocks, "waterfall");
    expect(waterfalls).toHaveLength(4);
    const steps = waterfalls[2]?.steps ?? [];
    expect(steps.map(({ label }) => label)).toEqual(
      LADDER.filter(({ metric }) => metric !== "gross_profit").map(({ short }) => short),
    );
    const net = steps.find(({ label }) => label === "Net");
    expect(net?.figure.text).toBe("100.0%");
    expect(waterfalls[2]?.title).toMatch(/^Of net revenue \d+\.\d% is left before ads and \d+\.\d% after$/);
  });

  it("judges its lights by the rules and their own thresholds", () => {
    const light = (facts: Facts) =>
      of(unitEconomics.build(facts).blocks, "lights")[0]?.items.find(({ label }) => label === "Refund rate");
    expect(light(sampleFacts({ mostPoints: 4 }))).toMatchObject({
      state: "green",
      word: "Fine",
      threshold: "Amber: above 8.0%. Rule refund_rate_high.",
    });
    const rate = (value: number): SampleOptions => ({
      mostPoints: 4,
      override: (id) => (id === "refund_rate" ? { status: "ok", value } : undefined),
    });
    expect(light(sampleFacts(rate(0.081)))).toMatchObject({ state: "amber", word: "Watch", value: "8.1%" });
    expect(light(sampleFacts(missing(["refund_rate"])))).toMatchObject({
      state: "unknown",
      word: "No signal",
      note: "Refund rate: nothing of it has landed.",
    });
  });

  it("says what is missing where there are no ads, and draws nothing from it", () => {
    const without = blocksOf(
      missing(["spend", "channel_profit", "contribution_after_ads_pct", "blended_cac", "mer"]),
      unitEconomics,
    );
    expect(of(without, "waterfall")).toEqual([]);
    const said = of(without, "prose").flatMap(({ paragraphs }) => paragraphs);
    expect(said).toContain("There is no waterfall: Ad spend is unknown (nothing of it has landed).");
    const spend = tableNamed(without, /^From gross sales/).rows.find(([line]) => line?.text === "− Ad spend");
    expect(spend?.slice(1).map(({ text }) => text)).toEqual(["n/a", "n/a", "n/a", "n/a"]);
  });
});

describe("the statement", () => {
  it("ends with what the entered costs leave, in every month", () => {
    const table = tableNamed(blocksOf({}, pnl), /^Amounts, .* to Feb 2026$/);
    const amounts = (line: string) =>
      table.rows
        .find(([cell]) => cell?.text === line)
        ?.slice(1)
        .map(({ sort }) => Number(sort)) ?? [];
    const [ads, costs, profit] = ["Contribution after ads", "− Other costs", "Profit after other costs"].map(amounts);
    expect(costs?.[0]).toBe(30 * 6500);
    expect(profit).toEqual(ads?.map((amount, month) => amount - (costs?.[month] ?? Number.NaN)));
  });

  it("marks what may still change", () => {
    const final: MetricValue = { status: "ok", value: 100 };
    const settled = (id: MetricId, range: { readonly to: string }) =>
      id === "spend" && range.to < "2026-01-01" ? final : undefined;
    const table = tableNamed(blocksOf({ override: settled }, pnl), /^Amounts, .* to Feb 2026$/);
    expect(table.columns.map(({ title }) => title).slice(-3)).toEqual(["Dec 2025", "Jan 2026", "Feb 2026"]);
    expect(table.rows[0]?.map(({ text }) => text).slice(-3)).toEqual(["final", "provisional", "so far"]);
  });

  it("names shares of net revenue, and the year before only where there is one", () => {
    const table = tableNamed(blocksOf({}, pnl), /^Shares of net revenue/);
    const net = table.rows.find(([line]) => line?.text === "Net revenue");
    expect(new Set(net?.slice(1).map(({ text }) => text))).toEqual(new Set(["100.0%"]));
    const young: SampleOptions = {
      override: (_, range) =>
        range.to < "2025-03-01"
          ? { status: "unknown", because: "days_missing", detail: "before the first order" }
          : undefined,
    };
    const titles = of(blocksOf(young, pnl), "table").map(({ title }) => title);
    expect(titles.filter((title) => title.startsWith("Change on the year, Sep"))).toEqual([]);
  });

  it("follows a calendar of whole weeks", () => {
    const calendar = {
      weekEndsOn: 6,
      fiscalYearEndMonth: 1,
      periods: "4-4-5",
      lastWeek: "nearest",
      yearNamedBy: "start",
      holidays: {},
    } as const;
    const table = tableNamed(blocksOf({ calendar }, pnl), /^Amounts/);
    expect(table.columns.at(-1)?.title).toMatch(/^FY\d{4} P\d\d$/);
  });
});

describe("where the money went", () => {
  const cents = (table: BlockOf<"table">) => table.rows.map((row) => Number(row[1]?.sort));

  it("is told in parts that add up to all costs, by platform and by category, the largest first", () => {
    const facts = sampleFacts({ mostPoints: 8 });
    for (const [month, id] of [
      ["Jan 2026", "month"],
      ["Feb 2026 so far", "so-far"],
    ]) {
      const table = tableNamed(blocksOf({}, pnl), new RegExp(`^Parts of net revenue, ${month}$`));
      const names = table.rows.map(([part]) => part?.text);
      for (const name of ["Goods", "Ad spend: Meta Ads", "Other costs: rent", "Other costs: tools"])
        expect(names).toContain(name);
      expect(cents(table)).toEqual([...cents(table)].sort((a, b) => b - a));
      // The platforms of the sample are no parts of its channels: ad spend is taken whole.
      const others = cents(table).filter((_, row) => names[row]?.startsWith("Ad spend") === false);
      const spend = valueIn(facts.result(`pnl_parts_all_${id}`).totals, "spend");
      expect(others.reduce((sum, one) => sum + one, spend.status === "ok" ? spend.value : Number.NaN)).toBe(
        Number(table.totals?.[1]?.sort),
      );
      expect(table.totals?.[3]?.text).toBe("100.0%");
    }
  });

  it("holds a whole month against the whole one before, and a begun one against as many days", () => {
    const windows = (lastCompleteDay: string) =>
      Object.entries(compositionReads({ ...SAMPLE_CONTEXT, lastCompleteDay: isoDate(lastCompleteDay) }, 7))
        .filter(([name]) => /^pnl_parts_all_(month|so-far)$/.test(name))
        .map(([, { window, compare }]) => [window, compare?.kind === "range" ? compare.range : null]);
    expect(windows("2026-03-30")).toEqual([
      [
        { from: "2026-02-01", to: "2026-02-28" },
        { from: "2026-01-01", to: "2026-01-31" },
      ],
      [
        { from: "2026-03-01", to: "2026-03-30" },
        { from: "2026-02-01", to: "2026-02-28" },
      ],
    ]);
    // Nothing goes on at the end of a month.
    expect(windows("2026-02-28")).toHaveLength(1);
  });

  it("says what is not known, and draws what is", () => {
    const without = blocksOf(missing(["spend"], "no source of ad spend is configured"), pnl);
    const said = of(without, "prose").flatMap(({ paragraphs }) => paragraphs);
    expect(said).toContain("What all costs left of Jan 2026 is unknown: no source of ad spend is configured.");
    expect(said).toContain("Net ROAS is not known: no source of ad spend is configured.");
    const chart = of(without, "chart").find(({ spec }) => spec.form === "bar");
    expect(chart?.spec.series[0]?.points.map(({ x }) => x)).not.toContain("Ad spend: Meta Ads");
    expect(chart?.title).toMatch(/^Goods took most in Jan 2026: \$[\d,.]+, \d+\.\d% of net revenue$/);
    const nothing = blocksOf({ isEmpty: true, override: (id) => (id === "entered_costs" ? zero : undefined) }, pnl);
    expect(tableNamed(nothing, /^Parts/).note).toContain("No other costs were entered");
  });

  it("shows the newest days with what they left", () => {
    const table = tableNamed(blocksOf({}, pnl), /^Day by day/);
    const column = (id: string) => table.columns.findIndex((one) => one.id === id);
    for (const row of table.rows) {
      const [gross, contribution, left] = ["gross_profit", "contribution_margin", "operating_profit"].map((id) =>
        Number(row[column(id)]?.sort),
      );
      expect(gross).toBeGreaterThan(contribution ?? Number.NaN);
      expect(contribution).toBeGreaterThan(left ?? Number.NaN);
    }
    expect(table.rows).toHaveLength(8);
  });
});

const zero: MetricValue = { status: "ok", value: 0 };

describe("cohorts", () => {
  it("say too young, never zero, and end their lines there", () => {
    const blocks = blocksOf({ mostPoints: 12 }, cohorts);
    const table = tableNamed(blocks, /by month/);
    const newest = table.rows.at(-1) ?? [];
    const column = table.columns.findIndex(({ id }) => id === "ltv_180");
    expect(newest[column]).toEqual({ text: "too young", sort: null });
    expect(table.rows.flat().filter(({ text }) => text === "$0.00" || text === "0.0%")).toEqual([]);
    const [retention] = of(blocks, "chart");
    expect(retention?.spec.series.at(-1)?.points.map(({ y }) => y === null)).toEqual([false, false, true, true]);
  });

  it("stand without a customer, and with the first ones", () => {
    const nobody = blocksOf({ ...missing(["cohort_size"]), lifetime: null }, cohorts);
    expect(of(nobody, "prose")[0]?.paragraphs[0]).toMatch(/^There is no cohort yet/);
    expect(of(nobody, "table").map(({ title }) => title)).toEqual(["How the figures are made"]);
    const young: MetricValue = { status: "unknown", because: "too_young", detail: "30 days are not over" };
    const first = blocksOf({ override: (id) => (id === "cohort_size" ? undefined : young) }, cohorts);
    expect(of(first, "prose")[0]?.paragraphs[0]).toBe("No cohort is 30 days old yet: who comes back cannot be told.");
  });
});
