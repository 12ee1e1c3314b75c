import { describe, expect, it } from "vitest";
import type { MetricValue } from "../../metrics/types.js";
import { renderMarkdown } from "../render-markdown.js";
import { EMPTY_HEALTH, SAMPLE_CONTEXT, type SampleOptions, sampleFacts } from "../sample-facts.js";
import { sampleRenderer } from "../sample-site.js";
import type { Block, BlockOf, ReportModel, ReportPage } from "../types.js";
import { campaigns } from "./campaigns.js";
import { channels } from "./channels.js";
import { indexModel } from "./contents.js";
import { daily } from "./daily.js";
import { funnel } from "./funnel.js";
import { PAGES } from "./index.js";
import { products } from "./products.js";

const LONG = "A name that is exactly sixty characters long, as some are 60!";

const unknown = (because: "never_synced" | "not_configured" | "days_missing", detail: string): MetricValue => ({
  status: "unknown",
  because,
  detail,
});
const ADS = /^(spend|clicks|impressions|conversions|conversion_value)$/;

/** The shops that no page may fall over. */
const SHOPS: Readonly<Record<string, SampleOptions>> = {
  empty: { isEmpty: true, health: EMPTY_HEALTH, override: () => unknown("never_synced", "orders were never loaded") },
  "one day old": {
    override: (_, range) =>
      range.from === SAMPLE_CONTEXT.lastCompleteDay
        ? undefined
        : unknown("days_missing", `no orders before ${SAMPLE_CONTEXT.lastCompleteDay}`),
  },
  "on one platform": { channels: ["meta", "direct"], campaigns: 1 },
  "without ads": {
    channels: ["email", "direct", "(none)"],
    override: (id) => (ADS.test(id) ? unknown("not_configured", "no ad platform is connected") : undefined),
  },
  "with 200 campaigns": { campaigns: 200 },
  "with long names": { labels: { meta: LONG, m0: LONG, p1: LONG, apparel: LONG } },
};

/** All blocks, those of every choice included. */
function flat(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap((block): readonly Block[] => {
    if (block.kind === "presets") return block.options.flatMap((option) => flat(option.blocks));
    return block.kind === "versus" ? flat(block.blocks) : [block];
  });
}

function tablesOf(model: ReportModel, title: RegExp): readonly BlockOf<"table">[] {
  return flat(model.blocks).flatMap((block) => (block.kind === "table" && title.test(block.title) ? [block] : []));
}

function words(model: ReportModel): string {
  return JSON.stringify(model);
}

describe.each(Object.entries(SHOPS))("a shop %s", (_, options) => {
  const facts = sampleFacts({ mostPoints: 3, ...options });

  it.each(PAGES.map((page) => [page.id, page] as const))("has a page %s that stands", (_id, page) => {
    const model = page.build(facts);
    for (const block of flat(model.blocks)) {
      if (block.kind !== "table") continue;
      for (const row of block.totals === undefined ? block.rows : [...block.rows, block.totals])
        expect(row, block.title).toHaveLength(block.columns.length);
      for (const [index, parent] of (block.parents ?? []).entries()) expect(parent ?? -1).toBeLessThan(index);
    }
    // The SQL of a passport may name anything.
    const said = JSON.stringify(model, (key, value) => (key === "text" && /^with /.test(value) ? "" : value));
    expect(said).not.toMatch(/undefined%|NaN|\[object|Infinity/);
    expect(renderMarkdown(model)).toContain(`# ${page.title}`);
  });
});

describe("what is missing is said", () => {
  const build = (shop: string) => {
    const facts = sampleFacts({ mostPoints: 3, ...SHOPS[shop] });
    return (page: ReportPage) => words(page.build(facts));
  };

  it("D12 of an empty shop", () => {
    const of = build("empty");
    expect(of(channels)).toContain("is unknown: orders were never loaded");
    expect(of(campaigns)).toContain("Connect an ad account (growthos connect)");
    expect(of(daily)).toContain("No order is known of this day.");
    expect(of(funnel)).toContain("No session is known of these days.");
    expect(of(products)).toContain("Nothing was sold in these days, as far as is known.");
  });

  it("of a shop without ads", () => {
    const of = build("without ads");
    expect(of(campaigns)).toContain(
      "What was spent on ads in the 30 days 10 Jan – 8 Feb 2026 is unknown: no ad platform",
    );
    expect(of(channels)).toContain("no platform claims anything");
  });
});

describe("campaigns", () => {
  const of = (options: SampleOptions) => campaigns.build(sampleFacts(options));

  it("stand under their accounts, ad sets under them, ads below", () => {
    const [table] = tablesOf(of({}), /^Accounts.*30 days$/);
    const names = table?.rows.map((row, index) => [row[0]?.text, table.parents?.[index]]);
    expect(names).toEqual([
      ["Meta Ads 501", null],
      ["Winter sale", 0],
      ["Broad", 1],
      ["Video", 2],
      ["Carousel", 2],
      ["Lookalike", 1],
      ["Campaign 1", 0],
      ["Google Ads 77", null],
      ["Brand search", 7],
    ]);
    expect(table?.rows[6]?.slice(1, 3).map(({ text }) => text)).toEqual(["Meta Ads", "paused"]);
  });

  it("are 200 at most, and the rest is counted", async () => {
    const model = of({ campaigns: 230 });
    const [table] = tablesOf(model, /30 days$/);
    expect(table?.rows.filter((_, index) => table.parents?.[index] === 0)).toHaveLength(200);
    expect(table?.note).toContain("31 campaigns that spent less are not shown.");
    const html = await sampleRenderer().render(model, []);
    expect(html.length).toBeLessThan(1_500_000);
  });
});

describe("channels", () => {
  it("name the orders that no channel is known of, and hold claims against the shop", () => {
    const facts = sampleFacts();
    const model = channels.build(facts);
    const [table] = tablesOf(model, /^Channels, 30 days$/);
    expect(table?.rows.map((row) => row[0]?.text)).toContain("Unattributed");
    expect(table?.note).toMatch(/"Unattributed" are orders without a trace .*: \d+\.\d% of net revenue/);
    const [claims] = tablesOf(model, /^What platforms claim.*30 days$/);
    expect(claims?.rows.map((row) => row[0]?.text)).toEqual(["Meta Ads", "Google Ads"]);
    const [meta] = claims?.rows ?? [];
    const minor = (index: number) => Number(meta?.[index]?.sort);
    expect(minor(4)).toBe(minor(2) - minor(3));
  });
});

describe("the funnel", () => {
  it("names the step that most are lost before", () => {
    const [table] = tablesOf(funnel.build(sampleFacts()), /^The way to a purchase, 30 days$/);
    // Of the sample: views 60 %, carts 25 % of views, checkouts 53 % of carts, purchases 38 % of checkouts.
    expect(table?.rows.map((row) => [row[0]?.text, row.at(-1)?.text])).toEqual([
      ["Sessions", ""],
      ["Product views", ""],
      ["Adds to cart", "Largest drop"],
      ["Checkouts", ""],
      ["Purchases (analytics)", ""],
    ]);
  });
});

describe("the index", () => {
  it("can be searched for pages, sections and metrics", () => {
    const facts = sampleFacts({ mostPoints: 3 });
    const models = [channels.build(facts), funnel.build(facts)];
    const pages = models.map(({ id, title }) => ({ page: id, title }));
    const [search] = indexModel(facts, pages, models).blocks;
    const items = search?.kind === "search" ? search.items : [];
    expect(items).toContainEqual({
      what: "section",
      page: "channels",
      detail: "Channels",
      title: "The last weeks",
      anchor: "course",
    });
    expect(items.filter(({ what }) => what === "page").map(({ title }) => title)).toEqual(["Channels", "Funnel"]);
    expect(items.find(({ title }) => title === "Blended CAC")?.detail).toContain("spend / new customers (blended_cac");
    // A metric has an address only where there is a page about metrics.
    expect(items.find(({ what }) => what === "metric")?.page).toBeUndefined();
  });
});
