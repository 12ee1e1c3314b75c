import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import type { MetricValue } from "../../metrics/types.js";
import { wbr } from "../pages/wbr.js";
import { sampleFacts } from "../sample-facts.js";
import type { BlockOf } from "../types.js";
import { monthsTable, shortLabel, sixTwelveBlock, weeksTable, xmrBlock } from "./charts.js";
import { partsOf, weekFolder } from "./commentary.js";
import { eventsBetween, eventsBlock } from "./events.js";
import { exceptionBlocks, exceptionsOf } from "./exceptions.js";
import { gapText } from "./gaps.js";
import { DEFAULT_DECK, metricsOf, SECTION_NAMES, sectionsOf } from "./layout.js";
import { boxOf, reviewOf } from "./review.js";
import { FISCAL_445 } from "./sample-deck.js";

const WEEK = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };
const GONE: MetricValue = { status: "unknown", because: "days_missing", detail: "shopify: 2026-02-04" };
const words = (block: BlockOf<"commentary">) => block.items.map((item) => [item.title, item.owner, item.missing]);

describe("missing days", () => {
  it("are weekdays in a week and a count in longer windows", () => {
    expect(gapText("shopify: 2026-02-04", WEEK)).toBe("Wed missing");
    expect(gapText("ga4: 2026-02-06 … 2026-02-07; shopify: 2026-02-06", WEEK)).toBe("Fri, Sat missing");
    expect(gapText("ga4: 2026-02-04", { ...WEEK, from: isoDate("2026-02-01") })).toBe("1 day missing");
    expect(gapText("the shop began later", WEEK)).toBe("the shop began later");
  });
});

describe("the box score", () => {
  it("has nine cells in the order of the review, by the definitions of the metrics", () => {
    const review = reviewOf(sampleFacts());
    const box = boxOf(review, "orders");
    expect(box.map(({ label }) => label)).toEqual(["LastWk", "WOW", "YOY", "MTD", "YOY", "QTD", "YOY", "YTD", "YOY"]);
    expect(box[0]?.figure.text).toBe("246");
    // The same figures as everywhere else: 246 against 251 the week before.
    expect(box[1]).toMatchObject({ figure: { text: "−2.0%" }, tone: "bad" });
  });

  it("says which day is missing, and never 0", () => {
    const facts = sampleFacts({
      override: (id, range) => (id === "orders" && range.to === "2026-02-08" ? GONE : undefined),
    });
    const box = boxOf(reviewOf(facts), "orders");
    expect(box.slice(0, 3).map(({ figure }) => `${figure.text} – ${figure.note}`)).toEqual(
      Array(3).fill("n/a – Wed missing"),
    );
    const block = sixTwelveBlock(reviewOf(facts), "orders");
    expect(block.title).toBe("Orders: n/a – Wed missing");
    expect(block.weeks.at(-1)).toMatchObject({ value: null, now: { text: "n/a", note: "Wed missing" } });
    expect(xmrBlock(reviewOf(facts), "orders").title).toBe("Orders: n/a – Wed missing");
  });
});

describe("the 6-12 chart of a metric", () => {
  it("has six weeks and the twelve months that are over, with the year before", () => {
    const block = sixTwelveBlock(reviewOf(sampleFacts()), "net_revenue");
    expect(block.weeks.map(({ label }) => label)).toEqual(["W01", "W02", "W03", "W04", "W05", "W06"]);
    expect(block.months.map(({ label }) => label)).toEqual(
      "Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Jan".split(" "),
    );
    expect(block.weeks.at(-1)?.value).toBe(17_853.63);
    expect(block.weeks.at(-1)?.before).not.toBeNull();
    // The shop began on 6 January 2025: the year before has no week of its own for the oldest, and no month but the first is whole.
    expect(block.weeks[0]?.before).toBeNull();
    expect(block.months.map(({ before }) => before)).toEqual(Array(12).fill(null));
  });

  it("bears targets of its weeks and months, and says whether the week is on track", () => {
    const deck = { ...DEFAULT_DECK, targets: [{ metric: "orders", period: "week", value: 260 }] as const };
    const block = sixTwelveBlock(reviewOf(sampleFacts({ deck })), "orders");
    expect(block.target).toEqual({ text: "Target 260 a week; −5.4% against the target: off track.", tone: "bad" });
    expect(block.weeks.map(({ target }) => target)).toEqual(Array(6).fill(260));
    // 31 days of January at 260 / 7.
    expect(block.months.at(-1)?.target).toBe(1151);
  });

  it("keeps every event of a metric, in the week or in the month of its day", () => {
    const events = [
      { day: isoDate("2026-02-03"), text: "Prices raised", metrics: ["aov"] },
      { day: isoDate("2026-02-03"), text: "Site down for an hour" },
      { day: isoDate("2026-02-05"), text: "Newsletter", metrics: ["orders"] },
    ];
    const block = sixTwelveBlock(reviewOf(sampleFacts({ deck: { ...DEFAULT_DECK, events } })), "orders");
    const own = block.events.slice(-2).map(({ text }) => text);
    expect(own).toEqual(["3 Feb 2026: Site down for an hour", "5 Feb 2026: Newsletter"]);
    expect(block.weeks.at(-1)?.events).toEqual([4, 5]);
    expect(block.months.filter(({ events: marked }) => marked.length > 0).map(({ label }) => label)).toEqual([
      "Apr",
      "Nov",
      "Dec",
    ]);
  });
});

describe("tables of weeks and months", () => {
  it("have a row per metric and a column per period", () => {
    const review = reviewOf(sampleFacts());
    const weeks = weeksTable(review, ["orders", "cvr"]);
    expect(weeks.columns.map(({ title }) => title)).toEqual([
      "Metric",
      "W01",
      "W02",
      "W03",
      "W04",
      "W05",
      "W06",
      "QTD",
      "YTD",
    ]);
    expect(weeks.rows.map((row) => row[6]?.text)).toEqual(["246", "2.4%"]);
    const months = monthsTable(review, ["mer", "orders"]);
    expect(months.columns.map(({ title }) => title)).toEqual(["Month", "Marketing efficiency ratio", "Orders"]);
    expect(months.rows.map(([first]) => first?.text)).toEqual(
      "Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Jan".split(" "),
    );
  });

  it("name periods of a fiscal calendar by its own numbers", () => {
    const facts = sampleFacts({ calendar: FISCAL_445 });
    const block = sixTwelveBlock(reviewOf(facts), "orders");
    expect(block.weeks.map(({ label }) => label)).toEqual(["W49", "W50", "W51", "W52", "W53", "W01"]);
    // From 25 January 2025 to 31 January 2026 there are 53 weeks; the year before has no such week.
    expect(block.weeks[4]).toMatchObject({ label: "W53", before: null });
    expect(block.months.at(-1)?.label).toBe("P12");
    expect(shortLabel("FY2026 P05")).toBe("P05");
  });
});

describe("exceptions", () => {
  const quiet = { ...DEFAULT_DECK, watch: [] };

  it("are told to be none when there are none", () => {
    const [block] = exceptionBlocks(reviewOf(sampleFacts({ deck: { ...quiet, watch: [] } })));
    expect(block).toMatchObject({ kind: "prose" });
  });

  it("name signals and missed targets, owner, what to write and what was said", () => {
    const deck = {
      ...quiet,
      watch: ["orders"],
      owners: { orders: "Dana" },
      targets: [{ metric: "aov", period: "week", value: 9_000 }] as const,
      commentary: {
        ...DEFAULT_DECK.commentary,
        now: { orders: [{ paragraph: "The new site holds." }] },
        before: { aov: [{ list: ["bundles", "shipping"] }] },
        weekBefore: "2026-W05",
      },
    };
    const review = reviewOf(sampleFacts({ deck }));
    expect(exceptionsOf(review).map(({ metric }) => metric)).toEqual(["aov", "orders"]);
    const [lead, list, chart] = exceptionBlocks(review);
    expect(lead).toMatchObject({
      paragraphs: ["1 metric moved beyond the usual noise and 1 target is missed. Everything else is routine."],
    });
    if (list?.kind !== "commentary") throw new Error("no exceptions");
    expect(words(list)).toEqual([
      [
        "Average order value $76.10, +2.6% on the week",
        "No owner: name one in deck.owners.aov.",
        "Commentary missing: write commentary/2026-W06/aov.md.",
      ],
      ["Orders: higher than usual, 246, −2.0% on the week", "Owner: Dana", null],
    ]);
    expect(list.items[0]?.before).toEqual({ week: "2026-W05", parts: [{ list: ["bundles", "shipping"] }] });
    expect(chart).toMatchObject({ kind: "xmr" });
  });
});

describe("commentary", () => {
  it("is paragraphs and lists, and nothing else", () => {
    expect(partsOf("One\ntwo.\r\n\r\n# Not a heading\n- a\n  more\n* b\n\n<b>x</b>")).toEqual([
      { paragraph: "One two." },
      { paragraph: "# Not a heading" },
      { list: ["a more", "b"] },
      { paragraph: "<b>x</b>" },
    ]);
    expect(partsOf(" \n ")).toEqual([]);
    expect(weekFolder("FY2026 W06")).toBe("FY2026-W06");
  });
});

describe("events", () => {
  it("are holidays and the shop's own by day, those of the year before, and those to come", () => {
    const events = [
      { day: isoDate("2026-04-01"), text: "Price change" },
      { day: isoDate("2025-02-03"), text: "Last year's sale" },
    ];
    const facts = sampleFacts({ deck: { ...DEFAULT_DECK, events } });
    const range = { from: isoDate("2025-11-01"), to: isoDate("2025-12-31") };
    expect(eventsBetween(facts, range).map(({ text }) => text)).toEqual(["Black Friday", "Cyber Monday"]);
    const block = eventsBlock(facts, { now: WEEK, before: { from: isoDate("2025-02-03"), to: isoDate("2025-02-09") } });
    if (block.kind !== "table") throw new Error("no table");
    expect(block.rows.map((row) => row.map((cell) => cell.text))).toEqual([
      ["2025-02-03", "Last year's sale", "everything", "the weeks compared with"],
      ["2026-04-01", "Price change", "everything", "to come"],
    ]);
    expect(eventsBlock(sampleFacts(), { now: WEEK, before: null }).kind).toBe("prose");
  });
});

describe("the layout", () => {
  it("goes from exceptions over customers, inputs and outputs to the money, and ends with health", () => {
    const page = wbr.build(sampleFacts());
    const headings = page.blocks.flatMap((block) => (block.kind === "heading" ? [block.text] : []));
    expect(headings).toEqual(
      "Exceptions|Customers|Inputs by channel|Outputs|Finance|Risks|Next steps|Events|Definitions|Data health".split(
        "|",
      ),
    );
    expect(SECTION_NAMES).toHaveLength(headings.length);
  });

  it("is the shop's own where it has one", () => {
    const sections = sectionsOf([
      "finance",
      { title: "Traffic", blocks: [{ six_twelve: "sessions" }, { xmr: "cvr" }] },
    ]);
    const deck = { ...DEFAULT_DECK, sections, watch: [] };
    expect(metricsOf(deck).slice(-2)).toEqual(["sessions", "cvr"]);
    const kinds = wbr.build(sampleFacts({ deck })).blocks.map(({ kind }) => kind);
    expect(kinds).toEqual(["prose", "heading", "six_twelve", "table", "heading", "six_twelve", "xmr"]);
  });
});
