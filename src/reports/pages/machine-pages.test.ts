import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { durationText, spanText } from "../ages.js";
import { apiSunsets, coverageCalendar } from "../data-coverage.js";
import { NO_OPERATIONS } from "../operations.js";
import { renderMarkdown } from "../render-markdown.js";
import { EMPTY_HEALTH, sampleFacts } from "../sample-facts.js";
import { SAMPLE_OPERATIONS } from "../sample-operations.js";
import type { Block, BlockOf, ReportPage } from "../types.js";
import { alerts } from "./alerts.js";
import { connections } from "./connections.js";
import { dataHealth } from "./data-health.js";
import { jobs } from "./jobs.js";

const of = <K extends Block["kind"]>(page: ReportPage, kind: K): readonly BlockOf<K>[] =>
  page.build(sampleFacts()).blocks.filter((block): block is BlockOf<K> => block.kind === kind);

const cells = (block: BlockOf<"table"> | undefined) => block?.rows.map((row) => row.map(({ text }) => text));

describe("alerts", () => {
  it("tell apart what waits, what is taken, what is muted and what is over", () => {
    expect(of(alerts, "prose")[0]?.paragraphs[0]).toBe(
      "1 alert waits for somebody, 1 of them critical; beside them 1 acknowledged and 1 muted.",
    );
    expect(of(alerts, "findings")[0]?.items).toEqual([
      {
        tone: "bad",
        badge: "Critical",
        title: "Refunds are high",
        detail: "Refund rate was 9.1% (limit 8.0%). Since 2 Feb 2026, seen on 8 Feb 2026, last told on 8 Feb 2026.",
        advice: "Compare CAC by channel.",
      },
    ]);
    const [taken, silences, , over] = of(alerts, "table");
    expect(cells(taken)).toEqual([
      ["A new customer became more expensive", "Warning", "2026-02-07", "2026-02-08", "budget is being moved"],
    ]);
    expect(cells(silences)?.[0]?.slice(0, 2)).toEqual(["signal:sessions", "2026-03-01"]);
    expect(cells(over)?.[0]?.[0]).toBe("ROAS fell: Google Ads");
  });

  it("count by the shop's week, each judged day once", () => {
    const weeks = of(alerts, "table").find(({ title }) => title.startsWith("Alerts by the week"));
    // Weeks end on Sunday: 25 January, 1 February, 8 February.
    expect(cells(weeks)).toEqual([
      ["2–8 Feb 2026", "1", "1", "0", "0", "2", "2"],
      ["26 Jan – 1 Feb 2026", "0", "0", "1", "1", "1", "0"],
      ["19–25 Jan 2026", "0", "1", "0", "0", "1", "3"],
    ]);
  });
});

describe("jobs", () => {
  it("show the steps of the last run, and every failure with what to do", () => {
    const tables = of(jobs, "table");
    expect(tables.map(({ title }) => title)).toEqual([
      "What is to run, by the shop's clock",
      "Steps of 20260209t060000z-1a2b3c4d",
      "Runs",
      "What failed, and what to do",
    ]);
    expect(cells(tables[1])?.[1]).toEqual([
      "ga4",
      "completed, with warnings",
      "4 of 4",
      "1,200",
      "8.4 s",
      "landing_pages: thresholding applied",
    ]);
    expect(cells(tables[2])?.map((row) => row[5])).toEqual(["none", "meta_ads: API_AUTH"]);
    expect(tables[2]?.note).toBe("1 record cannot be read.");
    expect(cells(tables[3])?.[0]?.slice(1)).toEqual([
      "meta_ads",
      "API_AUTH",
      "Meta Ads refused the access token",
      "run growthos connect meta_ads",
    ]);
  });

  it("tell time in words", () => {
    expect([400, 12_000, 185_000, 7_800_000].map(durationText)).toEqual(["0.4 s", "12 s", "3 min 5 s", "2 h 10 min"]);
    expect(spanText("2026-02-08T00:00:00Z", "2026-02-09T23:00:00Z")).toBe("1 day");
    expect(spanText("2026-02-09T00:00:00Z", "2026-02-08T00:00:00Z")).toBeNull();
    expect(spanText(null, "2026-02-08T00:00:00Z")).toBeNull();
  });
});

describe("connections", () => {
  it("say who is connected, as whom, and when it was read", () => {
    expect(of(connections, "prose")[0]?.paragraphs[0]).toBe("1 of 4 sources needs somebody: Meta Ads.");
    const [sources, signIns] = of(connections, "table");
    expect(cells(sources)?.[0]).toEqual([
      "Shopify",
      "shop larkfield",
      "connected, stored encrypted",
      "2026-02-09 06:00, 3 hours ago",
      "completed",
      "5,413",
    ]);
    expect(cells(sources)?.[2]?.slice(2, 5)).toEqual([
      "not connected: run growthos connect meta_ads",
      "2026-02-08 06:00, 1 day ago",
      "failed: API_AUTH",
    ]);
    expect(cells(signIns)?.[0]?.slice(3)).toEqual(["2026-01-09 10:00, 30 days ago", "2026-02-10 06:00, 20 hours left"]);
    const later = { ...SAMPLE_OPERATIONS, now: "2026-02-11T00:00:00.000Z" };
    const text = renderMarkdown(connections.build(sampleFacts({ operations: later })));
    expect(text).toContain("2026-02-10 06:00, over");
  });
});

describe("data health", () => {
  it("has a calendar of days, each gap at its place and in words", () => {
    const [calendar] = of(dataHealth, "coverage");
    expect(calendar?.alt).toBe("1 of 1 relation lacks days: traffic, ga4.");
    expect(calendar?.rows[0]?.runs).toEqual([
      { state: "landed", days: { from: "2025-11-10", to: "2026-01-17" } },
      { state: "missing", days: { from: "2026-01-18", to: "2026-01-19" } },
      { state: "landed", days: { from: "2026-01-20", to: "2026-02-08" } },
    ]);
  });

  it("expects no day before the first one, and tells empty from missing", () => {
    const young = coverageCalendar(
      [
        {
          relation: "fact_orders",
          source: "shopify",
          rows: 3,
          first: "2026-02-06",
          last: "2026-02-07",
          missingDays: 0,
          emptyDays: 1,
          gaps: [{ kind: "empty", from: "2026-02-08", to: "2026-02-08", days: 1 }],
        },
      ],
      isoDate("2026-02-08"),
    );
    expect(young?.rows[0]).toEqual({
      label: "orders, shopify",
      runs: [
        { state: "landed", days: { from: "2026-02-06", to: "2026-02-07" } },
        { state: "empty", days: { from: "2026-02-08", to: "2026-02-08" } },
      ],
      text: "none",
      tone: "neutral",
    });
  });

  it("counts the days that an API has left", () => {
    const table = apiSunsets(SAMPLE_OPERATIONS.apis, isoDate("2026-02-09"));
    const rows = table.kind === "table" ? table.rows : [];
    expect(rows[0]?.[3]).toEqual({ text: "51", sort: 51, tone: "bad" });
    expect(rows[1]?.[2]).toMatchObject({ text: "about 2027-07-14", note: expect.stringMatching(/^reckoned/) });
    expect(rows[2]?.[2]?.text).toBe("no end is announced");
  });
});

describe("a workspace of which nothing is known", () => {
  it.each([alerts, jobs, connections, dataHealth])("has a page $id that says so", (page) => {
    const facts = sampleFacts({ operations: NO_OPERATIONS, health: EMPTY_HEALTH });
    const text = renderMarkdown(page.build(facts));
    expect(text).not.toMatch(/undefined|NaN|null/);
    expect(text).toMatch(/not known here|was judged yet|has run yet|Nothing was loaded yet/);
  });
});
